// The first story of all: whoever is on a list at Sympa is in its room, with nothing typed and nothing asked.
import assert from 'node:assert/strict';
import { picture } from './support/browsers.mjs';
import { composer, enterFromSympa, hears, rooms, say, told, words } from './support/room.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();

story('a member walks from Sympa into the room, speaks, and is answered', async ({ sympa, symposium, person }) => {
  const alice = await person('alice@example.org');
  const bob = await person('bob@example.org');
  await enterFromSympa(sympa, alice, list);
  assert.equal(alice.page.url(), symposium.room(list));
  await alice.page.getByRole('heading', { name: 'Open discussion', level: 1 }).waitFor();
  assert.deepEqual(await rooms(alice.page), await sympa.listsOf(alice.email));

  await enterFromSympa(sympa, bob, list);
  assert.deepEqual(await rooms(bob.page), await sympa.listsOf(bob.email));

  await say(alice.page, 'Good morning from Alice');
  await hears(bob.page, 'Good morning from Alice', 1000);
  await say(bob.page, 'And a good one to you, Alice');
  await hears(alice.page, 'And a good one to you, Alice', 1000);
  await picture(alice.page, 'a room with two people');

  // Who comes later, or again, finds it all.
  await alice.page.reload();
  await hears(alice.page, 'Good morning from Alice');
  await hears(alice.page, 'And a good one to you, Alice');
  assert.deepEqual(alice.traffic.problems, []);
});

story('two lists of the same name on two robots are two rooms', async ({ sympa, symposium, person }) => {
  const bob = await person('bob@example.org');
  await enterFromSympa(sympa, bob, list);
  await say(bob.page, 'Only for the first robot');
  await hears(bob.page, 'Only for the first robot');
  await bob.page.goto(symposium.room('open-talk@lists.example.net'));
  await bob.page.getByRole('heading', { name: 'Same name, 2nd robot', level: 1 }).waitFor();
  await say(bob.page, 'Only for the second robot');
  await hears(bob.page, 'Only for the second robot');
  assert.equal(await bob.page.getByText('Only for the first robot').count(), 0);
});

story('somebody who is not on the list stays outside', async ({ sympa, symposium, person }) => {
  const mallory = await person('mallory@example.org');
  await sympa.logInAt(mallory.page, mallory.email);
  await mallory.page.goto(symposium.room(list));
  await told(mallory.page, words.notOnList);
  assert.equal((await mallory.traffic.find('Good morning from Alice')).length, 0);
  assert.equal((await mallory.traffic.find('Open discussion', { kinds: ['response', 'received'] })).filter(({ url }) => url.includes('/chat/')).length, 0);
});

story('no e-mail address of a person leaves the server', async ({ sympa, person }) => {
  const alice = await person('alice@example.org');
  await enterFromSympa(sympa, alice, list);
  await hears(alice.page, 'Good morning from Alice');
  await alice.page.getByRole('button', { name: /^Members/ }).click();
  await alice.page.getByRole('complementary', { name: 'Members' }).getByText('Bob Builder').waitFor();
  // A concealed member is not shown to plain subscribers.
  assert.equal(await alice.page.getByText('Carol Concealed').count(), 0);
  const told = (await alice.traffic.find(/[\w.]+@example\.(org|net)/, { kinds: ['response', 'received'] })).filter(({ url }) => url.includes('/chat/'));
  assert.deepEqual(told.map(({ url }) => url), []);
  const concealed = (await alice.traffic.find('Carol Concealed')).filter(({ url }) => url.includes('/chat/'));
  assert.deepEqual(concealed.map(({ url }) => url), []);
});

story('a session id that Sympa changes signs nobody out', async ({ sympa, person }) => {
  const alice = await person('alice@example.org');
  await enterFromSympa(sympa, alice, list);
  // After two changes the id that was exchanged is gone from Sympa's database.
  await sympa.rotateSession(alice.context);
  await sympa.rotateSession(alice.context);
  await alice.page.reload();
  await composer(alice.page).waitFor();
  await say(alice.page, 'Still here after two changes');
  await hears(alice.page, 'Still here after two changes');
});

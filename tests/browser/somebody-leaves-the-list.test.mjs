// Leave the list and you have left the room: within five seconds, in every window, and nothing more arrives.
import assert from 'node:assert/strict';
import { composer, enter, hears, rooms, say, told, words } from './support/room.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();

story('whoever is taken off the list is out of its room, and hears nothing more', async ({ sympa, symposium, person, test }) => {
  const alice = await person('alice@example.org');
  const bob = await person('bob@example.org');
  await enter(sympa, symposium, alice, list);
  await enter(sympa, symposium, bob, list);
  await say(bob.page, 'While Alice is here');
  await hears(alice.page, 'While Alice is here');

  test.after(() => sympa.subscribe(alice.email, list));
  await sympa.unsubscribe(alice.email, list);
  const gone = Date.now();
  await told(alice.page, words.noLongerOnList, 5000);
  assert.ok(Date.now() - gone <= 5000);
  assert.equal(await composer(alice.page).count(), 0);
  const mark = alice.traffic.mark();

  const edith = await person('edith@example.org');
  await enter(sympa, symposium, edith, list);
  await say(bob.page, 'Only for those who are left');
  await hears(edith.page, 'Only for those who are left');
  assert.equal((await alice.traffic.find('Only for those who are left')).length, 0);
  assert.equal((await alice.traffic.find(/"type":\s*"(event|presence|typing)"/, { since: mark, kinds: ['received'] })).filter(({ text }) => text.includes(roomOf(bob))).length, 0);

  // Nor does the address of the room lead back in.
  await alice.page.goto(symposium.room(list));
  await told(alice.page, words.notOnList);
  assert.deepEqual(await rooms(alice.page), await sympa.listsOf(alice.email));
  assert.ok(!(await rooms(alice.page)).includes(list));
  assert.equal((await alice.traffic.find('Only for those who are left')).length, 0);
});

story('whoever comes back to the list is back in the room', async ({ sympa, symposium, person, test }) => {
  const mallory = await person('mallory@example.org');
  await sympa.logInAt(mallory.page, mallory.email);
  await mallory.page.goto(symposium.room(list));
  await told(mallory.page, words.notOnList);
  test.after(() => sympa.unsubscribe(mallory.email, list));
  await sympa.subscribe(mallory.email, list);
  await mallory.page.goto(symposium.room(list));
  await composer(mallory.page).waitFor();
  await hears(mallory.page, 'Only for those who are left');
});

story('a list that is closed closes its room', async ({ sympa, symposium, person, test }) => {
  const closing = 'forum@lists.example.net';
  const erin = await person('erin@example.net');
  // Sympa's session counts for all robots, so the host of the first one will do for a list of the second.
  await sympa.logInAt(erin.page, erin.email);
  await erin.page.goto(symposium.room(closing));
  await composer(erin.page).waitFor();
  test.after(() => sympa.openList(closing));
  await sympa.closeList(closing);
  await composer(erin.page).waitFor({ state: 'detached', timeout: 5000 });
});

/** The id of the room in which a person last said something. */
function roomOf({ traffic }) {
  const said = traffic.entries.findLast(({ kind, text }) => kind === 'sent' && text.includes('"say"'));
  return JSON.parse(said.text).room;
}

// Leave the list and you have left the room: within five seconds, in every window, and nothing more arrives.
import assert from 'node:assert/strict';
import { asks, atTheSocket, composer, enter, heardOf, hears, isIn, roomOf, rooms, say, told, tokenFor, words } from './support/room.mjs';
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
  const { id } = await roomOf(bob.page, list);

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
  assert.deepEqual(await heardOf(alice, id, mark), []);

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

story('a list that is closed closes its room for all who are in it', async ({ sympa, symposium, person, test }) => {
  const closing = 'forum@lists.example.net';
  const erin = await person('erin@example.net');
  const alice = await person('alice@example.org');
  // Sympa's session counts for all robots, so the host of the first one will do for a list of the second.
  await sympa.logInAt(erin.page, erin.email);
  await erin.page.goto(symposium.room(closing));
  await isIn(erin.page);
  await enter(sympa, symposium, alice, closing);
  await say(erin.page, 'While the list is open');
  await hears(alice.page, 'While the list is open');
  const { id } = await roomOf(erin.page, closing);
  const kept = { kept: await tokenFor(erin.page, id) };
  test.after(() => sympa.openList(closing));
  await sympa.closeList(closing);
  // Sympa first takes everybody off a list and then marks it closed; a look in between sees only that they are off.
  const either = new RegExp(`${words.roomClosed}|${words.noLongerOnList}`);
  await Promise.all([erin, alice].map(({ page }) => told(page, either, 5000)));
  const marks = new Map([erin, alice].map((somebody) => [somebody, somebody.traffic.mark()]));
  for (const { page } of [erin, alice]) assert.equal(await composer(page).count(), 0);

  // One leaves, and a token from before is tried: of neither does anybody hear.
  assert.match((await atTheSocket(erin.page, id, kept)).kept, /^(room_closed|not_a_member)$/);
  const { status } = await asks(erin.page, `api/chat/rooms/${id}/history`, { headers: { authorization: `Bearer ${kept.kept}` } });
  assert.ok(status === 401 || status === 403, String(status));
  await erin.page.goto(symposium.room(closing));
  await told(erin.page, words.notOnList);
  // What is said elsewhere still reaches her, so that the line is known to work.
  const bob = await person('bob@example.org');
  await enter(sympa, symposium, bob, list);
  await alice.page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: /^Open discussion/ }).first().click();
  await isIn(alice.page);
  await say(bob.page, 'Elsewhere life goes on');
  await hears(alice.page, 'Elsewhere life goes on');
  for (const [somebody, mark] of marks) assert.deepEqual(await heardOf(somebody, id, mark), [], somebody.email);
});

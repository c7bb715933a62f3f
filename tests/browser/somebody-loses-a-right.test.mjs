// What one may do follows Sympa and the moderators: within five seconds, in the open browser.
import assert from 'node:assert/strict';
import { asks, composer, enter, hears, message, roomOf, sanction, say, told, words } from './support/room.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();
const WITHIN = 5000;

story('an owner who is one no longer cannot manage the room', async ({ sympa, symposium, person, test }) => {
  const zoe = await person('zoe@example.org');
  test.after(() => sympa.demote(zoe.email, list));
  await sympa.makeOwner(zoe.email, list);
  await enter(sympa, symposium, zoe, list);
  const { id } = await roomOf(zoe.page, list);
  const settings = zoe.page.getByRole('menuitem', { name: 'Room settings' });
  await zoe.page.getByRole('button', { name: 'More about this room' }).click();
  await settings.waitFor();
  assert.equal((await asks(zoe.page, `api/bridge/rooms/${id}/settings`)).status, 200);

  await sympa.demote(zoe.email, list);
  await settings.waitFor({ state: 'detached', timeout: WITHIN });
  await zoe.page.keyboard.press('Escape');
  // Still on the list, and so still in the room.
  await say(zoe.page, 'An ordinary member again');
  await hears(zoe.page, 'An ordinary member again');
  const { status, json } = await asks(zoe.page, `api/bridge/rooms/${id}/settings`, { method: 'PUT', body: { mode: 'off', roster: 'owners' } });
  assert.deepEqual([status, json.code], [403, 'not_allowed']);
});

story('somebody who is banned is out at once, until the ban is lifted', async ({ sympa, symposium, person }) => {
  const bob = await person('bob@example.org');
  const edith = await person('edith@example.org');
  await enter(sympa, symposium, bob, list);
  await enter(sympa, symposium, edith, list);
  await say(edith.page, 'While Bob is here');
  await hears(bob.page, 'While Bob is here');
  const { id } = await roomOf(bob.page, list);

  const panel = await sanction(edith.page, 'Ban', 'Bob Builder', 'Three warnings');
  await told(bob.page, words.banned, WITHIN);
  await bob.page.getByText(/shut you out of this room until \S/).first().waitFor();
  assert.equal(await composer(bob.page).count(), 0);
  const mark = bob.traffic.mark();
  await say(edith.page, 'While Bob is away');
  await hears(edith.page, 'While Bob is away');

  // Neither the address of the room nor a new token leads back.
  await bob.page.reload();
  await told(bob.page, words.banned);
  const { json: asked } = await asks(bob.page, 'api/bridge/tokens', { method: 'POST', body: { audience: 'chat', rooms: [id] } });
  assert.deepEqual(asked, { tokens: [], refused: [{ room: id, code: 'banned' }] });
  assert.equal((await bob.traffic.find('While Bob is away')).length, 0);
  const later = await bob.traffic.find(/"type":\s*"(event|presence|typing)"/, { since: mark, kinds: ['received'] });
  assert.deepEqual(later.filter(({ text }) => text.includes(id)), []);

  await panel.getByRole('button', { name: 'Lift for Bob Builder' }).click();
  await panel.getByRole('button', { name: 'Lift for Bob Builder' }).waitFor({ state: 'detached' });
  await bob.page.goto(symposium.room(list));
  await hears(bob.page, 'While Bob is away');
  await composer(bob.page).waitFor();
});

story('somebody who is muted reads on and is told why he cannot write', async ({ sympa, symposium, person }) => {
  const dave = await person('dave@example.org');
  const edith = await person('edith@example.org');
  await enter(sympa, symposium, dave, list);
  await enter(sympa, symposium, edith, list);
  await composer(dave.page).fill('Not finished yet');
  const panel = await sanction(edith.page, 'Mute', 'Dave Suspended');
  await told(dave.page, words.muted, WITHIN);
  assert.equal(await composer(dave.page).count(), 0);
  await say(edith.page, 'Dave reads this');
  await hears(dave.page, 'Dave reads this');

  await panel.getByRole('button', { name: 'Lift for Dave Suspended' }).click();
  await composer(dave.page).waitFor({ timeout: WITHIN });
  // What he was writing is still there, and goes out now.
  assert.equal(await composer(dave.page).inputValue(), 'Not finished yet');
  await composer(dave.page).press('Enter');
  await hears(edith.page, 'Not finished yet');
});

story('an owner cannot be shut out, and a plain member shuts out nobody', async ({ sympa, symposium, person }) => {
  const edith = await person('edith@example.org');
  const bob = await person('bob@example.org');
  await enter(sympa, symposium, edith, list);
  await enter(sympa, symposium, bob, list);
  const { id } = await roomOf(edith.page, list);
  const { json: roster } = await asks(edith.page, `api/bridge/rooms/${id}/members`);
  const owner = roster.members.find(({ roles }) => roles.includes('owner') || roles.includes('privileged_owner'));
  const alice = roster.members.find(({ name }) => name === 'Alice Liddell');
  const shutOut = (page, member) => asks(page, `api/bridge/rooms/${id}/sanctions`, { method: 'PUT', body: { person: member.person, kind: 'ban', until: Date.now() + 60_000 } });
  assert.equal((await shutOut(edith.page, owner)).json.code, 'not_allowed');
  assert.equal((await shutOut(bob.page, alice)).json.code, 'not_allowed');
  assert.equal((await asks(bob.page, `api/bridge/rooms/${id}/sanctions`)).json.code, 'not_allowed');
  await bob.page.getByRole('button', { name: /^Members/ }).click();
  await bob.page.getByRole('button', { name: 'Actions for Alice Liddell' }).click();
  await bob.page.getByRole('menuitem', { name: 'Message' }).waitFor();
  assert.equal(await bob.page.getByRole('menuitem', { name: 'Ban' }).count(), 0);
});

story('a message that a moderator deletes is gone for everyone', async ({ sympa, symposium, person }) => {
  const bob = await person('bob@example.org');
  const edith = await person('edith@example.org');
  await enter(sympa, symposium, bob, list);
  await enter(sympa, symposium, edith, list);
  await say(bob.page, 'Something that has to go');
  const row = message(edith.page, 'Something that has to go');
  await row.hover();
  await row.getByRole('button', { name: 'Message actions' }).click();
  await edith.page.getByRole('menuitem', { name: 'Delete message' }).click();
  await edith.page.getByRole('dialog', { name: 'Delete message' }).getByRole('button', { name: 'Delete', exact: true }).click();
  await message(bob.page, 'Message deleted by a moderator').waitFor({ timeout: WITHIN });
  assert.equal(await message(bob.page, 'Something that has to go').count(), 0);
  const later = await person('zoe@example.org');
  await enter(sympa, symposium, later, list);
  assert.equal((await later.traffic.find('Something that has to go')).length, 0);
});

// A direct room: two who share a list talk alone; nobody else hears of it, either of them can end it, and so does Sympa.
import assert from 'node:assert/strict';
import { asks, composer, enter, hears, isIn, message, openMembers, say } from './support/room.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();

/** Opens the direct room with a member of the list, as one does in the app. */
async function turnTo(page, name) {
  const panel = await openMembers(page);
  await panel.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: 'Message' }).click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
  await isIn(page);
}

/** The direct room with somebody, in the list of rooms. */
function directWith(page, name) {
  return page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name });
}

/** Picks an entry of the room's menu. */
async function choose(page, entry) {
  await page.getByRole('button', { name: 'More about this room' }).click();
  await page.getByRole('menuitem', { name: entry }).click();
}

/** What stands where one would write, if one may not. */
function rule(page, sentence) {
  return page.getByRole('region', { name: 'Write a message' }).getByText(sentence);
}

story('two who share a list talk alone, and nobody else hears of it', async ({ sympa, symposium, person }) => {
  const alice = await person('alice@example.org');
  const bob = await person('bob@example.org');
  const edith = await person('edith@example.org');
  for (const somebody of [alice, bob, edith]) await enter(sympa, symposium, somebody, list);

  await turnTo(alice.page, 'Bob Builder');
  await alice.page.getByText('Only the two of you read this').waitFor();
  const id = alice.page.url().split('/d/')[1];
  await say(alice.page, 'Between you and me');
  // It is there while he looks at another room, and counts as addressed to him.
  await directWith(bob.page, /Alice Liddell.*1 unread, 1 for you/).click();
  await hears(bob.page, 'Between you and me');
  await say(bob.page, 'I keep it to myself');
  await hears(alice.page, 'I keep it to myself');
  assert.ok(bob.page.url().endsWith(id), 'it is the same room');

  // Neither from her own app nor by asking does an editor of their list learn anything of it.
  assert.deepEqual(await edith.traffic.find(new RegExp(`Between you and me|I keep it to myself|${id}`)), []);
  const { json } = await asks(edith.page, 'api/bridge/tokens', { method: 'POST', body: { audience: 'chat', rooms: [id] } });
  assert.deepEqual(json, { tokens: [], refused: [{ room: id, code: 'not_a_member' }] });
});

story('whoever is blocked cannot write until that is taken back', async ({ sympa, symposium, person }) => {
  const alice = await person('alice@example.org');
  const bob = await person('bob@example.org');
  for (const somebody of [alice, bob]) await enter(sympa, symposium, somebody, list);
  await turnTo(alice.page, 'Bob Builder');
  await turnTo(bob.page, 'Alice Liddell');
  await hears(bob.page, 'I keep it to myself');

  await choose(bob.page, 'Block Alice Liddell');
  await rule(bob.page, 'You have blocked Alice Liddell.').waitFor();
  await rule(alice.page, 'You cannot write to Bob Builder now').waitFor({ timeout: 5000 });
  assert.equal(await composer(alice.page).count(), 0);
  assert.ok(await message(alice.page, 'I keep it to myself').isVisible(), 'what was said can still be read');

  await bob.page.getByRole('button', { name: 'Unblock Alice Liddell' }).click();
  await composer(alice.page).waitFor({ timeout: 5000 });
  await say(alice.page, 'We talk again');
  await hears(bob.page, 'We talk again');
});

story('who shares no list any more reads what was said, and writes no more', async ({ sympa, symposium, person, test }) => {
  const zoe = await person('zoe@example.org');
  const dora = await person('dora@example.org');
  for (const somebody of [zoe, dora]) await enter(sympa, symposium, somebody, list);
  await turnTo(dora.page, 'Zoë Ångström 謝');
  await say(dora.page, 'As long as we share a list');
  await directWith(zoe.page, 'Dora Was-Suspended').click();
  await hears(zoe.page, 'As long as we share a list');

  test.after(() => sympa.subscribe(zoe.email, list));
  await sympa.unsubscribe(zoe.email, list);
  for (const [{ page }, other] of [[dora, 'Zoë Ångström 謝'], [zoe, 'Dora Was-Suspended']]) {
    await rule(page, `You cannot write to ${other}`).waitFor({ timeout: 5000 });
    assert.equal(await composer(page).count(), 0);
    assert.ok(await message(page, 'As long as we share a list').isVisible());
  }
});

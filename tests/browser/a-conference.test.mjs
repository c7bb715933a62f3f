// Members of a real list talk together in the call of their room, by clicking: everybody sees and hears everybody, whoever comes, goes,
// reloads or crashes; and who leads it in Sympa leads it here.
import assert from 'node:assert/strict';
import { arrivals, until } from './support/call.mjs';
import { choose, inTheRoom, isInCall, join, leave, people, seesAndHears, silence, tile } from './support/conference.mjs';
import { isIn } from './support/room.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();
/** The process with the server of calls. */
const signal = (process.env.FORM ?? 'one') === 'one' ? 'symposium' : 'signal-server';

const ALICE = { email: 'alice@example.org', name: 'Alice Liddell' };
const BOB = { email: 'bob@example.org', name: 'Bob Builder' };
const EDITH = { email: 'edith@example.org' };
const DORA = { email: 'dora@example.org' };

/** These people are in the room, and in its call with their cameras. */
async function together(world, ...all) {
  const here = [];
  for (const { email } of all) {
    const somebody = await inTheRoom(world, email, list);
    await join(somebody.page);
    here.push(somebody);
  }
  await Promise.all(here.map(({ page, email }) => seesAndHears(page, all.length - 1, email)));
  return here;
}

story('three members talk: everybody sees and hears everybody, and the room knows', async (world) => {
  const dora = await inTheRoom(world, DORA.email, list);
  const [alice, bob, edith] = await together(world, ALICE, BOB, EDITH);
  const room = dora.page.getByRole('main');
  await room.getByText(/^In call: 3 people, since \d\d:\d\d$/).waitFor();
  await dora.page.getByRole('navigation', { name: 'Rooms' }).getByText('In call: 3 people').waitFor();
  await leave(edith.page);
  await room.getByText(/^In call: 2 people/).waitFor();
  await tile(alice.page, 'Bob Builder').waitFor();
  for (const { page } of [alice, bob]) await leave(page);
  await room.getByText(/^In call:/).waitFor({ state: 'detached' });
  assert.equal((await arrivals(alice.page)).live, 0, 'nothing is connected any more');
});

story('who joins in the middle sees and hears who is there', async (world) => {
  await together(world, ALICE, BOB);
  const dora = await inTheRoom(world, DORA.email, list);
  await join(dora.page);
  await seesAndHears(dora.page, 2, 'Dora');
});

story('a screen is shown to all, hands go up in order, and one mutes oneself', async (world) => {
  const [alice, bob, edith] = await together(world, ALICE, BOB, EDITH);
  await alice.page.getByRole('button', { name: /^Screen/ }).click();
  for (const { page } of [bob, edith]) await page.getByRole('figure').getByLabel('Alice Liddell’s screen').first().waitFor();
  await seesAndHears(bob.page, 3, 'Bob, with the screen');
  await alice.page.getByRole('button', { name: /^Screen/ }).click();
  await bob.page.getByLabel('Alice Liddell’s screen').first().waitFor({ state: 'detached' });

  await bob.page.getByRole('button', { name: 'Hand: raise it' }).click();
  await bob.page.getByRole('button', { name: 'Hand: raised, number 1' }).waitFor();
  await alice.page.getByRole('button', { name: 'Hand: raise it' }).click();
  await alice.page.getByRole('button', { name: 'Hand: raised, number 2' }).waitFor();
  await tile(edith.page, 'Bob Builder').getByText('hand raised, number 1').waitFor({ state: 'attached' });
  await choose(edith.page, 'Bob Builder', 'Lower the hand');
  await alice.page.getByRole('button', { name: 'Hand: raised, number 1' }).waitFor();

  await bob.page.keyboard.press('m');
  await tile(alice.page, 'Bob Builder').getByText('muted').waitFor();
});

story('a tab that crashes is waited for and then gone; a page that is reloaded is back by a click', async (world) => {
  const [alice, bob, edith] = await together(world, ALICE, BOB, EDITH);
  await edith.page.goto('chrome://crash').catch(() => {});
  for (const { page } of [alice, bob]) await page.getByText('reconnecting…').first().waitFor();
  for (const { page } of [alice, bob]) await tile(page, /Edith/).first().waitFor({ state: 'detached', timeout: 25_000 });
  await seesAndHears(alice.page, 1, 'Alice');
  await bob.page.reload();
  await isIn(bob.page);
  await join(bob.page);
  await Promise.all([seesAndHears(alice.page, 1, 'Alice'), seesAndHears(bob.page, 1, 'Bob')]);
});

story('the call is moved from one window to another', async (world) => {
  const [alice, bob] = await together(world, ALICE, BOB);
  const second = await bob.context.newPage();
  await second.goto(bob.page.url());
  await isIn(second);
  await second.getByRole('main').getByRole('button', { name: /^Join the call/ }).click();
  const before = second.getByRole('dialog', { name: /^Before you join the call/ });
  await before.getByRole('button', { name: 'Join', exact: true }).click();
  await before.getByRole('button', { name: 'Move the call here' }).click();
  await isInCall(second);
  await bob.page.getByText('You take part in another window now.').first().waitFor();
  assert.equal((await arrivals(bob.page)).live, 0, 'the first window is out of it');
  await seesAndHears(second, 1, 'Bob, in the second window');
  await tile(alice.page, 'Bob Builder').first().waitFor();
});

story('an editor mutes, asks, locks, sends out and ends; a subscriber has none of it', async (world) => {
  const [edith, alice, bob] = await together(world, EDITH, ALICE, BOB);
  const mine = await people(alice.page);
  for (const name of ['Mute everyone', 'End for everyone']) assert.equal(await mine.getByRole('button', { name }).count(), 0, name);
  await mine.getByRole('button', { name: 'Actions for Bob Builder' }).click();
  assert.deepEqual(await alice.page.getByRole('menuitem').allInnerTexts(), ['Keep large']);
  await alice.page.keyboard.press('Escape');

  const panel = await people(edith.page);
  await panel.getByRole('button', { name: 'Mute everyone' }).click();
  for (const { page } of [alice, bob]) {
    await page.getByText(/switched your microphone off/).first().waitFor();
    await page.getByRole('button', { name: 'Microphone, muted' }).first().waitFor();
  }
  const energy = await silence(edith.page);

  await choose(edith.page, 'Alice Liddell', 'Ask to speak');
  await alice.page.getByRole('group', { name: /asks you to speak/ }).getByRole('button', { name: 'Switch the microphone on' }).click();
  await until(edith.page, (now) => now.energy > energy + 0.01, 'Alice is heard again');

  await panel.getByRole('checkbox', { name: 'Let nobody else in' }).check();
  const dora = await inTheRoom(world, DORA.email, list);
  await dora.page.getByRole('button', { name: /^Join the call/ }).click();
  const before = dora.page.getByRole('dialog', { name: /^Before you join the call/ });
  await before.getByRole('button', { name: 'Listen only' }).click();
  await before.getByText(/The call is locked/).waitFor();
  await panel.getByRole('checkbox', { name: 'Let nobody else in' }).uncheck();

  await choose(edith.page, 'Bob Builder', 'Send out of the call');
  await edith.page.getByRole('dialog').getByRole('button', { name: 'Send out' }).click();
  await bob.page.getByText(/You were sent out of this call/).first().waitFor();
  await bob.page.getByRole('button', { name: 'Join again' }).click();
  await bob.page.getByRole('dialog').getByRole('button', { name: 'Listen only' }).click();
  await bob.page.getByRole('dialog').getByText(/You were sent out of this call/).waitFor();

  await panel.getByRole('button', { name: 'End for everyone' }).click();
  await edith.page.getByRole('dialog').getByRole('button', { name: 'End for everyone' }).click();
  for (const { page } of [edith, alice]) {
    await page.getByText('The call was ended for everyone.').first().waitFor();
    await until(page, ({ live }) => live === 0, 'nothing is connected any more', 5000);
  }
});

story('whoever leaves the list is out of the call within seconds, and the others go on', async (world) => {
  const [alice, bob, zoe] = await together(world, ALICE, BOB, { email: 'zoe@example.org' });
  world.test.after(() => world.sympa.subscribe(zoe.email, list));
  await world.sympa.unsubscribe(zoe.email, list);
  await until(zoe.page, ({ live }) => live === 0, 'the browser has ended the call', 5000);
  await tile(alice.page, /Zoë/).first().waitFor({ state: 'detached' });
  await Promise.all([alice, bob].map(({ page, email }) => seesAndHears(page, 1, email)));
});

story('the server of calls dies, and everybody is back by themselves', async (world) => {
  const [alice, bob, edith] = await together(world, ALICE, BOB, EDITH);
  const dead = await world.symposium.kill(signal);
  for (const { page } of [alice, bob, edith]) await page.locator('[data-call-state="reconnecting"]').first().waitFor();
  await dead.begin();
  for (const { page } of [alice, bob, edith]) await isInCall(page);
  await Promise.all([alice, bob, edith].map(({ page, email }) => seesAndHears(page, 2, email)));
});

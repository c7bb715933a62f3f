// A talk that is longer than what a page holds: where one left off, a link to a message far back, and reading on in both
// directions, with nothing missing and nothing twice.
import assert from 'node:assert/strict';
import { enter, hears, isIn, message, onASocket, roomOf, say, tokenFor } from './support/room.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const rate = { times: 100_000, per_s: 1000 };
const story = stories({ change: (config) => Object.assign(config.chat, { frames: rate, acts: rate }) });
const COUNT = 400;
const line = (n) => `Line ${String(n).padStart(3, '0')}`;

/** Says lines, in order, faster than anybody types. */
async function speak(page, room, lines) {
  const says = lines.map((body) => ({ type: 'say', room, nonce: `a-long-talk-${body.replace(' ', '-')}`, body }));
  const answers = await onASocket(page, [{ type: 'enter', room, token: await tokenFor(page, room), lines: 0 }, ...says]);
  assert.deepEqual(answers.filter(({ type }) => type === 'refused'), []);
}

/** Whether a frame says that this person has read so far; the list of rooms shows a room that one looks at as read before. */
function hasRead(payload, seq) {
  const frame = JSON.parse(payload);
  return frame.type === 'read' && frame.seq >= seq;
}

/** The numbers of the lines that stand in the conversation, as they stand there. */
async function standing(page) {
  const sentences = await message(page, /Line \d{3}/).evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label')));
  return sentences.map((sentence) => Number(sentence.match(/Line (\d{3})/)[1]));
}

function assertWithoutGaps(numbers) {
  assert.deepEqual(numbers, numbers.map((_, n) => numbers[0] + n));
}

/** Makes a page as slow as on an old phone: between any two of its steps a frame is painted. */
function slowly(page) {
  return page.addInitScript(() => {
    const { setTimeout } = globalThis;
    globalThis.setTimeout = (step, ms, ...given) => setTimeout(step, Math.max(ms ?? 0, 50), ...given);
  });
}

/** Turns the wheel over the conversation until a line stands there; on the way nothing is missing or doubled. */
async function readTo(page, n, pixels) {
  await page.getByRole('list', { name: 'Messages' }).hover();
  const wanted = message(page, line(n));
  for (const until = Date.now() + 60_000; (await wanted.count()) === 0; ) {
    assert.ok(Date.now() < until, `${line(n)} does not come`);
    await page.mouse.wheel(0, pixels);
    assertWithoutGaps(await standing(page));
  }
}

/** Whether a message is in view, wholly. */
function isInView(page, text) {
  return message(page, text).evaluate((row) => {
    const { top, bottom } = row.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });
}

/** The line at the top of the view, and how far down it begins, once nothing moves any more. */
function topmost(page) {
  return page.getByRole('list', { name: 'Messages' }).evaluate(async (list) => {
    const edge = document.querySelector('header').getBoundingClientRect().bottom;
    const look = () => {
      const row = [...list.querySelectorAll('[role=listitem][aria-label]')].find((one) => one.getBoundingClientRect().top >= edge);
      return `${row.getAttribute('aria-label')} at ${Math.round(row.getBoundingClientRect().top)}`;
    };
    let [before, since] = ['', performance.now()];
    while (performance.now() - since < 500) {
      const now = look();
      if (now !== before) [before, since] = [now, performance.now()];
      await new Promise(requestAnimationFrame);
    }
    return before;
  });
}

story('somebody who was away finds where they left off, and reads on', async ({ sympa, symposium, person }) => {
  const alice = await person('alice@example.org');
  const bob = await person('bob@example.org');
  await slowly(bob.page);
  await enter(sympa, symposium, alice, list);
  const dialled = bob.page.waitForEvent('websocket');
  await enter(sympa, symposium, bob, list);
  const { id } = await roomOf(alice.page, list);
  const read = (await dialled).waitForEvent('framereceived', ({ payload }) => hasRead(String(payload), 100));
  const lines = Array.from({ length: COUNT }, (_, n) => line(n + 1));
  await speak(alice.page, id, lines.slice(0, 100));
  await hears(bob.page, line(100));
  // He has seen them, says so by being there, and goes.
  await read;
  await bob.page.goto(symposium.url);
  await bob.page.getByRole('navigation', { name: 'Rooms' }).waitFor();
  await speak(alice.page, id, lines.slice(100));

  await bob.page.getByRole('link', { name: /^Open discussion/ }).and(bob.page.getByRole('link', { name: /300 unread/ })).click();
  await isIn(bob.page);
  await hears(bob.page, line(101));
  await topmost(bob.page);
  const rows = await bob.page.getByRole('list', { name: 'Messages' }).getByRole('listitem').evaluateAll((all) => all.map((row) => row.getAttribute('aria-label') ?? row.textContent.trim()));
  const divider = rows.indexOf('New');
  assert.ok(divider > 0, 'a divider');
  assert.match(rows[divider - 1], /Line 100/);
  assert.match(rows[divider + 1], /Line 101/);
  assert.ok(await isInView(bob.page, line(101)), `in view: ${await topmost(bob.page)}`);

  await readTo(bob.page, COUNT, 1200);
  await readTo(bob.page, 1, -1200);
  await bob.page.getByRole('region', { name: 'About this room' }).waitFor();
});

story('a link to a message far back leads there, and on from there both ways', async ({ sympa, symposium, person }) => {
  const zoe = await person('zoe@example.org');
  await enter(sympa, symposium, zoe, list);
  await hears(zoe.page, line(COUNT));
  const { page } = zoe;
  // The link is the one the app itself gives.
  await zoe.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(symposium.url).origin });
  await readTo(page, 150, -1200);
  const row = message(page, line(150));
  await row.hover();
  await row.getByRole('button', { name: 'Message actions' }).click();
  await page.getByRole('menuitem', { name: 'Copy link' }).click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(link.startsWith(`${symposium.room(list)}/m/`), link);

  const bob = await person('bob@example.org');
  await enter(sympa, symposium, bob, list);
  await bob.page.goto(link);
  await hears(bob.page, line(150));
  assert.ok(await isInView(bob.page, line(150)));
  assert.ok(await message(bob.page, line(150)).evaluate((element) => element === document.activeElement), 'it has the focus');
  assert.equal(await message(bob.page, line(COUNT)).count(), 0);
  await readTo(bob.page, 40, -1200);
  await readTo(bob.page, COUNT, 1200);
  // At the end again, what is said now appears.
  await bob.page.mouse.wheel(0, 100_000);
  await bob.page.getByRole('button', { name: /new messages$/ }).waitFor({ state: 'detached' });
  await say(zoe.page, 'And one more line');
  await hears(bob.page, 'And one more line');
});

story('whoever reads far back is not moved, and comes back to the end with one press', async ({ sympa, symposium, person }) => {
  const dora = await person('dora@example.org');
  const zoe = await person('zoe@example.org');
  await enter(sympa, symposium, dora, list);
  await enter(sympa, symposium, zoe, list);
  await hears(dora.page, line(COUNT));
  await readTo(dora.page, 300, -1200);
  const seen = await topmost(dora.page);
  await say(zoe.page, 'Said while she reads the past');
  await hears(zoe.page, 'Said while she reads the past');
  const down = dora.page.getByRole('button', { name: '1 new message' });
  await down.waitFor();
  assert.equal(await topmost(dora.page), seen);
  await down.click();
  await hears(dora.page, 'Said while she reads the past');
  assert.ok(await isInView(dora.page, 'Said while she reads the past'));
});

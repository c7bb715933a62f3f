// A cable is pulled in the middle of a call, and the server of calls dies in the middle of a call: both people see it, nobody does
// anything, and sound and picture are there again.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { answer, call, callIs, hangUp, hearsAndSees, inPage, keepPeers, turnTo } from './support/call.mjs';
import { storiesOverNetworks } from './support/network.mjs';
import { enter, isIn } from './support/room.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
/** The process with the server of calls, and with the relay that is built into it. */
const signal = (process.env.FORM ?? 'one') === 'one' ? 'symposium' : 'signal-server';
/** What breaks is looked for anew for so long. */
const BACK_MS = 20_000;

const beside = stories();
const apart = storiesOverNetworks();

for (const side of ['left', 'right']) {
  apart(`the cable on the ${side} is out for ten seconds, and the call comes back`, async ({ alice, bob, ...networks }) => {
    await talk(alice, bob);
    networks[side].unplug();
    const tenSeconds = pause(10_000);
    for (const { page } of [alice, bob]) await callIs(page, 'reconnecting');
    await tenSeconds;
    networks[side].plugIn();
    await goesOn(alice, bob);
    await ends(alice, bob);
  });
}

apart('the relay dies with the server of calls, and the call comes back through the next one', async ({ symposium, alice, bob }) => {
  await talk(alice, bob);
  const dead = await symposium.kill(signal);
  for (const { page } of [alice, bob]) await callIs(page, 'reconnecting');
  await dead.begin();
  await goesOn(alice, bob);
  await ends(alice, bob);
});

beside('the server of calls dies, and who talks directly does not notice', async ({ sympa, symposium, person }) => {
  const [alice, bob] = [await person('alice@example.org'), await person('bob@example.org')];
  for (const [somebody, other] of [[alice, 'Bob Builder'], [bob, 'Alice Liddell']]) {
    await somebody.context.addInitScript(keepPeers);
    await enter(sympa, symposium, somebody, list);
    await turnTo(somebody.page, other);
    await isIn(somebody.page);
  }
  await talk(alice, bob);
  const marks = new Map([alice, bob].map((somebody) => [somebody, somebody.traffic.mark()]));
  for (const { page } of [alice, bob]) await inPage(page, listenForGaps);
  const dead = await symposium.kill(signal);
  await dead.begin();
  for (const [{ traffic }, since] of marks) await eventually(() => traffic.find(/"type":\s*"connected"/, { since, kinds: ['received'] }), 'both are there again');
  for (const { page } of [alice, bob]) await callIs(page, 'talking');
  await Promise.all([hearsAndSees(alice.page, 'Alice'), hearsAndSees(bob.page, 'Bob')]);
  for (const { page } of [alice, bob]) {
    const longest = await inPage(page, () => window.longestGap);
    assert.ok(longest < 2000, `frames stayed away for ${longest} ms`);
  }
  await ends(alice, bob);
});

async function talk(alice, bob) {
  await call(alice.page);
  await answer(bob.page);
  for (const { page } of [alice, bob]) await callIs(page, 'talking');
  await Promise.all([hearsAndSees(alice.page, 'Alice'), hearsAndSees(bob.page, 'Bob')]);
}

async function goesOn(alice, bob) {
  for (const { page } of [alice, bob]) await callIs(page, 'talking', BACK_MS);
  await Promise.all([hearsAndSees(alice.page, 'Alice'), hearsAndSees(bob.page, 'Bob')]);
}

/** Hanging up is heard by the other one, too. */
async function ends(alice, bob) {
  await hangUp(bob.page);
  for (const { page } of [alice, bob]) await page.getByText(/The call is over/).first().waitFor();
}

/** Keeps the longest time in which no picture came. Runs inside the page. */
function listenForGaps() {
  window.longestGap = 0;
  let [frames, last] = [-1, performance.now()];
  setInterval(async () => {
    const peer = window.peersOfThisPage.find((one) => one.connectionState === 'connected');
    const now = peer ? [...(await peer.getStats()).values()].reduce((sum, one) => sum + (one.type === 'inbound-rtp' && one.kind === 'video' ? one.framesDecoded ?? 0 : 0), 0) : frames;
    window.longestGap = Math.max(window.longestGap, performance.now() - last);
    if (now !== frames) [frames, last] = [now, performance.now()];
  }, 100);
}

async function eventually(some, what) {
  for (const deadline = Date.now() + BACK_MS; Date.now() < deadline; await pause(100)) if ((await some()).length > 0) return;
  throw new Error(`never: ${what}`);
}

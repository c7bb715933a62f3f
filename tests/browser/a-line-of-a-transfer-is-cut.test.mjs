// A cable is pulled in the middle of a transfer, and the server that brings browsers together dies in the middle of one: nobody does
// anything, it goes on where it was, and the file is whole.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { countsFiles, poured, writesSlowly } from './support/data-channel.mjs';
import { accept, folderFor, hasArrived, makeFile, MiB, offer, pickInside, saved, says, staged } from './support/files.mjs';
import { storiesOverNetworks } from './support/network.mjs';

/** The process that brings browsers together, and relays. */
const signal = (process.env.FORM ?? 'one') === 'one' ? 'symposium' : 'signal-server';
/** Until what was broken is seen, mended, and the rest has come. */
const WHOLE_MS = 60_000;

const story = storiesOverNetworks([[pickInside], [countsFiles], [writesSlowly, 100]]);

for (const [side, whose] of [['left', 'sends'], ['right', 'fetches']]) {
  story(`the cable of who ${whose} is out for ten seconds, and the file arrives whole`, async ({ alice, bob, test, ...networks }) => {
    const file = await halfWay(alice, bob, test, `${whose}.mkv`);
    networks[side].unplug();
    await pause(10_000);
    networks[side].plugIn();
    await isWhole(alice, bob, file);
  });
}

story('the relay dies with the server, and the file arrives whole through the next one', async ({ symposium, alice, bob, test }) => {
  const file = await halfWay(alice, bob, test, 'relayed.mkv');
  const dead = await symposium.kill(signal);
  await dead.begin();
  await isWhole(alice, bob, file);
});

/** Alice has offered a file and half of it has arrived at Bob's. */
async function halfWay(alice, bob, test, name) {
  const file = await makeFile(await folderFor(test), name, 32 * MiB);
  await offer(alice.page, file.path);
  await accept(bob.page, name);
  await hasArrived(bob.page, name, 0.5);
  return file;
}

async function isWhole(alice, bob, { name, size, print }) {
  await says(bob.page, name, 'Saved and checked.', WHOLE_MS);
  await says(alice.page, name, 'Delivered. You no longer offer it.');
  assert.deepEqual(await saved(bob.page), [{ path: name, size, print }]);
  assert.deepEqual(await staged(bob.page), [], 'nothing is left where it waited');
  const sent = (await poured(alice.page)).reduce((sum, bytes) => sum + bytes, 0);
  assert.ok(sent < 1.5 * size, `it did not begin from the beginning, ${sent} bytes were sent`);
}

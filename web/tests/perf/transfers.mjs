// How fast a file goes from browser to browser, by the direct way and through the relay that is built in, beside a data channel between
// the same two pages, on the same way, that carries bytes and nothing else.
//
//   node tests/perf/transfers.mjs [--quick] [PROGRAM]     --quick: a file of 32 MiB and one round, instead of 256 MiB and three
//
// A transfer counts from the first bytes of the file to the moment when all of it is checked and on the receiver's disk; copying it
// from there to where the person wants it has a row of its own. The two take turns, and which of them begins changes.
import { link } from 'node:fs/promises';
import { join } from 'node:path';
import { keepPeers, until } from '../../../tests/browser/support/call.mjs';
import { accept, makeFile, MiB, offer, pickInside, saved, says } from '../../../tests/browser/support/files.mjs';
import { bare } from './bare.mjs';
import { HEAD, median, row, spread } from './table.mjs';
import { two } from './two.mjs';

const QUICK = process.argv.includes('--quick');
const SIZE = (QUICK ? 32 : 256) * MiB;
const ROUNDS = QUICK ? 1 : 3;
const LEAST = 0.9;
/** The bare channel may choose the size of its messages; the better of these counts. */
const MESSAGES = [64 * 1024, 256 * 1024];

/** What runs in the page from its first moment: when the first bytes of a file came, and when everything was there and right. */
function watchPulls() {
  const { createDataChannel } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.createDataChannel = function (label, options) {
    const channel = createDataChannel.call(this, label, options);
    if (label !== 'files') return channel;
    const pull = (window.pull = { peer: this });
    const first = ({ data }) => {
      if (typeof data === 'string') return;
      pull.began = performance.now();
      channel.removeEventListener('message', first);
    };
    channel.addEventListener('message', first);
    channel.send = function (data) {
      if (typeof data === 'string' && data.includes('"done"')) pull.ended = performance.now();
      return RTCDataChannel.prototype.send.call(this, data);
    };
    return channel;
  };
}

/**
 * Sends the file through the app. The bytes of a second until all of it is checked and on disk, the seconds from there until it is where
 * it belongs, and with what the two connections were made.
 */
async function transfer([from, to], file, hidden) {
  await to.evaluate(() => (window.pull = {}));
  await offer(from, file.path, { hidden });
  await accept(to, file.name);
  await to.waitForFunction(() => window.pull.began);
  const { local, remote } = await until(to, ({ local }) => local !== null, 'a way is in use');
  if ((local === 'relay' && remote === 'relay') !== hidden) throw new Error(`a way from ${local} to ${remote}`);
  const configurations = [];
  for (const page of [from, to]) configurations.push(await page.evaluate(() => window.pull.peer.getConfiguration()));
  await says(to, file.name, 'Saved and checked.', 300_000);
  const { at, began, ended } = await to.evaluate(() => ({ ...window.pull, peer: null, at: performance.now() }));
  const [there] = await saved(to);
  if (there?.print !== file.print) throw new Error('what arrived is not what was sent');
  await to.evaluate(async () => (await navigator.storage.getDirectory()).removeEntry('picked', { recursive: true }));
  await says(from, file.name, 'Delivered. You no longer offer it.');
  return { rate: (SIZE * 1000) / (ended - began), copy: (at - ended) / 1000, configurations };
}

async function measure({ pages, folder }, film, hidden) {
  let n = 0;
  // Each is offered under a name of its own.
  const again = async () => {
    const name = `${hidden ? 'relayed' : 'direct'}-${n++}.mkv`;
    await link(film.path, join(folder, name));
    return transfer(pages, { ...film, name, path: join(folder, name) }, hidden);
  };
  // The first one warms everything up, and tells how the app connects.
  let { configurations } = await again();
  const sums = { app: [], copy: [], bare: new Map(MESSAGES.map((size) => [size, []])) };
  const turns = [
    async () => {
      const told = await again();
      sums.app.push(told.rate);
      sums.copy.push(told.copy);
      ({ configurations } = told);
    },
    async () => {
      for (const [size, rates] of sums.bare) rates.push(await bare(pages, configurations, { total: SIZE, size }));
    },
  ];
  for (let round = 0; round < ROUNDS; round++) {
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
  }
  return { ...sums, bare: [...sums.bare.values()].sort((a, b) => median(b) - median(a))[0] };
}

const world = await two(keepPeers, pickInside, watchPulls);
const film = await makeFile(world.folder, 'film.mkv', SIZE);
const inMiB = (rates) => rates.map((rate) => rate / MiB);
console.log(HEAD);
for (const hidden of [false, true]) {
  const { app, copy, bare } = await measure(world, film, hidden);
  const ratio = median(app) / median(bare);
  const what = `a file of ${SIZE / MiB} MiB, ${hidden ? 'relayed' : 'direct'}`;
  const [least, measured] = [spread(inMiB(bare)), spread(inMiB(app))];
  const kept = ratio >= LEAST;
  console.log(
    row(`${what}: MiB/s (least: a bare data channel)`, { least, measured, ratio, target: `>= ${LEAST}x`, kept }),
  );
  console.log(row(`${what}: until it is copied to its place, s`, { measured: spread(copy) }));
}
await world.stop();
process.exit(0);

// Puts a relay between Chromium and Firefox, in every pairing, and tells what came of it:
//   TURN_SECRET=... node tests/browser/relay.mjs 'turn:127.0.0.1:3478?transport=udp' 'turn:127.0.0.1:3478?transport=tcp'
// It works with the relay that is built in and with coturn. Fails when one pair does not get through.
import { createHmac } from 'node:crypto';
import { closeFirefox, startChromium, startFirefox } from './support/browsers.mjs';
import { relayed } from './support/relayed.mjs';

const person = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const username = `${Math.floor(Date.now() / 1000) + 600}:${person}`;
const credential = createHmac('sha1', process.env.TURN_SECRET ?? '').update(username).digest('base64');

const [chromium, firefox] = await Promise.all([startChromium(), startFirefox()]);
const open = { Chromium: async () => (await chromium.newContext()).newPage(), Firefox: () => firefox.newPage() };
let failed = 0;
try {
  for (const urls of process.argv.slice(2)) {
    for (const one of Object.keys(open)) {
      for (const other of Object.keys(open)) {
        const told = await relayed(await open[one](), await open[other](), [{ urls, username, credential }]).catch((error) => error);
        const works = !(told instanceof Error) && told.local === 'relay' && told.remote === 'relay';
        failed += works ? 0 : 1;
        console.log(works ? 'ok    ' : 'FAILED', urls, one, other, works ? JSON.stringify(told) : told.message ?? JSON.stringify(told));
      }
    }
  }
} finally {
  await chromium.close();
  await closeFirefox(firefox);
}
process.exit(failed === 0 ? 0 : 1);

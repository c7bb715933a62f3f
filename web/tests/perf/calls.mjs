// How long it takes until two people see each other: from the click on Answer to the first picture that stands in the page of the one
// who answers, and in the page of the one who called; by the direct way and through the relay that is built in.
//
//   node tests/perf/calls.mjs [--quick] [PROGRAM]     --quick: three calls instead of fifteen
//
// The pages take the times themselves, each by its own clock, whose beginnings the browser tells in the time of the day.
import { answer, call, hangUp, keepPeers, until } from '../../../tests/browser/support/call.mjs';
import { HEAD, median, percentile, row } from './table.mjs';
import { two } from './two.mjs';

const CALLS = process.argv.includes('--quick') ? 3 : 15;
const MOST_MS = 1000;
const SIDES = ['at the one who answers', 'at the one who called'];

/** What runs in the page from its first moment: when Answer was pressed, and when the other one's first picture was shown. */
function watchPictures() {
  const day = (time) => performance.timeOrigin + time;
  const watched = new WeakSet();
  window.watchNextPicture = () => (window.picture = new Promise((seen) => (window.pictureSeen = seen)));
  document.addEventListener(
    'click',
    (event) => {
      if (/^Answer/.test(event.target.closest?.('button')?.textContent.trim() ?? '')) {
        window.answeredAt = day(event.timeStamp);
      }
    },
    true,
  );
  const look = () => {
    for (const video of document.querySelectorAll('video[data-who="them"]')) {
      if (watched.has(video)) continue;
      watched.add(video);
      video.requestVideoFrameCallback((_, { presentationTime }) => window.pictureSeen?.(day(presentationTime)));
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
}

/** One call: the milliseconds from Answer to the picture, on both sides. */
async function once({ pages: [caller, callee] }, hidden) {
  for (const page of [caller, callee]) await page.evaluate(() => void window.watchNextPicture());
  await call(caller, { hidden });
  await answer(callee);
  const [theirs, mine] = await Promise.all([callee, caller].map((page) => page.evaluate(() => window.picture)));
  const answeredAt = await callee.evaluate(() => window.answeredAt);
  const { local, remote } = await until(caller, ({ local }) => local !== null, 'a way is in use');
  if ((local === 'relay' && remote === 'relay') !== hidden) throw new Error(`a way from ${local} to ${remote}`);
  await hangUp(caller);
  for (const page of [caller, callee])
    await page
      .getByText(/The call is over/)
      .first()
      .waitFor();
  return [theirs - answeredAt, mine - answeredAt];
}

const world = await two(keepPeers, watchPictures);
console.log(HEAD);
for (const hidden of [false, true]) {
  // The first one fetches the programs of calls and warms everything up.
  await once(world, hidden);
  const taken = [];
  for (let n = 0; n < CALLS; n++) taken.push(await once(world, hidden));
  for (const [side, where] of SIDES.entries()) {
    const times = taken.map((times) => times[side]);
    const middle = median(times);
    const measured = `${Math.round(middle)} (p95 ${Math.round(percentile(times, 0.95))})`;
    const figure = `${CALLS} calls, ${hidden ? 'relayed' : 'direct'}: from Answer to the first picture ${where}, ms`;
    console.log(row(figure, { measured, target: `< ${MOST_MS}`, kept: middle < MOST_MS }));
  }
}
await world.stop();
process.exit(0);

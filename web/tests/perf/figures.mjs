// The figures of the web app, measured in Chromium against a real server. Ends with 1 when one is missed.
//
//   npm run figures [-- PROGRAM]     PROGRAM: a symposium as it is deployed, or that of the variable SYMPOSIUM, or target/release/symposium
//
// First message: from the start of the navigation, with an empty cache, to the frame after the first message stands in the page;
// the median of five. The line is a proxy that shapes every byte, also those of the socket, and counts handshakes. No TLS.
// Tasks count by processor time, for what else the machine does is no property of the app.
import { chromium } from 'playwright-core';
import { house, PORT, SLOW_PORT, ticket } from './house.mjs';
import { line } from './line.mjs';

const READER = 'margit.halasz@example.org';
const ROOM = 'r/board@lists.example.org';
const MESSAGES = 10_000;
const RUNS = 5;
const LINES = [
  { bitsPerS: 1_600_000, roundTripMs: 150, mostMs: 2000 },
  { bitsPerS: 400_000, roundTripMs: 400, mostMs: 6000 },
];
const FLAGS =
  '--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync --disable-quic';
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

let missed = 0;
function figure(what, value, most, unit) {
  const kept = value <= most;
  if (!kept) missed += 1;
  console.log(`${kept ? 'ok    ' : 'MISSED'} ${what}: ${Math.round(value)} ${unit} (at most ${most} ${unit})`);
}

async function signedIn(browser, base) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(base + ticket(READER));
  await page.getByRole('button', { name: /^Continue as/ }).click();
  await page.getByRole('navigation').waitFor();
  const state = await context.storageState();
  return { context, page, state };
}

/** What runs in the page from its first moment: when the first message could be read. */
function watchFirstMessage() {
  const seen = new MutationObserver(() => {
    if (!document.querySelector('[data-seq] .body')) return;
    seen.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => (window.firstMessageMs = performance.now())));
  });
  seen.observe(document, { childList: true, subtree: true });
}

async function firstMessage(browser) {
  const base = `http://127.0.0.1:${SLOW_PORT}/`;
  const server = await house(base);
  for (const { bitsPerS, roundTripMs, mostMs } of LINES) {
    const quick = await line({ from: SLOW_PORT, to: PORT, bitsPerS: 1e9, roundTripMs: 0 });
    const { context, state } = await signedIn(browser, base);
    await context.close();
    await new Promise((resolve) => (quick.close(resolve), quick.closeAllConnections?.()));
    const slow = await line({ from: SLOW_PORT, to: PORT, bitsPerS, roundTripMs });
    const times = [];
    for (let i = 0; i < RUNS; i++) {
      const cold = await browser.newContext({ storageState: state, viewport: { width: 1280, height: 800 } });
      const page = await cold.newPage();
      await page.addInitScript(watchFirstMessage);
      await page.goto(base + ROOM, { waitUntil: 'commit' });
      await page.waitForFunction(() => window.firstMessageMs, null, { timeout: 30_000 });
      times.push(await page.evaluate(() => window.firstMessageMs));
      await cold.close();
    }
    slow.close();
    console.log(`       each: ${times.map(Math.round).join(', ')} ms`);
    figure(
      `first message readable at ${bitsPerS / 1000} kbit/s and ${roundTripMs} ms round trip`,
      median(times),
      mostMs,
      'ms',
    );
  }
  await server.stop();
}

/** Says so many things in a room through one socket of the page. */
async function fill({ address, count }) {
  const json = (path, body) =>
    fetch(path, {
      method: body ? 'POST' : 'GET',
      headers: { 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    }).then((answer) => answer.json());
  const room = (await json(`/api/bridge/rooms/at/${address}`)).id;
  const { tokens } = await json('/api/bridge/tokens', { audience: 'chat', rooms: [room] });
  const words =
    'The long table in the reading room has been waxed and smells of it, which is either a reason to come or not to. ';
  await new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${location.host}/api/chat/socket`);
    let answered = 0;
    let sent = 0;
    const more = () => {
      while (sent < count && sent - answered < 200) {
        sent += 1;
        const body = `Line **${sent}**. ${words.repeat(1 + (sent % 3))}${sent % 7 === 0 ? '\n\n- one\n- two `code`' : ''}`;
        socket.send(
          JSON.stringify({ type: 'say', ref: `f${sent}`, room, nonce: `figures-${sent}-${Date.now()}`, body }),
        );
      }
    };
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      if (frame.type === 'welcome')
        socket.send(JSON.stringify({ type: 'enter', ref: 'e', room, token: tokens[0].token, lines: 0 }));
      if (frame.type === 'refused') reject(new Error(data));
      if (frame.type === 'entered') more();
      if (frame.type === 'ok' && ++answered === count) resolve(socket.close());
      else if (frame.type === 'ok') more();
    };
    socket.onclose = () => reject(new Error(`the socket closed after ${answered}`));
  });
}

/** Does something with a page and answers how long the longest tasks of its main thread were meanwhile. */
async function traced(page, what) {
  const cdp = await page.context().newCDPSession(page);
  const events = [];
  cdp.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  await cdp.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel', '__metadata'] },
  });
  await what();
  const complete = new Promise((resolve) => cdp.once('Tracing.tracingComplete', resolve));
  await cdp.send('Tracing.end');
  await complete;
  await cdp.detach();
  const mains = new Set(events.filter((e) => e.args?.name === 'CrRendererMain').map((e) => `${e.pid} ${e.tid}`));
  const tasks = events.filter((e) => e.ph === 'X' && e.tdur !== undefined && mains.has(`${e.pid} ${e.tid}`));
  const longest = (of) => tasks.reduce((most, task) => Math.max(most, task[of] / 1000), 0);
  return { tasks: tasks.length, cpu: longest('tdur'), clock: longest('dur') };
}

/** Opens the room in a fresh page, as somebody does who follows a link to it. */
async function open(page, base) {
  await page.goto(base + ROOM);
  await page.locator('[data-seq]').last().waitFor();
  await page.waitForTimeout(1500);
}

/** Scrolls up by the wheel, then back; answers through how many messages. */
async function scroll(page) {
  const first = async () => Number(await page.locator('[data-seq]').first().getAttribute('data-seq'));
  await page.mouse.move(700, 400);
  const before = await first();
  for (let i = 0; i < 240; i++) {
    await page.mouse.wheel(0, -900);
    await page.waitForTimeout(30);
  }
  const after = await first();
  for (let i = 0; i < 60; i++) {
    await page.mouse.wheel(0, 1500);
    await page.waitForTimeout(30);
  }
  return before - after;
}

async function manyMessages(browser) {
  const base = `http://127.0.0.1:${PORT}/`;
  const server = await house(base);
  const { page } = await signedIn(browser, base);
  const start = performance.now();
  await page.evaluate(fill, { address: 'board@lists.example.org', count: MESSAGES });
  console.log(`       ${MESSAGES} messages written in ${Math.round(performance.now() - start)} ms`);
  const opening = await traced(page, () => open(page, base));
  await page.evaluate(() => {
    window.most = 0;
    setInterval(() => {
      window.most = Math.max(window.most, document.querySelectorAll('[data-seq]').length);
    }, 20);
  });
  let walked = 0;
  const scrolling = await traced(page, async () => (walked = await scroll(page)));
  const most = await page.evaluate(() => window.most);
  const clocks = [opening, scrolling].map(({ clock }) => `${Math.round(clock)} ms`).join(' and ');
  console.log(`       scrolled through ${walked} messages; by the clock, the longest tasks took ${clocks}`);
  if (opening.tasks < 100 || scrolling.tasks < 100 || walked < 500) throw new Error('too little was seen');
  figure(`longest task while opening a room of ${MESSAGES} messages, of processor time`, opening.cpu, 50, 'ms');
  figure('longest task while scrolling in it, of processor time', scrolling.cpu, 50, 'ms');
  figure('message nodes at any time', most, 300, 'nodes');
  await server.stop();
}

const browser = await chromium.launch({ executablePath, args: FLAGS.split(' ') });
await firstMessage(browser);
await manyMessages(browser);
await browser.close();
process.exit(missed > 0 ? 1 : 0);

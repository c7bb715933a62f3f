// The pictures README and docs show: rooms of the demo community, on a desk in light colours and on a phone in dark ones.
// Arguments: the program, and the folder for the pictures.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openContext, startChromium } from './support/browsers.mjs';
import { isIn, openMembers } from './support/room.mjs';

const [program, folder] = process.argv.slice(2);
const PORT = 18170;
const site = `http://127.0.0.1:${PORT}/`;
const list = 'open-talk@lists.example.org';
const desk = { viewport: { width: 1200, height: 750 }, colorScheme: 'light' };
const phone = { viewport: { width: 390, height: 760 }, deviceScaleFactor: 2, colorScheme: 'dark', isMobile: true, hasTouch: true };
/** So that pictures stay small enough to be kept with the source. */
const MOST_BYTES = 200_000;

/** Signs in as one of the people of the demo and goes to an address of the app. */
async function visit(chromium, who, options, path) {
  const { page, context } = await openContext(chromium, options);
  await page.goto(`${site}demo/${who}`);
  await page.getByRole('button', { name: /^Continue as/ }).click();
  await page.getByRole('navigation', { name: 'Rooms' }).waitFor();
  await page.goto(site + path);
  if (path.startsWith('r/')) {
    await isIn(page);
    await page.getByRole('button', { name: 'Understood' }).first().click();
  }
  return { page, context };
}

async function shoot({ page, context }, name) {
  await page.mouse.move(0, 0);
  await page.evaluate(() => document.fonts.ready);
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => {}))));
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path });
  const { size } = await stat(path);
  if (size > MOST_BYTES) throw new Error(`${path} has ${size} bytes, more than ${MOST_BYTES}`);
  console.log(`${path} ${Math.round(size / 1000)} kB`);
  await context.close();
}

const pictures = {
  async room(chromium) {
    return visit(chromium, 'subscriber', desk, `r/${list}`);
  },
  async members(chromium) {
    const view = await visit(chromium, 'editor', desk, `r/${list}`);
    await openMembers(view.page);
    return view;
  },
  async 'room-settings'(chromium) {
    const view = await visit(chromium, 'owner', desk, `r/${list}`);
    await view.page.getByRole('button', { name: 'More about this room' }).click();
    await view.page.getByRole('menuitem', { name: 'Room settings' }).click();
    await view.page.getByRole('complementary', { name: 'Room settings' }).getByRole('radio').first().waitFor();
    return view;
  },
  async 'sign-in'(chromium) {
    const view = await openContext(chromium, desk);
    await view.page.goto(`${site}r/${list}`);
    await view.page.getByRole('heading', { level: 1 }).waitFor();
    return view;
  },
  async 'phone-room'(chromium) {
    return visit(chromium, 'subscriber', phone, `r/${list}`);
  },
  async 'phone-rooms'(chromium) {
    const view = await visit(chromium, 'subscriber', phone, '');
    await view.page.getByRole('navigation', { name: 'Rooms' }).getByRole('listitem').first().waitFor();
    return view;
  },
};

const data = await mkdtemp(join(tmpdir(), 'symposium-demo-'));
const demo = spawn(program, ['demo', '--data', data, '--port', String(PORT)], { stdio: ['ignore', 'pipe', 'pipe'] });
let said = '';
for (const stream of [demo.stdout, demo.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
let chromium;
try {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const answer = await fetch(`${site}config.json`).catch(() => null);
    if (answer?.ok) break;
    if (demo.exitCode !== null || Date.now() > deadline) throw new Error('the demo does not start');
    await pause(50);
  }
  await mkdir(folder, { recursive: true });
  chromium = await startChromium();
  // Others are there as well.
  for (const who of ['owner', 'editor', 'suspended']) await visit(chromium, who, desk, `r/${list}`);
  for (const [name, take] of Object.entries(pictures)) await shoot(await take(chromium), name);
} catch (error) {
  console.error(said);
  throw error;
} finally {
  await chromium?.close();
  demo.kill('SIGTERM');
  if (demo.exitCode === null) await once(demo, 'exit');
  await rm(data, { recursive: true, force: true });
}

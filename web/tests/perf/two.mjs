// Two people of the demo in their direct room, each in a browser of their own with a camera and a microphone that are made up, on
// one machine, and the house between them. The browsers keep their data on a real disk, as people's browsers do.
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { turnTo } from '../../../tests/browser/support/call.mjs';
import { isIn } from '../../../tests/browser/support/room.mjs';
import { house, PORT, ticket } from './house.mjs';

const BASE = `http://127.0.0.1:${PORT}/`;
const ROOM = 'r/board@lists.example.org';
const PEOPLE = [
  { email: 'margit.halasz@example.org', name: 'Margit Halász' },
  { email: 'rafael.ibanez@example.org', name: 'Rafael Ibáñez Quiroga' },
];
const FLAGS = [
  '--no-sandbox',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-features=WebRtcHideLocalIpsWithMdns,OptimizationHints,MediaRouter,Translate',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

/** Starts everything; `scripts`: what both pages run before their own. The answer has their pages, and what stops it all. */
export async function two(...scripts) {
  const folder = await mkdtemp(join(tmpdir(), 'symposium-two-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const server = await house(BASE, join(folder, 'house'));
  const contexts = [];
  for (const n of PEOPLE.keys()) contexts.push(await open(join(folder, `browser-${n}`), scripts));
  const pages = [];
  for (const [n, context] of contexts.entries()) pages.push(await signIn(context, PEOPLE[n], PEOPLE[1 - n]));
  return {
    folder,
    pages,
    async stop() {
      for (const context of contexts) await context.close();
      await server.stop();
    },
  };
}

async function open(profile, scripts) {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const viewport = { width: 1280, height: 800 };
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: FLAGS,
    locale: 'en-GB',
    viewport,
  });
  for (const script of scripts) await context.addInitScript(script);
  return context;
}

async function signIn(context, { email }, other) {
  const [page] = context.pages();
  page.setDefaultTimeout(30_000);
  await page.goto(BASE + ticket(email));
  await page.getByRole('button', { name: /^Continue as/ }).click();
  await page.getByRole('navigation').waitFor();
  await page.goto(BASE + ROOM);
  await turnTo(page, other.name);
  await isIn(page);
  return page;
}

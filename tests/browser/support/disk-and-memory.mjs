// A browser that keeps its data on a real disk, and how much memory all its processes have for themselves.
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from 'playwright-core';

/** A person in a browser of their own that keeps its data on a real disk, as people's browsers do: a window of `person` keeps it in memory. */
export async function personWithADisk(email, { folder }) {
  const profile = await mkdtemp(join(folder, 'profile-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    locale: 'en-GB',
    viewport: { width: 1280, height: 800 },
    args: [
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-features=WebRtcHideLocalIpsWithMdns,OptimizationHints,MediaRouter,Translate',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1',
    ],
  });
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(15_000);
  return { email, context, page, profile };
}

/** Watches the private memory of all processes of such a browser; `before` and `peak` in bytes, and of which kind of process they were. */
export async function watchMemory(test, profile) {
  const root = await rootOf(profile);
  const first = await memoryOf(root);
  const watch = { before: first.sum, at: first.parts, peak: first.sum, parts: first.parts };
  let on = true;
  const watching = (async () => {
    // Seldom: to count the pages of a process holds it up.
    for (; on; await pause(1000)) {
      const { sum, parts } = await memoryOf(root);
      if (sum > watch.peak) Object.assign(watch, { peak: sum, parts });
    }
  })();
  watch.stop = async () => {
    on = false;
    await watching;
    return watch.peak - watch.before;
  };
  test.after(watch.stop);
  return watch;
}

async function rootOf(profile) {
  for (const pid of await readdir('/proc')) {
    const command = await read(pid, 'cmdline');
    if (command.includes(`--user-data-dir=${profile}`) && !command.includes('--type=')) return pid;
  }
  throw new Error(`no browser has ${profile}`);
}

async function memoryOf(root) {
  const parts = {};
  const family = [root];
  for (const pid of family) {
    const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
    const children = await Promise.all(tasks.map((task) => read(pid, `task/${task}/children`)));
    family.push(...children.join(' ').split(' ').filter(Boolean));
    const [command, maps] = await Promise.all([read(pid, 'cmdline'), read(pid, 'smaps_rollup')]);
    const [, kind] = command.match(/--utility-sub-type=([\w.]+)/) ?? command.match(/--type=([\w-]+)/) ?? [, 'browser'];
    const bytes = [...maps.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB/gm)].reduce((sum, [, kB]) => sum + Number(kB) * 1024, 0);
    parts[kind] = (parts[kind] ?? 0) + bytes;
  }
  return { sum: Object.values(parts).reduce((sum, bytes) => sum + bytes, 0), parts };
}

/** What the system says of a process; nothing, when it has ended. */
const read = (pid, what) => readFile(`/proc/${pid}/${what}`, 'utf8').catch(() => '');

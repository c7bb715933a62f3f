// What somebody tries first: the demo, from the command to a talk between two browsers; and what `symposium check` tells
// an administrator about a configuration that works, and about some that do not. No Sympa is needed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openContext, startChromium } from './support/browsers.mjs';
import { composer, hears, isIn, openMembers, say } from './support/room.mjs';
import { binaries, toml } from './support/symposium.mjs';

const PORT = 18270;
const site = `http://127.0.0.1:${PORT}/`;
const list = 'open-talk@lists.example.org';
let data;
let running;

before(async () => (data = await mkdtemp(join(tmpdir(), 'symposium-demo-'))));
after(async () => {
  running?.process.kill('SIGKILL');
  await rm(data, { recursive: true, force: true });
});

test('the demo: three people come in by the links it prints, and two of them talk', { timeout: 120_000 }, async () => {
  await startDemo();
  const links = Object.fromEntries(['owner', 'editor', 'subscriber'].map((who) => [who, running.said().match(new RegExp(`^\\s+${who}\\s+(http\\S+)\\s*$`, 'm'))?.[1]]));
  for (const [who, link] of Object.entries(links)) assert.ok(link?.startsWith(site), `${who}: ${link} in\n${running.said()}`);
  const browsers = await Promise.all([startChromium(), startChromium()]);
  try {
    const [owner, subscriber] = await Promise.all([visit(browsers[0], links.owner), visit(browsers[1], links.subscriber)]);
    assert.notEqual(owner.name, subscriber.name);
    await say(owner.page, 'Somebody tries the demo');
    await hears(subscriber.page, 'Somebody tries the demo');
    await say(subscriber.page, 'And it answers');
    await hears(owner.page, 'And it answers');
    // The editor is another person again, and sees who is here.
    const editor = await visit(browsers[0], links.editor);
    await hears(editor.page, 'And it answers');
    const panel = await openMembers(editor.page);
    for (const { name } of [owner, subscriber]) await panel.getByRole('listitem').filter({ hasText: name }).first().waitFor();
    assert.equal(new Set([owner, subscriber, editor].map(({ name }) => name)).size, 3);
    for (const { traffic } of [owner, subscriber, editor]) assert.deepEqual(traffic.problems, []);

    // Stopped and started again it has kept what was said.
    await stopDemo();
    await startDemo();
    await subscriber.page.reload();
    await hears(subscriber.page, 'And it answers', 30_000);
    await composer(subscriber.page).waitFor();
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()));
    await stopDemo();
  }
});

test('check: a configuration that works is said to work', { timeout: 60_000 }, async () => {
  const { code, out, err } = await check();
  assert.equal(code, 0, `${out}\n${err}`);
  assert.equal(err, '');
  const lines = out.trimEnd().split('\n');
  for (const line of lines) assert.match(line, /^(ok|note) +\S/, out);
  for (const words of [`The configuration is understood; members come to ${site}`, "Sympa's five tables can be read.", "The lists' own settings can be read.", 'Messages can be stored.']) {
    assert.ok(lines.some((line) => line.startsWith('ok ') && line.includes(words)), `${words} in\n${out}`);
  }
});

const broken = {
  'a database that is not there': { change: (config) => (config.bridge.sympa.database = 'sqlite:/nowhere/sympa.sqlite'), names: /^WRONG .*Sympa/m, code: 1 },
  'a database that refuses the password': { change: (config) => (config.bridge.sympa.database = 'postgres://nobody@127.0.0.1:9/sympa'), names: /^WRONG .*Sympa/m, code: 1 },
  'a secret whose file is missing': { env: { ACTION_SECRET: undefined, ACTION_SECRET_FILE: '/nowhere/secret' }, names: /\/nowhere\/secret/, code: 1 },
  'no secret at all': { env: { ACTION_SECRET: undefined }, names: /ACTION_SECRET/, code: 1 },
  'a key that does not exist': { change: (config) => (config.bridge.sympa.databse = 'x'), names: /databse/, code: 1 },
  // Rooms work without it, more narrowly: said, and not called wrong.
  "lists' settings that cannot be read": { change: (config) => (config.bridge.sympa.list_data = '/nowhere/list_data'), names: /^note .*\/nowhere\/list_data cannot be read/m, code: 0 },
};
for (const [what, { change, env, names, code: expected }] of Object.entries(broken)) {
  test(`check: ${what} is named`, { timeout: 60_000 }, async () => {
    const { code, out, err } = await check({ change, env });
    const said = `${out}\n${err}`;
    assert.equal(code, expected, said);
    assert.match(said, names);
    assert.doesNotMatch(said, /panicked|RUST_BACKTRACE/);
  });
}

/** Starts the demo and waits until it serves. */
async function startDemo() {
  const process = spawn(join(binaries, 'symposium'), ['demo', '--data', data, '--port', String(PORT)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [process.stdout, process.stderr]) stream.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  running = { process, said: () => text };
  for (const deadline = Date.now() + 60_000; ; await pause(50)) {
    if ((await fetch(`${site}config.json`).catch(() => null))?.ok) return;
    if (process.exitCode !== null || Date.now() > deadline) throw new Error(`the demo does not start:\n${text}`);
  }
}

/** Ends it as Ctrl+C does. */
async function stopDemo() {
  if (running.process.exitCode !== null || running.process.signalCode !== null) return;
  running.process.kill('SIGINT');
  await once(running.process, 'exit');
  assert.equal(running.process.exitCode, 0, running.said());
}

/** Follows a sign-in link, says yes, and goes to the room all three are in. */
async function visit(browser, link) {
  const opened = await openContext(browser);
  const { page } = opened;
  await page.goto(link);
  const yes = page.getByRole('button', { name: /^Continue as/ });
  const name = (await yes.innerText()).replace('Continue as ', '').trim();
  await yes.click();
  await page.getByRole('navigation', { name: 'Rooms' }).waitFor();
  await page.goto(`${site}r/${list}`);
  await isIn(page);
  return { ...opened, name };
}

/** Runs `symposium check` on the data of the demo; `change` spoils the configuration, `env` the environment. */
async function check({ change, env = {} } = {}) {
  const config = {
    site: { name: 'Harbour Library', url: site },
    symposium: { listen: `127.0.0.1:${PORT}`, monitor: `127.0.0.1:${PORT + 20}`, data },
    bridge: {
      sign_in: { cookie: false, mail: false, password: true, action: true },
      sympa: {
        database: `sqlite:${data}/sympa.sqlite`,
        list_data: `${data}/list_data`,
        listmasters: ['listmaster@example.org'],
        robots: ['org', 'net'].map((end) => ({ robot: `lists.example.${end}`, url: `https://lists.example.${end}/sympa` })),
      },
    },
  };
  change?.(config);
  const file = join(data, 'check.toml');
  await writeFile(file, toml(config));
  const process = spawn(join(binaries, 'symposium'), ['check', '--config', file], { env: { PATH: '/usr/bin:/bin', ACTION_SECRET: 'a-secret-that-is-long-enough-for-tests', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  process.stdout.setEncoding('utf8').on('data', (text) => (out += text));
  process.stderr.setEncoding('utf8').on('data', (text) => (err += text));
  const [code] = await once(process, 'close');
  return { code, out, err };
}

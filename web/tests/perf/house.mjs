// The server under measurement: the demo community's data, run with limits that let a room be filled and a relay be used up, behind an
// address of choice.
import { spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const SECRET = randomBytes(24).toString('hex');
const root = new URL('../../../', import.meta.url).pathname;
const given = process.argv.slice(2).find((word) => !word.startsWith('--'));
const binary = resolve(given ?? process.env.SYMPOSIUM ?? `${root}target/release/symposium`);

export const PORT = 8470;
export const SLOW_PORT = 8471;

function start(args) {
  if (!existsSync(binary)) throw new Error(`${binary} is missing: cargo build --release --bin symposium`);
  const child = spawn(binary, args, {
    env: { ...process.env, ACTION_SECRET: SECRET },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.on('exit', () => child.kill());
  let said = '';
  return new Promise((resolve, reject) => {
    const hear = (chunk) => {
      said += chunk;
      if (said.includes('Serving http')) resolve(child);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', (code) => reject(new Error(`symposium ended with ${code}:\n${said}`)));
  });
}

const stop = (child) => new Promise((resolve) => (child.on('exit', resolve), child.kill('SIGTERM')));

/** Starts it at `url`; the answer is what stops it. */
export async function house(url, data = mkdtempSync(join(tmpdir(), 'symposium-figures-'))) {
  if (!existsSync(join(data, 'sympa.sqlite'))) {
    const demo = await start(['demo', '--data', data, '--port', String(PORT)]);
    await stop(demo);
  }
  const config = join(data, 'figures.toml');
  const rate = '{ times = 1000000, per_s = 1 }';
  writeFileSync(
    config,
    `[site]\nname = "Figures"\nurl = "${url}"\n[symposium]\nlisten = "127.0.0.1:${PORT}"\nmonitor = "127.0.0.1:${PORT + 20}"\ndata = "${data}"\n` +
      `[bridge.sign_in]\ncookie = false\nmail = false\npassword = false\naction = true\n` +
      `[bridge.sympa]\ndatabase = "sqlite:${data}/sympa.sqlite"\nlist_data = "${data}/list_data"\n` +
      ['org', 'net']
        .map(
          (end) =>
            `[[bridge.sympa.robots]]\nrobot = "lists.example.${end}"\nurl = "https://lists.example.${end}/sympa"\n`,
        )
        .join('') +
      `[chat]\nframes = ${rate}\nacts = ${rate}\n` +
      `[signal]\nacts = ${rate}\n` +
      `[signal.turn]\nlisten = ["127.0.0.1:${PORT + 21}"]\nhost = "127.0.0.1"\nbytes_per_second = 1000000000\n`,
  );
  const child = await start(['run', '--config', config]);
  return { data, stop: () => stop(child) };
}

/** The path that signs in, as Sympa's custom action would make it. */
export function ticket(email) {
  const claims = {
    v: 1,
    exp: Math.floor(Date.now() / 1000) + 60,
    nonce: randomBytes(16).toString('hex'),
    email,
    list: '',
  };
  const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `sign-in/action#t=${body}.${createHmac('sha256', SECRET).update(body).digest('hex')}`;
}

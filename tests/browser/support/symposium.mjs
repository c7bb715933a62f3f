// Starts and stops Symposium from the built binaries, as one process or as three, with a configuration made for the test
// in a directory of its own, against the running real Sympa.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { realSympa } from './sympa.mjs';

/** The folder of the programs. */
export const binaries = process.env.SYMPOSIUM_BIN ?? fileURLToPath(new URL('../../../target/debug', import.meta.url));

/**
 * Starts Symposium and waits until it says that it is ready.
 * `site`: the public address of the web app; `smtp`: port of a mail sink; `change`: a function that may change the
 * configuration (an object with the shape of symposium.toml) before it is written; `written`: what makes the text of the
 * file from it; `secrets`: more of them, by name.
 * Three processes keep their own data in PostgreSQL where Sympa does; else it is in SQLite.
 */
export async function startSymposium(sympa, { site = sympa.chatBeside, smtp = 2525, change, written = toml, secrets = {} } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'symposium-'));
  const config = configuration(sympa, { directory, site, smtp });
  if (sympa.form === 'three' && sympa.kind === 'postgresql') {
    config.bridge.database = await realSympa('store', 'bridge');
    config.chat.database = await realSympa('store', 'chat');
  }
  change?.(config);
  const symposium = new Symposium(sympa, directory, config, written, site, secrets);
  try {
    await symposium.start();
  } catch (error) {
    console.error(symposium.logs());
    await symposium.stop();
    throw error;
  }
  return symposium;
}

/** A running Symposium. */
class Symposium {
  #processes = [];
  #commands = [];
  #env = {};
  #lines = [];

  constructor(sympa, directory, config, written, url, secrets) {
    this.sympa = sympa;
    this.secrets = secrets;
    this.directory = directory;
    this.config = config;
    this.written = written;
    this.url = url;
    this.host = new URL(url).host;
  }

  /** Writes the configuration, starts the processes, waits for all to be ready. */
  async start() {
    const file = join(this.directory, 'symposium.toml');
    await writeFile(file, this.written(this.config));
    this.#env = { PATH: process.env.PATH, HOME: this.directory, RUST_BACKTRACE: '1', ...(await this.#secrets()) };
    const { symposium, bridge, chat, signal } = this.config;
    this.#commands = symposium
      ? [['symposium', ['run', '--config', file], symposium.monitor]]
      : [
          ['sympa-bridge', ['--config', file], bridge.monitor],
          ['chat-server', ['--config', file], chat.monitor],
          ['signal-server', ['--config', file], signal.monitor],
        ];
    for (const [name, args, monitor] of this.#commands) {
      this.#run(name, args);
      await this.#ready(name, monitor);
    }
  }

  /** Kills one of the processes, as no administrator would; `await begin()` brings it back. */
  async kill(name) {
    const process = this.#processes.find(({ nick }) => nick === name);
    this.#processes = this.#processes.filter((other) => other !== process);
    process.kill('SIGKILL');
    await once(process, 'exit');
    const [, args, monitor] = this.#commands.find(([nick]) => nick === name);
    return {
      begin: () => {
        this.#run(name, args);
        return this.#ready(name, monitor);
      },
    };
  }

  /** What the process with the bridge says about its health: status, colour and parts. */
  async health() {
    const { symposium, bridge } = this.config;
    const answer = await fetch(`http://${(symposium ?? bridge).monitor}/readyz`, { signal: AbortSignal.timeout(5000) });
    return { status: answer.status, ...(await answer.json()) };
  }

  /** Ends the processes as an administrator would, and waits for them; `start` may follow. */
  async halt() {
    const running = this.#processes.filter((process) => process.exitCode === null && process.signalCode === null && process.pid);
    this.#processes = [];
    for (const process of running) process.kill('SIGTERM');
    await Promise.all(
      running.map(async (process) => {
        const late = setTimeout(() => process.kill('SIGKILL'), 15_000);
        if (process.exitCode === null && process.signalCode === null) await once(process, 'exit');
        clearTimeout(late);
      }),
    );
  }

  async stop() {
    await this.halt();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** What the processes have said so far. */
  logs() {
    return this.#lines.join('\n');
  }

  /** The address of a room in the web app. */
  room(list) {
    return `${this.url}r/${list}`;
  }

  async #secrets() {
    const values = {
      ACTION_SECRET: this.sympa.env.ACTION_SECRET,
      CHAT_SECRET: 'the-secret-of-the-chat-server-in-tests',
      SIGNAL_SECRET: 'the-secret-of-the-signal-server-in-tests',
      NOTES_SECRET: 'the-secret-of-what-rooms-are-told-in-tests',
    };
    if (this.sympa.kind !== 'sqlite') values.SYMPA_DATABASE_PASSWORD = this.sympa.env.DATABASE_PASSWORD;
    if (this.config.bridge.database.startsWith('postgres:')) {
      values.BRIDGE_DATABASE_PASSWORD = this.sympa.env.STORE_PASSWORD;
      values.CHAT_DATABASE_PASSWORD = this.sympa.env.STORE_PASSWORD;
    }
    Object.assign(values, this.secrets);
    const env = {};
    for (const [name, value] of Object.entries(values)) {
      env[`${name}_FILE`] = join(this.directory, name.toLowerCase());
      await writeFile(env[`${name}_FILE`], `${value}\n`, { mode: 0o600 });
    }
    return env;
  }

  #run(name, args) {
    const process = spawn(join(binaries, name), args, { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (text) => this.#lines.push(...text.trimEnd().split('\n').map((line) => `${name}: ${line}`));
    process.stdout.setEncoding('utf8').on('data', keep);
    process.stderr.setEncoding('utf8').on('data', keep);
    process.on('error', (error) => keep(String(error)));
    process.on('exit', (code, signal) => keep(`ended (${signal ?? code})`));
    process.nick = name;
    this.#processes.push(process);
  }

  async #ready(name, monitor) {
    const process = this.#processes.find(({ nick }) => nick === name);
    const deadline = Date.now() + 30_000;
    let last = '';
    while (Date.now() < deadline) {
      if (!process.pid || process.exitCode !== null || process.signalCode !== null) throw new Error(`${name} has ended instead of getting ready`);
      const answer = await fetch(`http://${monitor}/readyz`, { signal: AbortSignal.timeout(2000) }).catch(() => null);
      last = answer ? await answer.text() : 'no answer';
      // Green, not amber: a service that still looks for its neighbours lets nobody in.
      if (answer?.ok && JSON.parse(last).colour === 'green') return;
      await pause(50);
    }
    throw new Error(`${name} is not ready after 30 s; ${last}`);
  }
}

function configuration({ env, form, urls, secureUrls }, { directory, site, smtp }) {
  const three = form === 'three';
  const at = site.startsWith('https:') ? secureUrls : urls;
  const robots = [
    { robot: env.R1, url: at[env.R1] },
    { robot: env.R2, url: at[env.R2], listmasters: ['robotmaster@example.net'] },
  ];
  return {
    site: { name: 'Lists of Example', url: site, language: 'en' },
    ...(three ? {} : { symposium: { listen: env.CHAT, monitor: `127.0.0.1:${Number(env.PORT) + 12}`, data: directory } }),
    service: { trusted_proxies: ['127.0.0.1'], log: 'info' },
    bridge: {
      ...(three ? { listen: '127.0.0.1:8071', internal: '127.0.0.1:8081', monitor: '127.0.0.1:8091' } : {}),
      database: `sqlite:${directory}/bridge.sqlite`,
      sign_in: { cookie: true, action: true, mail: true, password: true },
      sympa: { database: env.DATABASE_URL, listmasters: ['listmaster@example.org'], list_data: env.LISTS, bcrypt_cost: 6, robots },
      mail: { smtp: `smtp://127.0.0.1:${smtp}`, from: `Lists of Example <chat@${env.R1}>` },
    },
    chat: {
      ...(three ? { listen: '127.0.0.1:8072', internal: '127.0.0.1:8082', monitor: '127.0.0.1:8092', bridge: 'http://127.0.0.1:8081/' } : {}),
      database: `sqlite:${directory}/chat.sqlite`,
    },
    signal: {
      ...(three ? { listen: '127.0.0.1:8073', monitor: '127.0.0.1:8093', bridge: 'http://127.0.0.1:8081/', chat: 'http://127.0.0.1:8082/' } : {}),
      turn: { listen: [`127.0.0.1:${Number(env.PORT) + 6}`], host: '127.0.0.1' },
      media: { listen: [`127.0.0.1:${Number(env.PORT) + 7}`] },
    },
  };
}

/** The TOML text of an object: plain values first, then tables, then arrays of tables. */
export function toml(table, path = []) {
  const isTable = (value) => typeof value === 'object' && !Array.isArray(value);
  const isTables = (value) => Array.isArray(value) && value.length > 0 && value.every(isTable);
  const entries = Object.entries(table).filter(([, value]) => value !== undefined);
  const lines = entries.filter(([, value]) => !isTable(value) && !isTables(value)).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  for (const [key, value] of entries.filter(([, value]) => isTable(value))) {
    lines.push('', `[${[...path, key].join('.')}]`, toml(value, [...path, key]));
  }
  for (const [key, value] of entries.filter(([, value]) => isTables(value))) {
    for (const item of value) lines.push('', `[[${[...path, key].join('.')}]]`, toml(item, [...path, key]));
  }
  return lines.join('\n');
}

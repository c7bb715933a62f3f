// Debian's coturn with the settings of deploy/coturn, on this machine for a story.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** What credentials are made with. */
export const turnSecret = 'the-secret-of-the-relay-in-tests-0123';
const [port, tls] = [23478, 25349];

/** The addresses a site is given for it. */
export const coturnUrls = [`turn:127.0.0.1:${port}?transport=udp`, `turn:127.0.0.1:${port}?transport=tcp`, `turns:127.0.0.1:${tls}?transport=tcp`];

/** Starts coturn; `certificate` names the files of its TLS. On a machine of its own its peers are on loopback, which nobody else allows. */
export async function startCoturn({ certificate, key }) {
  const directory = await mkdtemp(join(tmpdir(), 'coturn-'));
  const ours = await readFile(new URL('../../../deploy/coturn/turnserver.conf', import.meta.url), 'utf8');
  const loopback = /^(denied-peer-ip=127|allowed-peer-ip|cert=|pkey=|tls-listening-port|alt-tls|listening-port|syslog)/;
  const lines = ours
    .replace('THE_TURN_SECRET', turnSecret)
    .split('\n')
    .filter((line) => !loopback.test(line));
  lines.push(`listening-port=${port}`, `tls-listening-port=${tls}`, 'listening-ip=127.0.0.1', 'relay-ip=127.0.0.1', 'allow-loopback-peers');
  lines.push(`cert=${certificate}`, `pkey=${key}`, `pidfile=${directory}/pid`, `userdb=${directory}/db`, `log-file=${directory}/log`);
  await writeFile(join(directory, 'turnserver.conf'), lines.join('\n'));
  const process = spawn('turnserver', ['-c', join(directory, 'turnserver.conf')], { stdio: 'ignore' });
  await answers(port, process);
  return {
    async stop() {
      process.kill('SIGKILL');
      if (process.exitCode === null && process.signalCode === null) await once(process, 'exit');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function answers(at, process) {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await pause(50)) {
    if (process.exitCode !== null) throw new Error(`coturn has ended (${process.exitCode})`);
    const socket = connect(at, '127.0.0.1');
    const open = await Promise.race([once(socket, 'connect').then(() => true, () => false), pause(500, false)]);
    socket.destroy();
    if (open) return;
  }
  throw new Error('coturn does not answer');
}

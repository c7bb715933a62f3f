// The files of deploy/nginx, in the nginx of the real Sympa: each path reaches its service, sockets pass, and nobody can
// claim another address. Small servers that say what they were asked stand in for the services.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { rest } from './support/story.mjs';
import { realSympa, startSympa } from './support/sympa.mjs';

const nginxFolder = fileURLToPath(new URL('../../deploy/nginx/', import.meta.url));
const wanted = process.env.FORM ?? 'one';
const servers = [];
let sympa;

describe('nginx', () => {
  before(async () => {
    await rest();
    sympa = await startSympa();
    for (const port of [Number(sympa.env.PORT) + 2, 8071, 8072, 8073]) servers.push(await mirror(port));
  });
  after(async () => {
    for (const server of servers) server.closeAllConnections();
    for (const server of servers) server.close();
    await realSympa('chat', wanted);
  });

  test('three services: each path reaches its own', async () => {
    await realSympa('chat', 'three');
    assert.equal((await ask('/chat/')).port, 8071);
    assert.equal((await ask('/chat/r/open-talk@lists.example.org')).port, 8071);
    assert.equal((await ask('/chat/api/bridge/session')).port, 8071);
    assert.equal((await ask('/chat/api/chat/rooms/1/history?limit=5')).port, 8072);
    assert.equal((await ask('/chat/api/signal/socket')).port, 8073);
    await proves();
  });

  test('one process: all paths reach it', async () => {
    await realSympa('chat', 'one');
    const port = Number(sympa.env.PORT) + 2;
    for (const path of ['/chat/', '/chat/r/x@y', '/chat/api/bridge/session', '/chat/api/chat/socket', '/chat/api/signal/socket']) assert.equal((await ask(path)).port, port);
    await proves();
  });

  test('the example of a whole server is good for nginx', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nginx-'));
    try {
      const text = async (name) => (await readFile(join(nginxFolder, name), 'utf8')).replace(/include (snippets\/[\w-]+\.conf)/g, (_, file) => `include ${folder}/${file.split('/')[1]}`);
      for (const name of ['symposium.conf', 'symposium-one.conf', 'symposium-proxy.conf', 'symposium-http.conf']) await writeFile(join(folder, name), await text(name));
      // Other ports and another certificate than in the example: these are the machine's own.
      const server = (await text('server-example.conf'))
        .replace(/listen (\[::\]:)?(80|443)/g, (_, v6, port) => `listen ${v6 ? '[::1]' : '127.0.0.1'}:${port}`)
        .replace(/ssl_certificate .*/, `ssl_certificate ${sympa.env.DATA}/tls.crt;`)
        .replace(/ssl_certificate_key .*/, `ssl_certificate_key ${sympa.env.DATA}/tls.key;`);
      await writeFile(join(folder, 'server.conf'), server);
      await writeFile(join(folder, 'nginx.conf'), `pid ${folder}/pid; error_log ${folder}/log; events {} http { access_log off; include ${folder}/symposium-http.conf; include ${folder}/server.conf; }`);
      await promisify(execFile)('nginx', ['-t', '-q', '-c', join(folder, 'nginx.conf')]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

async function proves() {
  const seen = await ask('/chat/api/bridge/session', { 'X-Forwarded-For': '203.0.113.9', 'X-Forwarded-Proto': 'https' });
  assert.equal(seen.headers['x-forwarded-for'], '127.0.0.1');
  assert.equal(seen.headers['x-forwarded-proto'], 'http');
  assert.equal(seen.headers.host, `${sympa.env.HOST1}:${sympa.env.PORT}`);
  assert.equal(seen.headers.upgrade, undefined);
  const bare = await raw('/chat');
  assert.equal(bare.status, 301);
  assert.equal(bare.headers.location, '/chat/');
  assert.equal(await upgrades('/chat/api/chat/socket'), 101);
  assert.equal(await upgrades('/chat/api/signal/socket'), 101);
}

/** A server that answers with what it was asked, and accepts every WebSocket. */
async function mirror(port) {
  const server = createServer((req, res) => res.end(JSON.stringify({ port, path: req.url, headers: req.headers })));
  server.on('upgrade', (req, socket) => {
    const accept = createHash('sha1').update(`${req.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.end(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function to(path, headers) {
  return request({ host: '127.0.0.1', port: sympa.env.PORT, path, headers: { Host: `${sympa.env.HOST1}:${sympa.env.PORT}`, ...headers } });
}

async function raw(path, headers) {
  const [response] = await once(to(path, headers).end(), 'response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, headers: response.headers, body };
}

async function ask(path, headers) {
  return JSON.parse((await raw(path, headers)).body);
}

async function upgrades(path) {
  const asked = to(path, { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==' });
  const [response, socket] = await once(asked.end(), 'upgrade');
  socket.destroy();
  return response.statusCode;
}

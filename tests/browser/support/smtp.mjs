// A mail server that only listens: it takes every message, keeps it, and sends nothing on.
import { createServer } from 'node:net';
import { EventEmitter, once } from 'node:events';

/** Starts a sink on a port of 127.0.0.1; 0 lets the system choose. */
export async function startMailSink(port = 0) {
  const sink = new MailSink();
  sink.server.listen(port, '127.0.0.1');
  await once(sink.server, 'listening');
  sink.port = sink.server.address().port;
  return sink;
}

class MailSink {
  messages = [];
  #arrived = new EventEmitter();
  #sockets = new Set();
  server = createServer((socket) => this.#serve(socket));

  /** The next message to an address that was not taken yet. */
  async take(to, { timeout = 10_000 } = {}) {
    const signal = AbortSignal.timeout(timeout);
    for (;;) {
      const at = this.messages.findIndex((message) => message.to.includes(to));
      if (at >= 0) return this.messages.splice(at, 1)[0];
      await once(this.#arrived, 'message', { signal }).catch(() => {
        throw new Error(`no mail to ${to} within ${timeout} ms`);
      });
    }
  }

  async stop() {
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  #serve(socket) {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setEncoding('latin1');
    const say = (line) => socket.write(`${line}\r\n`);
    let buffer = '';
    let envelope = { from: '', to: [] };
    let inData = false;
    say('220 sink ESMTP');
    socket.on('data', (chunk) => {
      buffer += chunk;
      for (;;) {
        const end = inData ? buffer.indexOf('\r\n.\r\n') : buffer.indexOf('\r\n');
        if (end < 0) return;
        const text = buffer.slice(0, end);
        buffer = buffer.slice(end + (inData ? 5 : 2));
        if (inData) {
          inData = false;
          const raw = `${text}\r\n`.replace(/^\.\./gm, '.');
          this.messages.push({ ...envelope, raw, ...readMessage(raw) });
          envelope = { from: '', to: [] };
          say('250 kept');
          this.#arrived.emit('message');
          continue;
        }
        const address = () => text.match(/<([^>]*)>/)?.[1] ?? '';
        const verb = text.slice(0, 4).toUpperCase();
        if (verb === 'EHLO') socket.write('250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n');
        else if (verb === 'HELO' || verb === 'NOOP') say('250 sink');
        else if (verb === 'MAIL') say(((envelope = { from: address(), to: [] }), '250 ok'));
        else if (verb === 'RCPT') say((envelope.to.push(address()), '250 ok'));
        else if (verb === 'RSET') say(((envelope = { from: '', to: [] }), '250 ok'));
        else if (verb === 'DATA') say(((inData = true), '354 go on'));
        else if (verb === 'QUIT') socket.end('221 bye\r\n');
        else say('502 not here');
      }
    });
  }
}

/** Headers (lower-case names) and the plain text of a message, its first text part when there are several. */
export function readMessage(raw) {
  const [head, ...rest] = raw.split('\r\n\r\n');
  const headers = Object.fromEntries(
    head.replace(/\r\n[ \t]+/g, ' ').split('\r\n').map((line) => line.split(/:\s*(.*)/s, 2)).map(([name, value]) => [name.toLowerCase(), value ?? '']),
  );
  const body = rest.join('\r\n\r\n');
  const boundary = headers['content-type']?.match(/boundary="?([^";]+)/)?.[1];
  if (boundary) {
    const parts = body.split(`--${boundary}`).slice(1, -1).map((part) => readMessage(part.replace(/^\r\n/, '')));
    return { headers, text: (parts.find((part) => /^text\/plain/.test(part.headers['content-type'] ?? 'text/plain')) ?? parts[0])?.text ?? '' };
  }
  return { headers, text: decode(body, headers['content-transfer-encoding']?.toLowerCase()) };
}

function decode(body, encoding) {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding === 'quoted-printable') {
    const bytes = body.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
    return Buffer.from(bytes, 'latin1').toString('utf8');
  }
  return Buffer.from(body, 'latin1').toString('utf8');
}

/** The first web address in a message. */
export function linkIn(message) {
  const link = message.text.match(/https?:\/\/\S+/)?.[0];
  if (!link) throw new Error(`no link in the mail:\n${message.text}`);
  return link;
}

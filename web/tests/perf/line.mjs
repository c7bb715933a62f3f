// A slow line: a proxy that lets bytes through as a line of so many bits per second and such a round trip would.
import { connect, createServer } from 'node:net';

const CHUNK = 1400;

/** Listens on `from` and speaks to `to`. A connection costs one round trip before its first byte, as its handshake would. */
export function line({ from, to, bitsPerS, roundTripMs }) {
  const ways = { up: { freeAt: 0 }, down: { freeAt: 0 } };
  const send = (way, chunk, socket, extraMs) => {
    for (let at = 0; at < chunk.length; at += CHUNK) {
      const part = chunk.subarray(at, at + CHUNK);
      way.freeAt = Math.max(way.freeAt, performance.now()) + (part.length * 8000) / bitsPerS;
      setTimeout(
        () => socket.writable && socket.write(part),
        way.freeAt - performance.now() + roundTripMs / 2 + extraMs,
      );
    }
  };
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    const openAt = performance.now() + roundTripMs;
    near.on('data', (chunk) => send(ways.up, chunk, far, Math.max(0, openAt - performance.now())));
    far.on('data', (chunk) => send(ways.down, chunk, near, 0));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      one.on('error', () => other.destroy());
      one.on('close', () => setTimeout(() => other.destroy(), 2 * roundTripMs + 1000));
    }
  });
  return new Promise((resolve) => server.listen(from, '127.0.0.1', () => resolve(server)));
}

// Tries out, before a call, which ways this browser has: a connection with itself, first through the relay alone, else any way.
import type { Ways } from '../api/signal';
import { Peer } from './peer';

export type Reach = 'direct' | 'relayed' | 'blocked';

export const PROBE_MS = 5000;

/** Whether the relay answers, and whether a connection without it stands. With `relayOnly` only the relay counts. */
export async function probe(
  ways: Ways,
  relayOnly: boolean,
  ms = PROBE_MS,
): Promise<{ relay: boolean; direct: boolean }> {
  const isRelayOnly = relayOnly || ways.relayOnly;
  const hasRelay = ways.servers.some(({ urls }) => [urls].flat().some((url) => url.startsWith('turn')));
  const [relay, direct] = await Promise.all([
    hasRelay ? meets(ways, true, ms) : false,
    isRelayOnly ? false : meets({ servers: [], relayOnly: false }, false, ms),
  ]);
  return { relay, direct };
}

export function reachOf({ relay, direct }: { relay: boolean; direct: boolean }): Reach {
  if (direct) return 'direct';
  return relay ? 'relayed' : 'blocked';
}

/** Whether two connections of this browser find each other on that way within the time. */
async function meets(ways: Ways, relayOnly: boolean, ms: number): Promise<boolean> {
  let done: (met: boolean) => void = () => undefined;
  const met = new Promise<boolean>((resolve) => (done = resolve));
  const timer = setTimeout(() => done(false), ms);
  const state = (now: RTCPeerConnectionState) => now === 'connected' && done(true);
  const one: Peer = new Peer(ways, { polite: false, relayOnly }, { signal: (it) => void two.hear(it), state });
  const two: Peer = new Peer(ways, { polite: true, relayOnly }, { signal: (it) => void one.hear(it) });
  one.connection.createDataChannel('probe', { negotiated: true, id: 0 });
  two.connection.createDataChannel('probe', { negotiated: true, id: 0 });
  try {
    return await met;
  } finally {
    clearTimeout(timer);
    one.close();
    two.close();
  }
}

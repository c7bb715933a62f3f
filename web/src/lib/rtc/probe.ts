// Tries out, before a call, which ways this browser has: a connection with itself through the relay alone, and one without it. Whether
// the network lets a direct way out is told by the relay having been reached by UDP; a connection with oneself never leaves the machine.
import type { Ways } from '../api/signal';
import { Peer } from './peer';

/** `uncertain`: no relay is reached, so it depends on the other one's network. `blocked`: there is no way at all. */
export type Reach = 'direct' | 'relayed' | 'uncertain' | 'blocked';

export interface Found {
  /** The relay answers. */
  relay: boolean;
  /** It answers by UDP, as calls without it need it. */
  udp: boolean;
  /** This browser makes connections, and may make them without a relay. */
  alone: boolean;
}

export const PROBE_MS = 5000;
/** By TCP the relay may be found sooner; UDP is given so long beyond that. */
const UDP_MS = 1500;
const LOOK_MS = 100;

/** With `relayOnly` only the relay counts. */
export async function probe(ways: Ways, relayOnly: boolean, ms = PROBE_MS): Promise<Found> {
  const isRelayOnly = relayOnly || ways.relayOnly;
  const hasRelay = ways.servers.some(({ urls }) => [urls].flat().some((url) => url.startsWith('turn')));
  const [byRelay, alone] = await Promise.all([
    hasRelay ? meets(ways, true, ms, reachedByUdp) : { met: false, also: false },
    isRelayOnly ? { met: false } : meets({ servers: [], relayOnly: false }, false, ms),
  ]);
  return { relay: byRelay.met, udp: byRelay.also, alone: alone.met };
}

export function reachOf({ relay, udp, alone }: Found): Reach {
  if (relay) return alone && udp ? 'direct' : 'relayed';
  return alone ? 'uncertain' : 'blocked';
}

/** Whether two connections of this browser find each other on that way within the time; and what is `also` asked of the first. */
async function meets(
  ways: Ways,
  relayOnly: boolean,
  ms: number,
  also: (connection: RTCPeerConnection) => Promise<boolean> = () => Promise.resolve(false),
): Promise<{ met: boolean; also: boolean }> {
  let done: (met: boolean) => void = () => undefined;
  const met = new Promise<boolean>((resolve) => (done = resolve));
  const timer = setTimeout(() => done(false), ms);
  const state = (now: RTCPeerConnectionState) => now === 'connected' && done(true);
  const one: Peer = new Peer(ways, { polite: false, relayOnly }, { signal: (it) => void two.hear(it), state });
  const two: Peer = new Peer(ways, { polite: true, relayOnly }, { signal: (it) => void one.hear(it) });
  one.connection.createDataChannel('probe', { negotiated: true, id: 0 });
  two.connection.createDataChannel('probe', { negotiated: true, id: 0 });
  try {
    return { met: await met, also: (await met) && (await also(one.connection)) };
  } finally {
    clearTimeout(timer);
    one.close();
    two.close();
  }
}

async function reachedByUdp(connection: RTCPeerConnection): Promise<boolean> {
  for (let waited = 0; waited <= UDP_MS; waited += LOOK_MS) {
    const stats = (await connection.getStats()) as unknown as Map<string, Record<string, unknown>>;
    const isUdp = ({ type, relayProtocol }: Record<string, unknown>) =>
      type === 'local-candidate' && relayProtocol === 'udp';
    if ([...stats.values()].some(isUdp)) return true;
    if (connection.iceGatheringState === 'complete') return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return false;
}

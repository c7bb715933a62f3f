// Two browsers agree whatever crosses on the way, and nothing is offered before it is known how others are reached.
import { describe, expect, it, vi } from 'vitest';
import type { Signal } from '../src/lib/api/signal-types';
import { Peer } from '../src/lib/rtc/peer';
import { asConnection, FakeConnection } from './fake-connection';

const WAYS = { servers: [{ urls: ['turn:turn.example.org'] }], relayOnly: false };
const settled = () => new Promise((done) => setTimeout(done));

function peer(polite: boolean, ways: ConstructorParameters<typeof Peer>[0] = WAYS, relayOnly = false) {
  const said: Signal[] = [];
  const broken = vi.fn();
  let fake = new FakeConnection();
  const made = new Peer(ways, { polite, relayOnly }, { signal: (signal) => said.push(signal), broken }, (with_) =>
    asConnection((fake = new FakeConnection(with_))),
  );
  return { peer: made, fake, said, broken };
}

async function carry(from: { said: Signal[] }, to: { peer: Peer }): Promise<void> {
  for (const signal of from.said.splice(0)) await to.peer.hear(signal);
}

describe('two peers', () => {
  it('agree when both offer at once: the polite one gives way', async () => {
    const [a, b] = [peer(false), peer(true)];
    for (const one of [a, b]) one.fake.createDataChannel('x');
    await settled();
    await carry(a, b);
    await carry(b, a);
    // Now both have been connected once, and both ask for something new at the same moment.
    for (const one of [a, b]) one.peer.restart();
    await settled();
    expect([a.said.map(({ kind }) => kind), b.said.map(({ kind }) => kind)]).toEqual([['offer'], ['offer']]);
    const fromPolite = b.said.splice(0);
    await carry(a, b);
    for (const signal of fromPolite) await a.peer.hear(signal);
    await carry(b, a);
    expect([a.fake.signalingState, b.fake.signalingState, a.broken.mock.calls.length]).toEqual(['stable', 'stable', 0]);
  });

  it('let the impolite one begin', async () => {
    const polite = peer(true);
    polite.fake.createDataChannel('x');
    await settled();
    expect(polite.said).toEqual([]);
  });

  it('say nothing before the servers are known, and go without them when there are none to be had', async () => {
    let give: (ways: typeof WAYS) => void = () => undefined;
    const one = peer(false, new Promise<typeof WAYS>((resolve) => (give = resolve)));
    one.fake.createDataChannel('x');
    await settled();
    expect(one.said).toEqual([]);
    give(WAYS);
    await settled();
    expect([one.said[0]?.kind, one.fake.configuration.iceServers]).toEqual(['offer', WAYS.servers]);

    const other = peer(false, Promise.reject(new Error('offline')), true);
    other.fake.createDataChannel('x');
    await settled();
    expect([other.said[0]?.kind, other.fake.configuration.iceTransportPolicy]).toEqual(['offer', 'relay']);
  });

  it('keep candidates until there is a description for them', async () => {
    const [a, b] = [peer(false), peer(true)];
    a.fake.createDataChannel('x');
    await settled();
    await b.peer.hear({ kind: 'candidate', candidate: 'candidate:1', mid: '0' });
    expect(b.fake.candidates).toEqual([]);
    await carry(a, b);
    expect(b.fake.candidates).toEqual([{ candidate: 'candidate:1', sdpMid: '0' }]);
  });

  it('take back an offer that was lost on the way, and make it again', async () => {
    const [a, b] = [peer(false), peer(true)];
    a.fake.createDataChannel('x');
    await settled();
    await carry(a, b);
    await carry(b, a);
    a.peer.restart();
    await settled();
    a.said.length = 0;
    await a.peer.forget();
    a.peer.restart();
    await settled();
    expect(a.said.map(({ kind }) => kind)).toEqual(['offer']);
  });

  it('notice that the other one has begun anew, and that something makes no sense', async () => {
    const [a, b, c] = [peer(false), peer(true), peer(false)];
    for (const one of [a, c]) one.fake.createDataChannel('x');
    await settled();
    const [first, second] = [a.said[0], c.said[0]];
    if (!first || !second) throw new Error('no offers');
    await b.peer.hear(first);
    expect([b.peer.isFromAnother(first), b.peer.isFromAnother(second)]).toEqual([false, true]);
    await b.peer.hear({ kind: 'offer', sdp: 'nonsense' });
    expect(b.broken).toHaveBeenCalledOnce();
  });
});

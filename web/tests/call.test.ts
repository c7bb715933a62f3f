// A call between two as one of them has it: it rings, is answered, breaks and mends, and ends with a reason.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../src/lib/api/problem';
import type { SignalListener, SignalSocket } from '../src/lib/api/signal';
import type { SignalFrame } from '../src/lib/api/signal-types';
import { lasted, remedy, stateOf } from '../src/lib/model/call';
import { callKeyOf } from '../src/lib/model/call-keys';
import { Calls } from '../src/lib/model/calls.svelte';
import { Settings } from '../src/lib/model/settings.svelte';
import { Store } from '../src/lib/model/store';
import { figures, NO_SUMS } from '../src/lib/rtc/figures';
import { levelOf } from '../src/lib/rtc/meter';
import { reachOf } from '../src/lib/rtc/probe';
import { read, write } from '../src/lib/rtc/status';
import { asConnection, FakeConnection } from './fake-connection';

const ALICE = { person: '01AL', name: 'Alice Liddell' };

function setUp() {
  let listener: SignalListener = {};
  const made: FakeConnection[] = [];
  const asked: Record<string, unknown>[] = [];
  const told: Record<string, unknown>[] = [];
  const refuse: { code: string | null } = { code: null };
  const ways: { servers: RTCIceServer[]; relayOnly: boolean } = { servers: [], relayOnly: false };
  const signal = {
    listen: (to: SignalListener) => ((listener = to), () => undefined),
    command: (command: Record<string, unknown>) => {
      asked.push(command);
      if (refuse.code) return Promise.reject(new Problem(refuse.code, 403));
      return Promise.resolve({ ref: 'r', ...(command.type === 'ring' ? { link: 'L' } : {}) });
    },
    tell: (notice: Record<string, unknown>) => Boolean(told.push(notice)),
    servers: () => Promise.resolve({ ...ways }),
  };
  const calls = new Calls({
    signal: signal as unknown as SignalSocket,
    settings: new Settings(new Store(undefined, ''), 'en'),
    devices: undefined,
    demanded: () => false,
    make: (configuration) => {
      made.push(new FakeConnection(configuration));
      return asConnection(made.at(-1) as FakeConnection);
    },
  });
  const hear = async (frame: SignalFrame) => {
    listener.frame?.(frame);
    await vi.advanceTimersByTimeAsync(0);
  };
  const connected = (polite = false, relay_only = false) =>
    hear({ type: 'connected', link: 'L', person: ALICE.person, polite, relay_only });
  const newest = () => made.at(-1) as FakeConnection;
  const talk = async () => {
    calls.prepare('R', ALICE);
    await calls.ring('audio');
    await connected();
    newest().become('connected');
  };
  const ringing = () =>
    hear({ type: 'ringing', link: 'L', room: 'R', ...ALICE, media: 'video', until: Date.now() + 45_000 });
  const lose = () => listener.state?.('lost');
  const last = (type: string) => asked.findLast((command) => command.type === type);
  return { calls, hear, connected, made, newest, asked, told, refuse, ways, talk, ringing, lose, last };
}

describe('a call', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('MediaStream', vi.fn());
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('rings, is answered, and is hung up', async () => {
    const t = setUp();
    t.calls.prepare('R', ALICE);
    expect(t.calls.current?.state).toBe('pre-join');
    await t.calls.ring('video');
    expect([t.calls.current?.state, t.last('ring')]).toEqual([
      'ringing-out',
      { type: 'ring', room: 'R', person: '01AL', media: 'video' },
    ]);
    await t.connected();
    expect([t.calls.current?.state, t.newest().lines.map(({ kind }) => kind)]).toEqual([
      'connecting',
      ['audio', 'video', 'video'],
    ]);
    expect(t.told.map(({ type }) => type)).toEqual(['signal']);
    t.newest().become('connected');
    expect([t.calls.current?.state, t.calls.live !== null]).toEqual(['talking', true]);
    t.calls.current?.hangUp();
    expect([t.calls.current?.state, t.calls.current?.reason, t.newest().closed]).toEqual(['ended', 'hung_up', true]);
    expect(t.last('hang_up')).toEqual({ type: 'hang_up', link: 'L' });
    t.calls.dismiss();
    expect(t.calls.current).toBeNull();
  });

  it('ends with the reason of the server when it cannot ring', async () => {
    const t = setUp();
    t.refuse.code = 'busy';
    t.calls.prepare('R', ALICE);
    await t.calls.ring('audio');
    expect([t.calls.current?.state, t.calls.current?.reason]).toEqual(['ended', 'busy']);
  });

  it('that rings is answered, or declined, or missed', async () => {
    const t = setUp();
    await t.ringing();
    expect(t.calls.incoming?.other.name).toBe(ALICE.name);
    await t.calls.accept('audio');
    expect([t.last('accept'), t.calls.current?.state]).toEqual([{ type: 'accept', link: 'L' }, 'connecting']);
    await t.connected(true);
    // The polite one waits for the lines of the other.
    expect([t.newest().lines.length, t.told.length]).toEqual([0, 0]);

    const other = setUp();
    await other.ringing();
    other.calls.decline();
    expect([other.calls.incoming, other.last('decline')]).toEqual([null, { type: 'decline', link: 'L' }]);

    const third = setUp();
    third.calls.missed = vi.fn();
    await third.ringing();
    await third.hear({ type: 'ended', link: 'L', why: 'missed' });
    expect([third.calls.incoming, third.calls.missed]).toEqual([null, third.calls.missed]);
    expect(third.calls.missed).toHaveBeenCalledExactlyOnceWith(ALICE.name);
  });

  it('that rings while one is prepared begins as muted as that one would have', async () => {
    const { calls, ringing } = setUp();
    calls.prepare('R', ALICE);
    calls.own?.startMuted(true);
    await ringing();
    await calls.accept('audio');
    expect([calls.current?.state, calls.own?.muted]).toEqual(['connecting', true]);
  });

  it('is answered elsewhere without a word', async () => {
    const t = setUp();
    await t.ringing();
    await t.hear({ type: 'ended', link: 'L', why: 'elsewhere' });
    expect([t.calls.incoming, t.calls.current]).toEqual([null, null]);
  });

  it('goes on while signal-server is away, and takes part again when it is back', async () => {
    const t = setUp();
    await t.talk();
    t.lose();
    expect(t.calls.current?.state).toBe('talking');
    await t.hear({ type: 'stands', room: 'R', grants: ['call'] });
    expect(t.last('return')).toEqual({
      type: 'return',
      room: 'R',
      link: 'L',
      with: '01AL',
      called: true,
      media: 'audio',
    });
    await t.connected();
    expect([t.made.length, t.newest().restarts, t.calls.current?.state]).toEqual([1, 1, 'talking']);
  });

  it.each([false, true])(
    'looks for a way through the servers of the next signal-server (polite: %s)',
    async (polite) => {
      const t = setUp();
      t.calls.prepare('R', ALICE);
      await t.calls.ring('audio');
      await t.connected(polite);
      t.newest().become('connected');
      t.lose();
      t.ways.servers = [{ urls: ['turn:next.example.org'] }];
      await t.hear({ type: 'stands', room: 'R', grants: ['call'] });
      await t.connected(polite);
      expect([t.made.length, t.newest().configuration.iceServers]).toEqual([1, t.ways.servers]);

      // The same when nothing is left of the old line.
      t.newest().become('failed');
      t.ways.servers = [{ urls: ['turn:third.example.org'] }];
      await vi.advanceTimersByTimeAsync(5000);
      expect(t.newest().configuration.iceServers).toEqual(t.ways.servers);
    },
  );

  it('is over when it is over at the server', async () => {
    const t = setUp();
    await t.talk();
    t.lose();
    t.refuse.code = 'no_such_link';
    await t.hear({ type: 'stands', room: 'R', grants: ['call'] });
    expect([t.calls.current?.reason, t.newest().closed]).toEqual(['lost', true]);
  });

  it('looks for another way when the one it had is gone', async () => {
    const t = setUp();
    await t.talk();
    t.newest().become('failed');
    expect(t.calls.current?.state).toBe('reconnecting');
    await vi.advanceTimersByTimeAsync(0);
    expect(t.newest().restarts).toBe(1);
    t.newest().become('connected');
    expect(t.calls.current?.state).toBe('talking');
  });

  it('begins from the beginning when no way is found at all, and says that it takes long', async () => {
    const t = setUp();
    t.calls.prepare('R', ALICE);
    await t.calls.ring('audio');
    await t.connected();
    await vi.advanceTimersByTimeAsync(15_000);
    expect([t.made.length, t.calls.current?.slow, t.calls.current?.state]).toEqual([2, true, 'connecting']);
  });

  it('stops at once when it is not allowed any more', async () => {
    const t = setUp();
    await t.talk();
    await t.hear({ type: 'ended', link: 'L', why: 'not_allowed' });
    expect([t.newest().closed, t.calls.current?.reason]).toEqual([true, 'not_allowed']);

    const other = setUp();
    await other.talk();
    await other.hear({ type: 'removed', room: 'R', code: 'not_a_member' });
    expect([other.newest().closed, other.calls.current?.reason]).toEqual([true, 'not_a_member']);
  });

  it('of both at once is one call', async () => {
    const t = setUp();
    t.calls.prepare('R', ALICE);
    await t.calls.ring('audio');
    const crossing: SignalFrame = { type: 'ringing', link: 'M', room: 'R', ...ALICE, media: 'audio', until: 0 };
    await t.hear(crossing);
    expect(t.calls.incoming).toBeNull();
    await t.hear({ type: 'connected', link: 'M', person: ALICE.person, polite: true, relay_only: false });
    expect([t.calls.current?.state, t.calls.current?.link]).toEqual(['connecting', 'M']);

    const other = setUp();
    other.calls.prepare('R', ALICE);
    await other.hear(crossing);
    await other.calls.ring('audio');
    expect([other.last('ring'), other.last('accept')]).toEqual([undefined, { type: 'accept', link: 'M' }]);
  });
});

describe('the line about the network', () => {
  it('promises a direct way only where the relay was reached by UDP, which a direct way needs', () => {
    const found = (relay: boolean, udp: boolean, alone: boolean) => reachOf({ relay, udp, alone });
    expect([found(true, true, true), found(true, false, true), found(true, true, false)]).toEqual([
      'direct',
      'relayed',
      'relayed',
    ]);
    expect([found(false, false, true), found(false, false, false)]).toEqual(['uncertain', 'blocked']);
  });
});

describe('what a call decides', () => {
  it('from what is known of its line', () => {
    const at = (connection: RTCPeerConnectionState, established: boolean, away: boolean) =>
      stateOf({ connection, established, away });
    expect(at('connecting', false, false)).toBe('connecting');
    expect(at('connected', true, true)).toBe('talking');
    expect(at('disconnected', true, false)).toBe('reconnecting');
    expect(at('new', false, true)).toBe('reconnecting');
    expect(remedy({ established: true, same: true }, true)).toBe('nothing');
    expect(remedy({ established: true, same: false }, true)).toBe('anew');
  });

  it('about keys: none that belong to a field, no space that belongs to a button', () => {
    const key = (key: string, field = false, button = false) =>
      callKeyOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false }, { field, button });
    expect([key('m'), key('V'), key('s'), key(' ')]).toEqual(['microphone', 'camera', 'screen', 'hold']);
    expect([key('m', true), key(' ', false, true), key('x')]).toEqual([undefined, undefined, undefined]);
  });

  it('about time and loudness', () => {
    expect([lasted(65_400), lasted(3_723_000)]).toEqual(['1:05', '1:02:03']);
    expect([levelOf(0), levelOf(1), levelOf(0.001)]).toEqual([0, 1, 0]);
  });
});

describe('what the other one says about itself', () => {
  it('is read as far as it is known', () => {
    const status = { microphone: true, camera: false, screen: true, deaf: false };
    expect(read(write(status))).toEqual(status);
    expect(read('{"type":"status","microphone":"yes","more":1}')).toEqual({
      ...status,
      microphone: false,
      screen: false,
    });
    for (const bad of [
      '',
      'null',
      '[]',
      '{"type":"x"}',
      new ArrayBuffer(2),
      `{"type":"status","x":"${'y'.repeat(1000)}"}`,
    ])
      expect(read(bad)).toBeUndefined();
  });
});

describe('the figures of a line', () => {
  it('are read as Chromium and as Firefox give them', () => {
    const common = [
      {
        id: 'i',
        type: 'inbound-rtp',
        kind: 'video',
        packetsReceived: 90,
        packetsLost: 10,
        bytesReceived: 5000,
        codecId: 'c',
        frameWidth: 640,
        frameHeight: 480,
        framesPerSecond: 29.9,
      },
      { id: 'c', type: 'codec', mimeType: 'video/VP8' },
      { id: 'l', type: 'local-candidate', candidateType: 'relay' },
      { id: 'r', type: 'remote-candidate', candidateType: 'host' },
    ];
    const pair = {
      id: 'p',
      type: 'candidate-pair',
      localCandidateId: 'l',
      remoteCandidateId: 'r',
      currentRoundTripTime: 0.0421,
    };
    const chromium = [...common, pair, { id: 't', type: 'transport', selectedCandidatePairId: 'p' }];
    const firefox = [...common, { ...pair, nominated: true, selected: true, state: 'succeeded' }];
    for (const report of [chromium, firefox]) {
      const { figures: seen } = figures(report, NO_SUMS, 1000);
      expect(seen).toMatchObject({
        rttMs: 42,
        lostPermille: 100,
        path: 'relayed',
        width: 640,
        framesPerSecond: 30,
        codecs: ['VP8'],
      });
    }
    const { sums } = figures(chromium, NO_SUMS, 1000);
    expect(figures(chromium, sums, 2000).figures).toMatchObject({ lostPermille: 0, inKbit: 0 });
  });
});

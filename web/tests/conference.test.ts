// The call of a room as one participant has it: joined, spoken in, led, cut and taken up again, and over with a reason.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Act, News } from '../src/lib/api/conference-types';
import { joined, line, ME, setUp, somebody } from './conference-support';

describe('the call of a room', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('MediaStream', FakeStream);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  class FakeStream {
    constructor(private readonly tracks: unknown[] = []) {}
    getTracks = () => this.tracks;
  }

  it('is joined, and what is sent is named to the server', async () => {
    const t = setUp();
    t.conferences.prepare('R');
    expect([t.now.state, t.made.length]).toEqual(['pre-join', 0]);
    await t.conferences.own?.openMicrophone();
    await t.conferences.own?.openCamera();
    await t.conferences.join();
    expect(t.last('join')).toEqual({ kind: 'join', shows: { microphone: true, camera: true, screen: false } });
    await t.hear(joined(somebody('A')));
    expect([t.now.state, t.now.people.map(({ person }) => person)]).toEqual(['in', [ME, 'A']]);
    const { send } = t.newest();
    expect(
      send.lines.map(({ kind, direction, encodings }) => [kind, direction, encodings?.map(({ rid }) => rid)]),
    ).toEqual([
      ['audio', 'sendonly', undefined],
      ['video', 'sendonly', ['q', 'h', 'f']],
    ]);
    expect(t.last('publish')).toMatchObject({ sources: { 0: 'microphone', 1: 'camera' } });
    await t.hear({ kind: 'answer', sdp: 'v=0' });
    expect(send.signalingState).toBe('stable');
  });

  it('negotiates only what is new: a microphone and a camera are switched on their lines', async () => {
    const t = setUp();
    await t.join();
    await t.hear({ kind: 'answer', sdp: 'v=0' });
    const { send } = t.newest();
    expect(send.lines.map(({ kind }) => kind)).toEqual(['audio']);
    await t.conferences.own?.mute(false);
    expect([send.lines[0]?.sender.track, t.all('publish').length]).toMatchObject([{ label: 'Headset' }, 1]);
    await t.conferences.own?.openCamera();
    await t.settle();
    expect([t.all('publish').length, send.lines.length]).toEqual([2, 2]);
    await t.hear({ kind: 'answer', sdp: 'v=0' });
    t.conferences.own?.stop('camera');
    await t.conferences.own?.openCamera();
    await t.settle();
    expect([t.all('publish').length, send.lines.length, send.lines[1]?.sender.track]).toMatchObject([
      2,
      2,
      { label: 'Webcam' },
    ]);
    expect(t.last('shows')).toEqual({ kind: 'shows', shows: { microphone: true, camera: true, screen: false } });
  });

  it('shows a screen with its sound, and no longer', async () => {
    const t = setUp();
    await t.join();
    await t.hear({ kind: 'answer', sdp: 'v=0' });
    await t.conferences.own?.shareScreen(true);
    await t.settle();
    expect(t.last('publish')).toMatchObject({ sources: { 0: 'microphone', 1: 'screen', 2: 'screen_sound' } });
    const { send } = t.newest();
    t.conferences.own?.stop('screen');
    await t.settle();
    expect([send.lines[1]?.sender.track, send.lines[2]?.sender.track]).toEqual([null, null]);
    expect(t.last('shows')).toMatchObject({ shows: { screen: false } });
  });

  it('takes the offers of the server one after the other, and none that was overtaken', async () => {
    const t = setUp();
    await t.join(somebody('A'));
    const { receive } = t.newest();
    receive.lines.push(...[0, 1].map((at) => ({ ...line('audio'), mid: String(at) })));
    const streams = [{ mid: '0', person: 'A', source: 'microphone' as const }];
    void t.hear({ kind: 'offer', number: 1, sdp: 'one', streams: [] });
    await t.hear({ kind: 'offer', number: 2, sdp: 'two', streams });
    await t.hear({ kind: 'offer', number: 1, sdp: 'one', streams: [] });
    expect(t.all('take').map((act) => (act as Act & { kind: 'take' }).number)).toEqual([2]);
    const [first] = [...t.now.streams];
    expect(first?.[0]).toBe('A microphone');
    // A line that goes on keeps its stream: what is heard is not begun anew.
    await t.hear({
      kind: 'offer',
      number: 3,
      sdp: 'three',
      streams: [...streams, { mid: '1', person: 'B', source: 'microphone' }],
    });
    expect(t.now.streams.get('A microphone')).toBe(first?.[1]);
    expect([...t.now.streams.keys()]).toEqual(['A microphone', 'B microphone']);
  });

  it('goes through the relay alone where the site or the person wants it', async () => {
    const t = setUp();
    await t.join();
    expect([t.made.map(({ configuration }) => configuration.iceTransportPolicy)]).toEqual([['all', 'all']]);
    const site = setUp();
    site.ways.relayOnly = true;
    await site.join();
    expect(site.newest().send.configuration).toMatchObject({
      iceTransportPolicy: 'relay',
      iceServers: site.ways.servers,
    });
    const person = setUp();
    person.settings.change({ calls: { relayOnly: true } });
    await person.join();
    expect(person.newest().receive.configuration.iceTransportPolicy).toBe('relay');
  });

  it.each(['locked', 'full', 'not_allowed', 'removed'])(
    'is refused with a reason, before anything is sent: %s',
    async (code) => {
      const t = setUp();
      t.refuse.code = code;
      t.conferences.prepare('R');
      await t.conferences.join();
      expect([t.now.state, t.now.problem, t.made.length]).toEqual(['pre-join', code, 0]);
      t.refuse.code = null;
      await t.conferences.join();
      await t.hear(joined());
      expect(t.now.state).toBe('in');
    },
  );

  it('is moved here from another window when asked to', async () => {
    const t = setUp();
    t.refuse.code = 'in_a_call';
    t.conferences.prepare('R');
    await t.conferences.join();
    t.refuse.code = null;
    await t.conferences.join(true);
    expect(t.last('join')).toMatchObject({ here: true });
    await t.hear(joined());
    await t.hear({ kind: 'out', why: 'elsewhere' });
    expect([t.now.state, t.now.why, t.made.every(({ closed }) => closed)]).toEqual(['out', 'elsewhere', true]);
  });

  it('keeps what flows while the line to the server is cut, and takes its place again', async () => {
    const t = setUp();
    await t.join(somebody('A'));
    t.lose();
    expect([t.now.state, t.made.some(({ closed }) => closed)]).toEqual(['reconnecting', false]);
    await t.stands();
    expect(t.last('join')).toMatchObject({ back: { call: 'C', since: 1000 } });
    await t.hear(joined(somebody('A')));
    expect([t.now.state, t.made.length, t.made.map(({ closed }) => closed)]).toEqual([
      'in',
      4,
      [true, true, false, false],
    ]);
  });

  it('takes its place again when a connection has failed, each time in vain more slowly', async () => {
    const t = setUp();
    await t.join();
    t.newest().receive.become('failed');
    await t.settle();
    expect([t.now.state, t.all('join').length]).toEqual(['reconnecting', 2]);
    await t.hear(joined());
    t.newest().send.become('failed');
    await vi.advanceTimersByTimeAsync(1900);
    expect(t.all('join').length).toBe(2);
    await vi.advanceTimersByTimeAsync(200);
    expect(t.all('join').length).toBe(3);
    await t.hear(joined());
    t.newest().send.become('connected');
    t.newest().send.become('failed');
    await t.settle();
    expect(t.all('join').length).toBe(4);
  });

  it('looks for a way from the beginning when none is found, and says that it takes long', async () => {
    const t = setUp();
    await t.join();
    await vi.advanceTimersByTimeAsync(15_001);
    expect([t.now.slow, t.all('join').length]).toEqual([true, 2]);
    await t.hear(joined());
    t.newest().send.become('connected');
    expect(t.now.slow).toBe(false);
  });

  it('is over when one may not come back', async () => {
    const t = setUp();
    await t.join();
    t.lose();
    t.refuse.code = 'no_such_call';
    await t.stands();
    expect([t.now.state, t.now.why]).toEqual(['out', 'ended']);
    const other = setUp();
    await other.join();
    other.lose();
    other.refuse.code = 'unavailable';
    await other.stands();
    expect(other.now.state).toBe('reconnecting');
    other.refuse.code = null;
    await vi.advanceTimersByTimeAsync(5000);
    await other.hear(joined());
    expect(other.now.state).toBe('in');
  });

  it.each(['removed', 'not_allowed', 'ended', 'lost'] as const)(
    'stops at once when somebody is out: %s',
    async (why) => {
      const t = setUp();
      await t.join();
      await t.conferences.own?.openMicrophone();
      const track = t.conferences.own?.tracks.microphone;
      await t.hear({ kind: 'out', why });
      expect([t.now.state, t.now.why, t.made.every(({ closed }) => closed)]).toEqual(['out', why, true]);
      expect([track?.stop, t.conferences.large]).toMatchObject([expect.any(Function), false]);
      expect(track?.stop).toHaveBeenCalled();
      t.conferences.dismiss();
      expect(t.conferences.current).toBeNull();
    },
  );

  it('is over when one is no longer on the list', async () => {
    const t = setUp();
    await t.join();
    t.removed('not_a_member');
    expect([t.now.state, t.now.why]).toEqual(['out', 'not_a_member']);
  });

  it('is left with a word to the server', async () => {
    const t = setUp();
    await t.join();
    t.now.leave();
    expect([t.last('leave'), t.now.why]).toEqual([{ kind: 'leave' }, 'left']);
    t.conferences.again();
    expect(t.now.state).toBe('pre-join');
    t.conferences.dismiss();
    expect(t.conferences.current).toBeNull();
  });

  it('does not hear of what comes before it was joined, and comes to nothing when the line breaks before', async () => {
    const t = setUp();
    t.conferences.prepare('R');
    await t.conferences.join();
    await t.hear({ kind: 'offer', number: 1, sdp: 'x', streams: [] });
    expect(t.made.length).toBe(0);
    t.lose();
    expect([t.now.state, t.now.problem]).toEqual(['pre-join', 'offline']);
  });

  it('switches the microphone off when a host asks for it, and never on', async () => {
    const t = setUp();
    await t.join();
    await t.conferences.own?.mute(false);
    const happened = vi.fn();
    t.now.happened = happened;
    await t.hear({ kind: 'muted', by: 'Olga' });
    expect([t.conferences.own?.muted, t.conferences.own?.tracks.microphone?.enabled]).toEqual([true, false]);
    expect(happened).toHaveBeenCalledExactlyOnceWith('muted', 'Olga');
    await t.hear({ kind: 'asked', by: 'Olga' });
    expect([t.now.asked, t.conferences.own?.muted]).toEqual(['Olga', true]);
    await t.conferences.own?.mute(false);
    expect(t.now.asked).toBeNull();
  });

  it('says what is to be seen at once, then when it rests, and only when it has changed', async () => {
    const t = setUp();
    await t.join(somebody('A'));
    const want = (height: number) => ({
      receive: 'all' as const,
      tiles: [{ person: 'A', source: 'camera' as const, height }],
    });
    t.now.want(want(90));
    expect(t.all('want').length).toBe(1);
    t.now.want(want(180));
    t.now.want(want(360));
    await vi.advanceTimersByTimeAsync(200);
    t.now.want(want(360));
    await vi.advanceTimersByTimeAsync(200);
    expect(t.all('want').map((act) => (act as Act & { kind: 'want' }).want)).toEqual([want(90), want(360)]);
    // The next place knows nothing of it.
    await t.hear(joined(somebody('A')));
    expect(t.all('want').length).toBe(3);
  });

  it('wants the pictures again of who takes a place again: the server knows it by the place', async () => {
    const t = setUp();
    await t.join(somebody('A'), somebody('B'));
    const tile = (person: string) => ({ person, source: 'camera' as const, height: 90 });
    const wants = () =>
      t.all('want').map((act) => (act as Act & { kind: 'want' }).want.tiles.map(({ person }) => person));
    t.now.want({ receive: 'all', tiles: [tile('A'), tile('B')] });
    // After a restart of the server B is back a moment after A, and what is wanted has not changed.
    await t.hear(joined(somebody('A')));
    expect(wants()).toEqual([['A', 'B'], ['A']]);
    await t.hear({ kind: 'person', ...somebody('B') });
    await vi.advanceTimersByTimeAsync(200);
    expect(wants().at(-1)).toEqual(['A', 'B']);
    // B has begun anew on the same line; then the microphone is switched, which is no new place.
    await t.hear({ kind: 'person', ...somebody('B') });
    await vi.advanceTimersByTimeAsync(200);
    expect(wants().length).toBe(4);
    await t.hear({ kind: 'person', ...somebody('B', { shows: { microphone: false, camera: false, screen: false } }) });
    await vi.advanceTimersByTimeAsync(200);
    expect(wants().length).toBe(4);
  });

  it('shows how others feel for a few seconds', async () => {
    const t = setUp();
    await t.join(somebody('A'));
    await t.hear({ kind: 'reaction', person: 'A', emoji: 'applause' });
    expect(t.now.reactions.of('A')).toBe('👏');
    await vi.advanceTimersByTimeAsync(5000);
    expect(t.now.reactions.of('A')).toBeUndefined();
  });

  it('is known to the room: who is in it, and that it is over', async () => {
    const t = setUp();
    const live: News = { kind: 'live', call: 'C', since: 1, count: 5, people: [], locked: false };
    await t.hear(live);
    expect(t.rooms.get('R')?.count).toBe(5);
    t.conferences.prepare('R');
    expect(t.conferences.own?.muted).toBe(true);
    await t.hear({ kind: 'over', call: 'C' });
    expect(t.rooms.get('R')).toBeNull();
    await t.hear(live);
    t.lose();
    expect(t.rooms.get('R')).toBeNull();
  });
});

// A participant of a call of a room, for tests: the server is played from memory, and what the browser would send is kept.
import { vi } from 'vitest';
import type { Act, Live, News, Participant } from '../src/lib/api/conference-types';
import { Problem } from '../src/lib/api/problem';
import type { SignalListener, SignalSocket } from '../src/lib/api/signal';
import { Conferences } from '../src/lib/model/conferences.svelte';
import { Settings } from '../src/lib/model/settings.svelte';
import { Store } from '../src/lib/model/store';
import { asConnection, FakeConnection } from './fake-connection';

export const ME = '01ME';
export const somebody = (person: string, more: Partial<Participant> = {}): Participant => ({
  person,
  name: `Name of ${person}`,
  leads: false,
  shows: { microphone: true, camera: false, screen: false },
  away: false,
  ...more,
});
export const joined = (...people: Participant[]): News => ({
  kind: 'joined',
  call: 'C',
  since: 1000,
  locked: false,
  people: [somebody(ME), ...people],
});

function device(label: string, kind: string) {
  return { label, kind, enabled: true, stop: vi.fn(), onended: null, getSettings: () => ({}), contentHint: '' };
}

/** A window with one room, over a server and connections that answer from memory. */
export function setUp() {
  let listener: SignalListener = {};
  const made: FakeConnection[] = [];
  const acts: Act[] = [];
  const refuse: { code: string | null } = { code: null };
  const ways = { servers: [{ urls: ['turn:here.example.org'] }], relayOnly: false };
  const signal = {
    listen: (to: SignalListener) => ((listener = to), () => undefined),
    command: ({ act }: { act: Act }) => {
      acts.push(act);
      return refuse.code ? Promise.reject(new Problem(refuse.code, 403)) : Promise.resolve({ ref: 'r' });
    },
    servers: () => Promise.resolve({ ...ways }),
  };
  const devices = {
    addEventListener: vi.fn(),
    removeEventListener: vi.fn(),
    getUserMedia: ({ audio }: { audio?: object }) =>
      Promise.resolve({ getTracks: () => [audio ? device('Headset', 'audio') : device('Webcam', 'video')] }),
    getDisplayMedia: () =>
      Promise.resolve({
        getVideoTracks: () => [device('Screen', 'video')],
        getAudioTracks: () => [device('Its sound', 'audio')],
      }),
  };
  const settings = new Settings(new Store(undefined, ''), 'en');
  const rooms = new Map<string, Live | null>();
  const conferences = new Conferences({
    signal: signal as unknown as SignalSocket,
    settings,
    devices: devices as unknown as MediaDevices,
    me: ME,
    live: (room, live) => rooms.set(room, live),
    make: (configuration) => {
      made.push(new FakeConnection(configuration));
      return asConnection(made.at(-1) as FakeConnection);
    },
  });
  const settle = () => vi.advanceTimersByTimeAsync(0);
  const hear = async (news: News, room = 'R') => {
    listener.frame?.({ type: 'conference', room, news });
    await settle();
  };
  const join = async (...people: Participant[]) => {
    conferences.prepare('R');
    await conferences.join();
    await hear(joined(...people));
  };
  const newest = () => ({ send: made.at(-2) as FakeConnection, receive: made.at(-1) as FakeConnection });
  const stands = async () => {
    listener.frame?.({ type: 'stands', room: 'R', grants: ['call'] } as never);
    await settle();
  };
  const all = (kind: string) => acts.filter((act) => act.kind === kind);
  const last = (kind: string) => all(kind).at(-1);
  return {
    conferences,
    settings,
    rooms,
    hear,
    join,
    made,
    newest,
    acts,
    all,
    last,
    refuse,
    ways,
    settle,
    stands,
    lose: () => listener.state?.('lost'),
    removed: (code: string) => listener.frame?.({ type: 'removed', room: 'R', code }),
    get now() {
      if (!conferences.current) throw new Error('no conference');
      return conferences.current;
    },
  };
}

/** A line on which something is received. */
export function line(kind: string) {
  const sender = {
    track: null,
    replaceTrack: () => Promise.resolve(),
    getParameters: () => ({ encodings: [] }),
    setParameters: () => Promise.resolve(),
  };
  return {
    sender,
    receiver: { track: { kind } },
    direction: 'recvonly',
    kind,
    mid: null as string | null,
    stop: () => undefined,
  };
}

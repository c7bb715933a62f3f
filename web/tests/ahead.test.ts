// What is asked for before the app has arrived: everything at once for those who were signed in here, nothing for others.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Client } from '../src/lib/api/client';
import { Relay } from '../src/lib/api/relay';
import type { Listener } from '../src/lib/api/socket';
import { TokenKeeper } from '../src/lib/api/tokens';
import type { Tokens } from '../src/lib/api/types';
import { goAhead, LAST_ROOMS, SIGNED_IN } from '../src/lib/model/ahead';
import { Store } from '../src/lib/model/store';

const chat = new URL('https://example.org/api/chat/');
const token = (room: string) => ({ room, token: `t-${room}`, expires_at: Date.now() + 300_000 });

function memory(kept: Record<string, unknown>): Store {
  const items = new Map(Object.entries(kept).map(([key, value]) => [key, JSON.stringify(value)]));
  return new Store(
    {
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => void items.set(key, value),
      removeItem: (key) => void items.delete(key),
    },
    '',
  );
}

function setUp(kept: Record<string, unknown>) {
  const client = {
    session: vi.fn(() => Promise.resolve({ signed_in: true })),
    rooms: vi.fn(() => Promise.resolve({ rooms: [{ id: 'A' }, { id: 'B' }] })),
    tokens: vi.fn((rooms: string[]) => Promise.resolve({ tokens: rooms.map(token), refused: [] })),
  };
  const dialled = vi.fn();
  vi.stubGlobal(
    'WebSocket',
    class {
      constructor(at: string) {
        dialled(at);
      }
      close() {}
    },
  );
  return { client, dialled, ahead: goAhead(client as unknown as Client, chat, memory(kept)) };
}

describe('going ahead', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => (vi.useRealTimers(), vi.unstubAllGlobals()));

  it('asks for nothing where nobody was signed in', () => {
    const { client, dialled, ahead } = setUp({});
    expect(ahead).toBeUndefined();
    for (const call of [client.session, client.rooms, client.tokens, dialled]) expect(call).not.toHaveBeenCalled();
  });

  it('asks for session, rooms, the tokens of the last rooms and a socket without waiting for any of them', () => {
    const { client, dialled } = setUp({ [SIGNED_IN]: true, [LAST_ROOMS]: ['A', 'B'] });
    expect([client.session, client.rooms].map((call) => call.mock.calls.length)).toEqual([1, 1]);
    expect(client.tokens).toHaveBeenCalledWith(['A', 'B']);
    expect(dialled).toHaveBeenCalledWith('wss://example.org/api/chat/socket');
  });

  it('asks for tokens as soon as the rooms are known, where they were not', async () => {
    const { client, ahead } = setUp({ [SIGNED_IN]: true });
    expect(client.tokens).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(0);
    expect(client.tokens).toHaveBeenCalledWith(['A', 'B']);
    expect(ahead?.line.tokens.get('A')).toBe('t-A');
  });
});

describe('tokens asked for ahead', () => {
  it('are waited for instead of asked twice, and only what is missing is asked for', async () => {
    let answer: (tokens: Tokens) => void = () => undefined;
    const ask = vi.fn((rooms: string[]) =>
      ask.mock.calls.length === 1
        ? new Promise<Tokens>((resolve) => (answer = resolve))
        : Promise.resolve({ tokens: rooms.map(token), refused: [] }),
    );
    const keeper = new TokenKeeper(ask);
    keeper.prepare(['A', 'gone']);
    const needed = keeper.need(['A', 'B']);
    answer({ tokens: [token('A')], refused: [{ room: 'gone', code: 'not_a_member' }] });
    expect(await needed).toEqual({ renewed: ['B'], refused: [] });
    expect(ask.mock.calls).toEqual([[['A', 'gone']], [['B']]]);
  });

  it('are asked for again when that failed', async () => {
    const ask = vi.fn(() => Promise.resolve({ tokens: [token('A')], refused: [] }));
    ask.mockRejectedValueOnce(new Error('away'));
    const keeper = new TokenKeeper(ask);
    keeper.prepare(['A']);
    expect((await keeper.need(['A'])).renewed).toEqual(['A']);
  });
});

describe('the relay', () => {
  it('says later, in order, what nobody was there to hear, and then at once', () => {
    const relay = new Relay();
    const heard: string[] = [];
    relay.state('connecting');
    relay.rooms();
    relay.listen({
      state: (state: string) => heard.push(state),
      rooms: () => heard.push('rooms'),
      signedOut: () => heard.push('signed out'),
    } as unknown as Listener);
    relay.signedOut();
    expect(heard).toEqual(['connecting', 'rooms', 'signed out']);
  });
});

// The socket's promises: tokens in one batch, resume from the last seq, nothing missed after a gap, nothing sent twice.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChatSocket, type Listener } from '../src/lib/api/socket';
import { Problem } from '../src/lib/api/problem';
import { TokenKeeper } from '../src/lib/api/tokens';
import { Outbox } from '../src/lib/model/outbox.svelte';
import { Store } from '../src/lib/model/store';
import type { RoomFrame } from '../src/lib/api/types';

class FakeSocket {
  sent: Record<string, unknown>[] = [];
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  send = (text: string) => void this.sent.push(JSON.parse(text) as Record<string, unknown>);
  close = () => undefined;
  hear = (frame: object) => this.onmessage?.({ data: JSON.stringify(frame) });
  last = (type: string) => this.sent.findLast((frame) => frame.type === type);
}

const COUNTS = { read: 0, unread: 0, mentions: 0, grants: [], presence: { count: 0 } };

function setUp() {
  const dialled: FakeSocket[] = [];
  const asked: string[][] = [];
  const frames: RoomFrame[] = [];
  const listener = {
    frame: (frame: RoomFrame) => frames.push(frame),
    renamed: vi.fn(),
    rooms: vi.fn(),
    state: vi.fn(),
    limits: vi.fn(),
    signedOut: vi.fn(),
  };
  /** What the bridge refuses from now on, and why. */
  const refused = new Map<string, string>();
  const bridge = { away: false };
  const keeper = new TokenKeeper((rooms) => {
    asked.push(rooms);
    if (bridge.away) return Promise.reject(new Problem('sympa_unavailable', 503));
    const given = rooms.filter((room) => !refused.has(room));
    return Promise.resolve({
      tokens: given.map((room) => ({ room, token: `t-${room}-${asked.length}`, expires_at: Date.now() + 300_000 })),
      refused: rooms.flatMap((room) => [refused.get(room) ?? []].flat().map((code) => ({ room, code }))),
    });
  });
  const dial = () => {
    dialled.push(new FakeSocket());
    return dialled.at(-1) as unknown as WebSocket;
  };
  const socket = new ChatSocket(
    new URL('https://example.org/api/chat/'),
    keeper,
    listener as unknown as Listener,
    dial,
  );
  const newest = () => dialled.at(-1) as FakeSocket;
  const welcome = async () => {
    await vi.advanceTimersByTimeAsync(0);
    newest().hear({ type: 'welcome', limits: {}, at: 0 });
    await vi.advanceTimersByTimeAsync(0);
  };
  const entered = (room: string, seq: number) =>
    newest().hear({
      type: 'entered',
      ref: newest().sent.findLast((f) => f.type === 'enter' && f.room === room)?.ref,
      room,
      seq,
      items: [],
      first: true,
      ...COUNTS,
    });
  const said = (seq: number) =>
    newest().hear({
      type: 'event',
      room: 'A',
      event: { kind: 'said', seq, at: 0, by: 'x', name: 'x', nonce: 'n', body: '' },
    });
  const refuse = (code: string) => newest().hear({ type: 'refused', ref: newest().last('enter')?.ref, code });
  return { socket, dialled, asked, refused, bridge, frames, listener, newest, welcome, entered, refuse, said };
}

describe('the socket', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('enters each room once, the one on screen first, when the line was open before the rooms were known', async () => {
    const { socket, newest, welcome, asked } = setUp();
    socket.warm();
    await welcome();
    for (const room of ['A', 'B', 'C']) socket.enter(room, 0);
    socket.enter('B', 50);
    await vi.advanceTimersByTimeAsync(0);
    const entered = newest().sent.filter(({ type }) => type === 'enter');
    expect(entered.map(({ room, lines }) => [room, lines])).toEqual([
      ['B', 50],
      ['A', 0],
      ['C', 0],
    ]);
    expect(asked).toEqual([['A', 'B', 'C']]);
  });

  it('asks for all tokens at once and enters every room', async () => {
    const t = setUp();
    t.socket.enter('A', 50);
    t.socket.enter('B', 0);
    await t.welcome();
    expect(t.asked.flat().sort()).toEqual(['A', 'B']);
    expect(t.newest().sent.map(({ type, room, lines }) => [type, room, lines])).toEqual([
      ['enter', 'A', 50],
      ['enter', 'B', 0],
    ]);
  });

  it('resumes from the last seq after the line was lost', async () => {
    const t = setUp();
    t.socket.enter('A', 50);
    await t.welcome();
    t.entered('A', 4);
    t.said(5);
    t.newest().onclose?.();
    await vi.advanceTimersByTimeAsync(1000);
    await t.welcome();
    expect(t.dialled).toHaveLength(2);
    expect(t.newest().last('enter')).toMatchObject({ room: 'A', from: 5 });
  });

  it('reconnects at a gap instead of passing over it, and hears doubles once', async () => {
    const t = setUp();
    t.socket.enter('A', 50);
    await t.welcome();
    t.entered('A', 4);
    t.said(5);
    t.said(5);
    t.said(7);
    expect(t.frames.filter(({ type }) => type === 'event')).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(0);
    await t.welcome();
    expect(t.newest().last('enter')).toMatchObject({ from: 5 });
  });

  it('renews tokens of all rooms in one request at half their life', async () => {
    const t = setUp();
    t.socket.enter('A', 50);
    t.socket.enter('B', 50);
    await t.welcome();
    t.entered('A', 0);
    t.entered('B', 0);
    const before = t.asked.length;
    for (let i = 0; i < 17; i++) {
      await vi.advanceTimersByTimeAsync(10_000);
      t.newest().hear({ type: 'pong' });
    }
    expect(t.asked.length).toBe(before + 1);
    expect(t.newest().sent.filter(({ type }) => type === 'renew')).toHaveLength(2);
  });

  it('believes the bridge, not the chat, when it is told that a room is closed', async () => {
    const t = setUp();
    t.socket.enter('A', 50);
    await t.welcome();
    t.refuse('room_closed');
    await vi.advanceTimersByTimeAsync(0);
    expect(t.newest().last('enter')).toMatchObject({ token: 't-A-2' });
    t.refuse('room_closed');
    await vi.advanceTimersByTimeAsync(2000);
    expect(t.newest().last('enter')).toMatchObject({ token: 't-A-3' });
    t.entered('A', 4);
    expect(t.frames.map(({ type }) => type)).toEqual(['entered']);
  });

  it('is out at once when the bridge says so too', async () => {
    const t = setUp();
    t.socket.enter('A', 50);
    await t.welcome();
    t.refused.set('A', 'room_closed');
    t.refuse('room_closed');
    await vi.advanceTimersByTimeAsync(0);
    expect(t.frames).toEqual([{ type: 'removed', room: 'A', code: 'room_closed' }]);
    expect(t.newest().sent.filter(({ type }) => type === 'enter')).toHaveLength(1);
  });

  it('asks ever more rarely, with the same token, where there are too many tabs', async () => {
    const t = setUp();
    t.socket.enter('A', 50);
    await t.welcome();
    const before = t.asked.length;
    const enters = () => t.newest().sent.filter(({ type }) => type === 'enter').length;
    for (const waitMs of [4000, 8000, 16_000]) {
      t.refuse('too_many');
      const entered = enters();
      await vi.advanceTimersByTimeAsync(waitMs - 1);
      expect(enters()).toBe(entered);
      await vi.advanceTimersByTimeAsync(1);
      expect(enters()).toBe(entered + 1);
    }
    expect(t.newest().last('enter')).toMatchObject({ token: 't-A-1' });
    expect(t.asked.length).toBe(before);
  });

  it('does not ask for ever when chat and bridge do not agree', async () => {
    const t = setUp();
    t.socket.enter('A', 50);
    await t.welcome();
    for (let i = 0; i < 6; i++) {
      t.refuse('not_a_member');
      await vi.advanceTimersByTimeAsync(2000);
    }
    expect(t.frames).toEqual([{ type: 'removed', room: 'A', code: 'not_a_member' }]);
    expect(t.newest().sent.filter(({ type }) => type === 'enter')).toHaveLength(6);
  });

  it('waits when its token ends while the bridge cannot give another, and goes on where it was', async () => {
    const t = setUp();
    t.socket.enter('A', 50);
    await t.welcome();
    t.entered('A', 4);
    t.bridge.away = true;
    t.newest().hear({ type: 'waiting', room: 'A', code: 'token_expired' });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(t.asked.length).toBeGreaterThan(2);
    expect(t.newest().sent.filter(({ type }) => type === 'enter')).toHaveLength(1);
    t.bridge.away = false;
    await vi.advanceTimersByTimeAsync(8000);
    expect(t.newest().last('enter')).toMatchObject({ room: 'A', from: 4 });
    expect(t.frames.map(({ type }) => type)).toEqual(['entered', 'waiting']);
    expect([t.dialled.length, t.listener.signedOut.mock.calls.length]).toEqual([1, 0]);
  });

  it('says when the session has ended', async () => {
    const listener = {
      frame: vi.fn(),
      renamed: vi.fn(),
      rooms: vi.fn(),
      state: vi.fn(),
      limits: vi.fn(),
      signedOut: vi.fn(),
    };
    const keeper = new TokenKeeper(() => Promise.reject(new Problem('signed_out', 401)));
    new ChatSocket(new URL('https://example.org/'), keeper, listener).enter('A', 0);
    await vi.advanceTimersByTimeAsync(0);
    expect(listener.signedOut).toHaveBeenCalledOnce();
  });
});

describe('the outbox', () => {
  const kept = () => {
    const values = new Map<string, string>();
    return {
      getItem: (k: string) => values.get(k) ?? null,
      setItem: (k: string, v: string) => void values.set(k, v),
      removeItem: (k: string) => void values.delete(k),
    };
  };

  it('keeps order and nonce over a break and a reload', async () => {
    const keeper = kept();
    const offline = new Outbox(new Store(keeper, ''), () => Promise.reject(new Problem('offline')), vi.fn());
    offline.add({ body: 'one' });
    offline.add({ body: 'two' });
    await new Promise((done) => setTimeout(done));
    const nonces = offline.pending.map(({ nonce }) => nonce);
    const sent: string[] = [];
    const online = new Outbox(new Store(keeper, ''), ({ nonce }) => Promise.resolve(sent.push(nonce)), vi.fn());
    await online.flush();
    expect(sent).toEqual(nonces);
    for (const nonce of nonces) online.settle(nonce);
    expect(online.pending).toEqual([]);
  });

  it('gives a refused message back with its reason', async () => {
    const refused = vi.fn();
    const outbox = new Outbox(new Store(undefined, ''), () => Promise.reject(new Problem('not_allowed', 403)), refused);
    outbox.add({ body: 'one' });
    await new Promise((done) => setTimeout(done));
    expect(refused).toHaveBeenCalledWith(expect.objectContaining({ body: 'one', state: 'refused' }), 'not_allowed');
  });
});

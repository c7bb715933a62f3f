// The line to signal-server: what is answered, what is told, and that a site without one costs the chat nothing.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SignalSocket } from '../src/lib/api/signal';
import type { SignalFrame } from '../src/lib/api/signal-types';
import { TokenKeeper } from '../src/lib/api/tokens';

class FakeSocket {
  sent: Record<string, unknown>[] = [];
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  send = (text: string) => void this.sent.push(JSON.parse(text) as Record<string, unknown>);
  close = () => undefined;
  hear = (frame: object) => this.onmessage?.({ data: JSON.stringify(frame) });
  last = (type: string) => this.sent.findLast((frame) => frame.type === type);
}

async function setUp(rooms = ['A']) {
  const dialled: FakeSocket[] = [];
  const heard: SignalFrame[] = [];
  const keeper = new TokenKeeper((wanted) =>
    Promise.resolve({
      tokens: wanted.map((room) => ({ room, token: `t-${room}`, expires_at: Date.now() + 300_000 })),
      refused: [],
    }),
  );
  const signal = new SignalSocket(new URL('https://example.org/api/signal/'), keeper, vi.fn(), () => {
    dialled.push(new FakeSocket());
    return dialled.at(-1) as unknown as WebSocket;
  });
  signal.listen({ frame: (frame) => heard.push(frame) });
  signal.follow(rooms);
  const newest = () => dialled.at(-1) as FakeSocket;
  const open = async () => {
    await vi.advanceTimersByTimeAsync(0);
    newest().hear({ type: 'welcome', limits: { offers: 7 }, at: 0 });
    await vi.advanceTimersByTimeAsync(0);
    for (const { ref, type } of [...newest().sent]) if (type === 'enter') newest().hear({ type: 'ok', ref });
    await vi.advanceTimersByTimeAsync(0);
  };
  return { signal, dialled, heard, newest, open };
}

const ring = { type: 'ring', room: 'A', person: 'P', media: 'audio' } as const;

describe('the line to signal-server', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('enters the rooms, and is answered with the link', async () => {
    const t = await setUp(['A', 'B']);
    await t.open();
    expect(t.newest().sent.map(({ type, room, token }) => [type, room, token])).toEqual([
      ['enter', 'A', 't-A'],
      ['enter', 'B', 't-B'],
    ]);
    const link = t.signal.command(ring);
    t.newest().hear({ type: 'ok', ref: t.newest().last('ring')?.ref, link: 'L' });
    expect(await link).toMatchObject({ link: 'L' });
    expect(t.signal.limits.offers).toBe(7);
    t.signal.follow(['B']);
    expect(t.newest().last('leave')).toMatchObject({ room: 'A' });
  });

  it('hears what one may do, and forgets it with the line', async () => {
    const t = await setUp();
    await t.open();
    t.newest().hear({ type: 'stands', room: 'A', grants: ['call'] });
    expect([t.signal.may('A', 'call'), t.signal.may('A', 'send_files'), t.heard.length]).toEqual([true, false, 1]);
    t.newest().onclose?.();
    expect(t.signal.may('A', 'call')).toBe(false);
    await expect(t.signal.command(ring)).rejects.toMatchObject({ code: 'offline' });
    expect(t.signal.tell({ type: 'signal', link: 'L', signal: { kind: 'candidate', candidate: '', mid: '' } })).toBe(
      false,
    );
  });

  it('comes back, and the rooms stand again', async () => {
    const t = await setUp();
    await t.open();
    t.newest().onclose?.();
    await vi.advanceTimersByTimeAsync(1000);
    await t.open();
    expect([t.dialled.length, t.signal.state, t.newest().last('enter')?.room]).toEqual([2, 'open', 'A']);
  });

  it('is refused in words of the protocol', async () => {
    const t = await setUp();
    await t.open();
    const asked = t.signal.command(ring);
    t.newest().hear({ type: 'refused', ref: t.newest().last('ring')?.ref, code: 'absent' });
    await expect(asked).rejects.toMatchObject({ code: 'absent' });
  });

  it('asks for servers once as long as they are good', async () => {
    const t = await setUp();
    await t.open();
    const asked = Promise.all([t.signal.servers(), t.signal.servers()]);
    const until = Date.now() + 600_000;
    t.newest().hear({
      type: 'servers',
      ref: t.newest().last('servers')?.ref,
      servers: [{ urls: ['turn:x'] }],
      until,
      relay_only: true,
    });
    const [first, second] = await asked;
    expect([first, second]).toEqual([first, { servers: [{ urls: ['turn:x'] }], relayOnly: true }]);
    await t.signal.servers();
    expect(t.newest().sent.filter(({ type }) => type === 'servers')).toHaveLength(1);
    vi.setSystemTime(until - 30_000);
    void t.signal.servers().catch(() => undefined);
    expect(t.newest().sent.filter(({ type }) => type === 'servers')).toHaveLength(2);
  });

  it('asks for servers anew after the line was cut: those of a server that has died help nobody', async () => {
    const t = await setUp();
    await t.open();
    const asked = t.signal.servers();
    const until = Date.now() + 600_000;
    const { ref } = t.newest().last('servers') as { ref: string };
    t.newest().hear({ type: 'servers', ref, servers: [{ urls: ['turn:old'] }], until, relay_only: false });
    await asked;
    t.newest().onclose?.();
    await expect(t.signal.servers()).rejects.toMatchObject({ code: 'offline' });
    await vi.advanceTimersByTimeAsync(1000);
    await t.open();
    void t.signal.servers().catch(() => undefined);
    expect(t.newest().last('servers')).toBeDefined();
  });

  it('is tried ever more rarely where there is no signal-server', async () => {
    const t = await setUp();
    for (let second = 0; second < 3600; second += 5) {
      t.newest().onclose?.();
      await vi.advanceTimersByTimeAsync(5000);
    }
    // With the patience of the chat it would be more than a hundred.
    expect(t.dialled.length).toBeLessThan(40);
  });
});

// Who somebody is stays open while nobody answers; and a session that ends takes nothing off the screen for good.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Client } from '../src/lib/api/client';
import { Problem } from '../src/lib/api/problem';
import { Session } from '../src/lib/model/session.svelte';
import { Store } from '../src/lib/model/store';

const IN = { signed_in: true, person: '01ME', name: 'Marion Keller', language: 'en', listmaster: false };
const OUT = { signed_in: false, sympa_cookie: false };
const json = (body: unknown) => () => Promise.resolve(new Response(JSON.stringify(body)));
const status = (code: number, headers: Record<string, string> = {}, body = 'Sorry.') =>
  vi.fn(() => Promise.resolve(new Response(body, { status: code, headers })));

function setUp(...answers: (() => Promise<Response>)[]) {
  const asked = vi.fn(() => (answers.length > 1 ? answers.shift() : answers[0])?.());
  vi.stubGlobal('fetch', asked);
  const at = new URL('https://example.org/api/');
  const values = new Map<string, string>();
  const kept = {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  };
  const store = new Store(kept, '');
  const session = new Session(new Client({ bridge: at, chat: at, signal: at }), store);
  return { session, asked, store };
}

describe('a session that cannot be looked up', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => (vi.useRealTimers(), vi.unstubAllGlobals()));

  it.each([
    ['503', status(503)],
    ['429', status(429)],
    ['no connection', () => Promise.reject(new TypeError('fetch failed'))],
    ['somebody else’s page', status(200, {}, '<p>Welcome to the hotel</p>')],
  ])('is not taken for being signed out: %s', async (_what, trouble) => {
    const { session } = setUp(trouble, trouble, json(IN));
    const started = session.start();
    await vi.advanceTimersByTimeAsync(1200);
    expect([session.state, session.starting, session.trouble !== null]).toEqual(['unknown', true, true]);
    await vi.advanceTimersByTimeAsync(3000);
    await started;
    expect([session.state, session.starting, session.trouble]).toEqual(['in', false, null]);
  });

  it('is tried again when the server says so, not sooner', async () => {
    const { session, asked } = setUp(status(429, { 'retry-after': '20' }), json(IN));
    void session.start();
    await vi.advanceTimersByTimeAsync(19_000);
    expect(asked).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1500);
    expect([asked.mock.calls.length, session.state]).toEqual([2, 'in']);
  });

  it('is tried again less and less often, and at once when somebody asks for it', async () => {
    const { session, asked } = setUp(status(502));
    void session.start();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(asked.mock.calls.length).toBeGreaterThan(5);
    expect(asked.mock.calls.length).toBeLessThan(12);
    const before = asked.mock.calls.length;
    session.retryNow();
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toHaveBeenCalledTimes(before + 1);
  });

  it('keeps who was inside when it happens in the middle of things', async () => {
    const { session } = setUp(json(IN), status(503), json(OUT));
    await session.start();
    void session.end();
    await vi.advanceTimersByTimeAsync(100);
    expect([session.ended, session.starting, session.me?.name]).toEqual([true, true, 'Marion Keller']);
    await vi.advanceTimersByTimeAsync(2000);
    expect([session.ended, session.starting]).toEqual([true, false]);
  });
});

describe('a Sympa that cannot say who somebody is', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => (vi.useRealTimers(), vi.unstubAllGlobals()));
  const away = status(503, {}, '{"code":"sympa_unavailable"}');
  const nobody = status(401, {}, '{"code":"no_sympa_session"}');
  const refusedAtFirst = async (...answers: (() => Promise<Response>)[]) => {
    const all = setUp(json({ signed_in: false, sympa_cookie: true }), away, ...answers);
    await all.session.start();
    return all;
  };

  it('is asked again until it can, and nothing changes on screen meanwhile', async () => {
    const { session, asked } = await refusedAtFirst(away, json(IN));
    expect([session.starting, session.refusal, session.sympaAway?.code]).toEqual([
      false,
      'sympa_unavailable',
      'sympa_unavailable',
    ]);
    const signedIn = session.withSympaOnceItIsBack(() => true);
    await vi.advanceTimersByTimeAsync(1500);
    expect([asked.mock.calls.length, session.busy, session.refusal]).toEqual([3, false, 'sympa_unavailable']);
    await vi.advanceTimersByTimeAsync(3000);
    expect([await signedIn, session.state, session.refusal, session.sympaAway]).toEqual([true, 'in', null, null]);
  });

  it('is not asked for somebody who wants nothing of it any more', async () => {
    const { session, asked } = await refusedAtFirst(json(IN));
    const signedIn = session.withSympaOnceItIsBack(() => false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([await signedIn, session.state, asked.mock.calls.length]).toEqual([false, 'out', 2]);
  });

  it('has said so when it knows nobody', async () => {
    const { session, asked } = await refusedAtFirst(nobody);
    const signedIn = session.withSympaOnceItIsBack(() => true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([await signedIn, session.refusal, session.sympaAway]).toEqual([false, 'no_sympa_session', null]);
    expect(asked).toHaveBeenCalledTimes(3);
  });

  it('is asked at once when the network is back', async () => {
    const { session } = await refusedAtFirst(json(IN));
    void session.withSympaOnceItIsBack(() => true);
    await vi.advanceTimersByTimeAsync(0);
    session.retryNow();
    await vi.advanceTimersByTimeAsync(0);
    expect(session.state).toBe('in');
  });
});

describe('signing out', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('says so when it did not work, because the session goes on', async () => {
    const { session } = setUp(json(IN), status(503, {}, '{"code":"unavailable"}'));
    await session.start();
    expect([await session.signOut(), session.state, session.leaving]).toEqual(['unavailable', 'in', false]);
  });

  it('is not undone by the Sympa cookie when the end is heard of before the answer comes', async () => {
    const { session, store } = setUp(json(IN), () => Promise.resolve(new Response(null, { status: 204 })));
    await session.start();
    const signedOut = session.signOut();
    expect([session.leaving, store.read('left', false)]).toEqual([true, true]);
    expect([await signedOut, session.leaving, session.state]).toEqual([null, false, 'out']);
  });

  it('is done when the session was over already', async () => {
    const { session } = setUp(json(IN), status(401, {}, '{"code":"signed_out"}'));
    await session.start();
    expect([await session.signOut(), session.state]).toEqual([null, 'out']);
    expect(new Problem('signed_out', 401).passing).toBe(false);
  });
});

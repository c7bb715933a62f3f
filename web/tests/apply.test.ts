// The law of events: applying them gives what a fresh fetch gives. Also replays what the server's own tests recorded.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Event, Message } from '../src/lib/api/types';
import { apply, type State } from '../src/lib/model/apply';

const ALICE = { by: '01A', name: 'Alice' };
const BOB = { by: '01B', name: 'Bob' };
const said = (seq: number, body = `line ${seq}`): Event => ({
  kind: 'said',
  seq,
  at: seq,
  ...ALICE,
  nonce: `nonce-${seq}`,
  body,
});
const item = (seq: number, more: Partial<Message> = {}): Message => ({
  kind: 'message',
  seq,
  at: seq,
  ...ALICE,
  nonce: `nonce-${seq}`,
  body: `line ${seq}`,
  ...more,
});
const react = (seq: number, target: number, on: boolean): Event => ({
  kind: 'reacted',
  seq,
  at: seq,
  ...BOB,
  target,
  emoji: '🌷',
  on,
});
const EMPTY: State = { seq: 0, items: [] };
const run = (events: Event[], from = EMPTY) => events.reduce(apply, from);

describe('applying events', () => {
  it('appends what was said', () => {
    expect(run([said(1), said(2)])).toEqual({ seq: 2, items: [item(1), item(2)] });
  });

  it('takes the same event twice as once', () => {
    expect(run([said(1), said(1)])).toEqual({ seq: 1, items: [item(1)] });
  });

  it('keeps answers and mentions', () => {
    const answer: Event = { ...said(2), kind: 'said', reply_to: 1, mentions: ['01B'] } as Event;
    expect(run([said(1), answer]).items[1]).toEqual(item(2, { reply_to: 1, mentions: ['01B'] }));
  });

  it('shows the newest words of an edited message and when', () => {
    const edit: Event = { kind: 'edited', seq: 2, at: 9, by: '01A', target: 1, body: 'better' };
    expect(run([said(1), edit])).toEqual({ seq: 2, items: [item(1, { body: 'better', edited_at: 9 })] });
  });

  it('leaves nothing of a deleted message but its place', () => {
    const gone: Event = { kind: 'deleted', seq: 3, at: 9, by: '01B', target: 1, moderated: true };
    expect(run([said(1), react(2, 1, true), gone]).items).toEqual([
      item(1, { body: '', deleted: { at: 9, moderated: true } }),
    ]);
  });

  it('counts a reaction once per person and forgets it when taken back', () => {
    const both = run([said(1), react(2, 1, true), react(3, 1, true)]);
    expect(both.items[0]).toMatchObject({ reactions: [{ emoji: '🌷', by: [{ person: '01B', name: 'Bob', seq: 3 }] }] });
    expect(apply(both, react(4, 1, false))).toEqual({ seq: 4, items: [item(1)] });
  });

  it('gives a call and an offer a line of their own, and an offer its end', () => {
    const called: Event = {
      ...{ kind: 'called', seq: 1, at: 1, ...ALICE, call: '01C', to: '01B' },
      ...{ media: 'audio', outcome: 'missed', lasted_ms: 0 },
    } as const;
    const files = [{ name: 'tulips.jpg', size: 9, kind: 'image/jpeg' }];
    const offered: Event = { kind: 'offered', seq: 2, at: 2, ...ALICE, offer: '01O', files, count: 1, size: 9 };
    const closed: Event = { kind: 'closed', seq: 3, at: 3, by: '01A', target: 2, why: 'done' };
    const offer = { ...offered, kind: 'offer', closed: { at: 3, why: 'done' } };
    const state = run([called, offered, offered, closed]);
    expect(state).toEqual({ seq: 3, items: [{ ...called, kind: 'call' }, offer] });
    const none = run([react(4, 1, true), { kind: 'edited', seq: 5, at: 5, by: '01A', target: 2, body: 'x' }], state);
    expect(none.items).toEqual(state.items);
    const gone = (seq: number, target: number): Event => ({
      ...{ kind: 'deleted', seq, at: 9, by: '01A', target, moderated: false },
    });
    expect(run([gone(6, 1), gone(7, 2)], state).items).toEqual([
      state.items[0],
      { ...offer, files: [], deleted: { at: 9, moderated: false } },
    ]);
  });

  it('moves on past events whose message is not loaded, and past kinds it does not know', () => {
    const unknown = { kind: 'pinned', seq: 6, at: 6, by: '01A' } as unknown as Event;
    expect(run([react(5, 1, true), unknown]).seq).toBe(6);
  });
});

const recordings = join(import.meta.dirname, '../../tests/golden/events');

describe('what the server recorded', () => {
  const names = readdirSync(recordings).filter((name) => name.endsWith('.json'));

  it('is there', () => expect(names).not.toEqual([]));

  it.each(names)('%s, step by step', (name) => {
    const { before, steps } = JSON.parse(readFileSync(join(recordings, name), 'utf8')) as {
      before: State;
      steps: { events: Event[]; after: State }[];
    };
    expect(steps).not.toEqual([]);
    let state = before;
    for (const { events, after } of steps) {
      state = run(events, state);
      expect(state).toEqual(after);
    }
  });
});

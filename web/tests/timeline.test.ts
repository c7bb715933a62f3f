// The reader's run of messages: pages at both ends, a window that never grows beyond its bound, nothing lost while a page travels.
import { describe, expect, it } from 'vitest';
import type { Event, History, Item } from '../src/lib/api/types';
import type { HistoryQuery } from '../src/lib/api/client';
import { Timeline } from '../src/lib/model/timeline.svelte';

const item = (seq: number): Item => ({
  kind: 'message',
  seq,
  at: seq,
  by: 'a',
  name: 'A',
  nonce: `${seq}`,
  body: `${seq}`,
});
const said = (seq: number): Event => ({
  kind: 'said',
  seq,
  at: seq,
  by: 'a',
  name: 'A',
  nonce: `${seq}`,
  body: `${seq}`,
});
const run = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => item(from + i));
const seqs = (timeline: Timeline) => timeline.items.map(({ seq }) => seq);

/** A room of `total` messages that answers like the server. */
function history(total: number, meanwhile?: () => void) {
  return (query: HistoryQuery, limit: number): Promise<History> => {
    const all = run(1, total);
    let items: Item[];
    if ('before' in query) items = all.filter(({ seq }) => seq < query.before).slice(-limit);
    else if ('after' in query) items = all.filter(({ seq }) => seq > query.after).slice(0, limit);
    else items = all.filter(({ seq }) => Math.abs(seq - query.around) <= limit / 2);
    meanwhile?.();
    return Promise.resolve({ items, first: items[0]?.seq === 1, last: items.at(-1)?.seq === total });
  };
}

describe('a timeline', () => {
  it('reads back to the first line and never holds more than its window', async () => {
    const timeline = new Timeline(history(1000));
    await timeline.start({ seq: 1000, items: run(951, 1000), first: false });
    for (let i = 0; i < 30; i++) await timeline.older();
    expect(timeline.first).toBe(true);
    expect(timeline.items.length).toBeLessThanOrEqual(300);
    expect(timeline.last).toBe(false);
    for (let i = 0; i < 30; i++) await timeline.newer();
    expect([timeline.last, seqs(timeline).at(-1)]).toEqual([true, 1000]);
  });

  it('keeps what is said while a page travels', async () => {
    const timeline: Timeline = new Timeline(history(60, () => timeline.hear(said(61))));
    await timeline.start({ seq: 60, items: run(41, 60), first: false });
    await timeline.older();
    expect(seqs(timeline)).toEqual(run(1, 61).map(({ seq }) => seq));
  });

  it('does not append to an old part of the room, and finds the end again', async () => {
    const timeline = new Timeline(history(501));
    await timeline.start({ seq: 500, items: run(451, 500), first: false });
    await timeline.reach(20);
    timeline.hear(said(501));
    expect(seqs(timeline)).not.toContain(501);
    await timeline.latest();
    expect(seqs(timeline).at(-1)).toBe(501);
  });

  it('stops following instead of moving the lines a reader looks at', async () => {
    const timeline = new Timeline(history(201));
    await timeline.start({ seq: 200, items: run(1, 200), first: true });
    timeline.following = false;
    timeline.hear(said(201));
    expect([timeline.last, seqs(timeline)[0], timeline.items.length]).toEqual([false, 1, 200]);
  });

  it('lays out the newest messages first and the rest of the page little by little', async () => {
    const timeline = new Timeline(history(60));
    const laid = timeline.start({ seq: 60, items: run(11, 60), first: false });
    expect([seqs(timeline).at(-1), timeline.items.length < 15, timeline.last]).toEqual([60, true, true]);
    timeline.hear(said(61));
    await laid;
    expect(seqs(timeline)).toEqual(run(11, 61).map(({ seq }) => seq));
  });

  it('begins at the first unread message and still ends with what was said meanwhile', async () => {
    const timeline = new Timeline(history(60));
    const laid = timeline.start({ seq: 60, items: run(11, 60), first: false }, 29);
    expect(seqs(timeline)).toContain(30);
    expect(timeline.last).toBe(false);
    timeline.hear(said(61));
    await laid;
    expect([seqs(timeline), timeline.last, timeline.loading]).toEqual([run(11, 61).map(({ seq }) => seq), true, null]);
  });

  it('answers the newest wish when several places are asked for at once', async () => {
    const timeline = new Timeline(history(500));
    await timeline.start({ seq: 500, items: run(451, 500), first: false });
    void timeline.reach(20);
    void timeline.reach(200);
    expect(await timeline.reach(300)).toBe(true);
    await timeline.latest();
    await timeline.older();
    expect(seqs(timeline).at(-1)).toBe(500);
    expect(new Set(seqs(timeline)).size).toBe(timeline.items.length);
  });
});

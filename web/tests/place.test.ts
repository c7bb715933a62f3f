// Where the reader of a room is: who is at the live end stays there whatever grows, and who has gone up is left alone.
import { cleanup } from '@testing-library/svelte';
import { flushSync, type Component } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Exchange } from '../src/lib/model/exchange.svelte';
import type { RoomModel } from '../src/lib/model/room.svelte';
import Messages from '../src/screens/room/Messages.svelte';
import { Place } from '../src/screens/room/place.svelte';
import { house, show } from './screens/support';

const HEIGHT = 600;

/** A list of messages as far as its place goes: browsers keep scrollTop within what there is to scroll. */
class Scroller {
  clientWidth = 360;
  clientHeight = HEIGHT;
  children: Element[] = [];
  #top = 0;

  constructor(public scrollHeight: number) {}
  get scrollTop(): number {
    return Math.min(this.#top, Math.max(0, this.scrollHeight - this.clientHeight));
  }
  set scrollTop(to: number) {
    this.#top = Math.max(0, Math.min(to, this.scrollHeight - this.clientHeight));
  }
  get below(): number {
    return this.scrollHeight - this.scrollTop - this.clientHeight;
  }
  unread: { offsetTop: number } | null = null;
  querySelector = () => this.unread;
  querySelectorAll = () => [];
  getBoundingClientRect = () => ({ top: 0 });
}

let observed: () => void = () => undefined;
beforeEach(() =>
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(heard: () => void) {
        observed = heard;
      }
      observe() {}
      disconnect() {}
    },
  ),
);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

async function open(unread?: number): Promise<{ place: Place; list: Scroller }> {
  const timeline = { items: [{ seq: 1 }], first: true, last: true, following: true, older: vi.fn(), newer: vi.fn() };
  const place = new Place({ timeline, divider: null } as unknown as RoomModel);
  const list = new Scroller(2000);
  if (unread !== undefined) list.unread = { offsetTop: unread };
  place.watch(list as unknown as HTMLElement);
  await place.begin();
  return { place, list };
}

it('opens at the end, and at the first unread line when there is one', async () => {
  expect((await open()).list.below).toBe(0);
  const { place, list } = await open(900);
  expect(list.scrollTop).toBe(750);
  expect(place.atEnd).toBe(false);
});

it('a card that grows is followed, whether the browser tells of the scrolling or of the height first', async () => {
  const { place, list } = await open();
  list.scrollHeight += 55;
  place.scrolled();
  observed();
  expect(list.below).toBe(0);
  list.scrollHeight += 200;
  observed();
  place.scrolled();
  expect(list.below).toBe(0);
  expect(place.atEnd).toBe(true);
});

it('a card that arrives while the room opens is followed', async () => {
  const { place, list } = await open();
  const back = place.remember();
  list.scrollHeight += 55;
  back();
  expect(list.below).toBe(0);
  const early = new Place({
    timeline: { items: [], last: true, older: vi.fn(), newer: vi.fn() },
    divider: null,
  } as unknown as RoomModel);
  const short = new Scroller(2000);
  early.watch(short as unknown as HTMLElement);
  const settle = early.remember();
  await early.begin();
  short.scrollHeight += 55;
  settle();
  expect(short.below).toBe(0);
});

it('a card that becomes smaller leaves the reader at the end', async () => {
  const { place, list } = await open();
  list.scrollHeight -= 55;
  place.scrolled();
  expect(place.atEnd).toBe(true);
  list.scrollHeight += 55;
  place.scrolled();
  expect(list.below).toBe(0);
});

it('who goes up is left there, also when something grows in that moment', async () => {
  const { place, list } = await open();
  list.scrollTop -= 120;
  list.scrollHeight += 55;
  place.scrolled();
  observed();
  expect(list.below).toBe(175);
  expect(place.atEnd).toBe(false);
  list.scrollHeight += 55;
  place.scrolled();
  expect(list.below).toBe(230);
});

it('a smaller window keeps the end', async () => {
  const { place, list } = await open();
  [list.clientHeight, list.clientWidth] = [300, 700];
  list.scrollHeight = 1800;
  place.scrolled();
  expect(list.below).toBe(0);
  expect(place.atEnd).toBe(true);
});

it('what is behind the stage of a call is not seen', async () => {
  vi.stubGlobal('visualViewport', null);
  const h = house();
  h.page.watched = true;
  const calls = { large: true, live: {} as object | null };
  h.app.exchange = { calls } as unknown as Exchange;
  await show(Messages as unknown as Component<never>, { room: h.room, target: null }, h);
  expect(h.room.seen).toBe(false);
  flushSync(() => (h.app.exchange = { calls: { ...calls, large: false } } as unknown as Exchange));
  await vi.waitFor(() => expect(h.room.seen).toBe(true));
  flushSync(() => (h.app.exchange = { calls: { large: true, live: null } } as unknown as Exchange));
  expect(h.room.seen).toBe(true);
});

// The run of messages a reader has before them: pages in both directions, live events at the end, never more than a window of them.
import type { HistoryQuery } from '../api/client';
import { codeOf } from '../api/problem';
import type { Event, History, Item, Seq } from '../api/types';
import { change } from './apply';

export const PAGE = 50;
const WINDOW = 200;
/** So many messages are laid out at a time, so that scrolling never waits for a whole page. */
const STEP = 8;
const breathe = () => new Promise((resolve) => setTimeout(resolve));

export class Timeline {
  items = $state.raw<Item[]>([]);
  /** Nothing comes before the first item. */
  first = $state(false);
  /** The run reaches the live end, so new messages are appended. */
  last = $state(true);
  ready = $state(false);
  loading = $state<'before' | 'after' | 'around' | null>(null);
  failure = $state<string | null>(null);
  /** The reader is at the end and sees what comes in; set by the view. */
  following = true;
  /** The last seq of the room, known from the socket. */
  seq = 0;
  #meanwhile: Event[] = [];

  constructor(private readonly ask: (query: HistoryQuery, limit: number) => Promise<History>) {}

  start({ seq, items, first }: { seq: Seq; items: Item[]; first: boolean }): void {
    this.seq = seq;
    this.ready = true;
    if (!this.last) return;
    this.items = items;
    this.first = first;
  }

  resume(seq: Seq, events: Event[]): void {
    for (const event of events) this.hear(event);
    this.seq = Math.max(this.seq, seq);
  }

  hear(event: Event): void {
    this.seq = Math.max(this.seq, event.seq);
    if (this.loading) this.#meanwhile.push(event);
    if (event.kind === 'said') this.#append(event);
    else this.items = change(this.items, event);
  }

  find(seq: Seq): Item | undefined {
    return this.items.find((item) => item.seq === seq);
  }

  async older(): Promise<void> {
    const before = this.items[0]?.seq;
    if (this.first || before === undefined) return;
    await this.#load('before', { before }, async ({ items, first }) => {
      for (let end = items.length; end > 0; end -= STEP) {
        const run = [...this.#current(items.slice(Math.max(0, end - STEP), end)), ...this.items];
        if (run.length > WINDOW) this.last = false;
        this.items = run.slice(0, WINDOW);
        await breathe();
      }
      this.first = first;
    });
  }

  async newer(): Promise<void> {
    const after = this.items.at(-1)?.seq;
    if (this.last || after === undefined) return;
    await this.#load('after', { after }, async ({ items, last }) => {
      for (let start = 0; start < items.length; start += STEP) {
        const run = [...this.items, ...this.#current(items.slice(start, start + STEP))];
        if (run.length > WINDOW) this.first = false;
        this.items = run.slice(-WINDOW);
        await breathe();
      }
      this.last = last;
      // What was said while the last page travelled belongs behind it.
      if (last) this.items = this.#meanwhile.reduce(change, this.items).slice(-WINDOW);
    });
  }

  /** Makes sure a message is in the run; answers whether it is. */
  async reach(seq: Seq): Promise<boolean> {
    if (!this.find(seq)) await this.#load('around', { around: seq }, (page) => this.#replace(page));
    return this.find(seq) !== undefined;
  }

  /** Loads what lies around a place, such as the first unread message. */
  around(seq: Seq): Promise<void> {
    return this.#load('around', { around: Math.max(1, seq) }, (page) => this.#replace(page));
  }

  /** Back to the live end. */
  async latest(): Promise<void> {
    if (this.last) return;
    await this.#load('around', { before: this.seq + 1 }, (page) => this.#replace(page));
  }

  #replace(page: History): void {
    this.first = page.first;
    this.last = page.last;
    const since = this.#meanwhile.filter((event) => event.kind !== 'said' || page.last);
    this.items = since.reduce(change, page.items);
  }

  /** Messages of a page as they are now: events heard while it travelled are applied; each does its work once, whoever was faster. */
  #current(items: Item[]): Item[] {
    return this.#meanwhile.filter(({ kind }) => kind !== 'said').reduce(change, items);
  }

  #append(event: Event): void {
    if (!this.last) return;
    if (this.items.length < WINDOW) this.items = change(this.items, event);
    else if (this.following) {
      this.items = change(this.items, event).slice(-WINDOW);
      this.first = false;
    } else this.last = false;
  }

  async #load(
    way: 'before' | 'after' | 'around',
    query: HistoryQuery,
    place: (page: History) => Promise<void> | void,
  ): Promise<void> {
    if (this.loading) return;
    this.loading = way;
    this.failure = null;
    this.#meanwhile = [];
    try {
      await place(await this.ask(query, PAGE));
    } catch (error) {
      this.failure = codeOf(error);
    } finally {
      this.loading = null;
      this.#meanwhile = [];
    }
  }
}

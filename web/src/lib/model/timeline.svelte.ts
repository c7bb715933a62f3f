// The run of messages a reader has before them: pages in both directions, live events at the end, never more than a window of them.
import type { HistoryQuery } from '../api/client';
import { codeOf } from '../api/problem';
import type { Event, History, Item, Message, NewLine, Seq } from '../api/types';
import { change, isLine } from './apply';

export const PAGE = 50;
const WINDOW = 200;
/** Messages are laid out a few at a time, so that neither opening a room nor scrolling waits for a whole page: first about a screen … */
const GLIMPSE = 8;
/** … then so many more. */
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
  /** Counts what was asked for and laid out; whatever belongs to an earlier turn is dropped. */
  #turn = 0;
  #busy: Promise<void> = Promise.resolve();

  constructor(private readonly ask: (query: HistoryQuery, limit: number) => Promise<History>) {}

  /** The newest messages, as the socket gave them; `unread` is the seq behind which the reader will begin. */
  start({ seq, items, first }: { seq: Seq; items: Item[]; first: boolean }, unread: Seq | null = null): Promise<void> {
    this.seq = seq;
    const again = this.ready;
    this.ready = true;
    if (!this.last) return Promise.resolve();
    const turn = this.#begin('around');
    const elsewhere = unread !== null && !first && unread + 1 < (items[0]?.seq ?? 0);
    if (again || elsewhere) {
      // Rows that stand already are quick; and who begins further up needs no more than a glimpse of the end.
      [this.items, this.first] = again ? [items, first] : [items.slice(-GLIMPSE), false];
      this.#end(turn);
    } else {
      const laid = this.#lay(turn, { items, first, last: true }, unread === null ? Infinity : unread + 1);
      this.#busy = laid.finally(() => this.#end(turn));
    }
    return this.#busy;
  }

  resume(seq: Seq, events: Event[]): void {
    for (const event of events) this.hear(event);
    this.seq = Math.max(this.seq, seq);
  }

  hear(event: Event): void {
    this.seq = Math.max(this.seq, event.seq);
    if (this.loading) this.#meanwhile.push(event);
    if (isLine(event)) this.#append(event);
    else this.items = change(this.items, event);
  }

  find(seq: Seq): Item | undefined {
    return this.items.find((item) => item.seq === seq);
  }

  message(seq: Seq): Message | undefined {
    const item = this.find(seq);
    return item?.kind === 'message' ? item : undefined;
  }

  async older(): Promise<void> {
    const before = this.items[0]?.seq;
    if (this.first || before === undefined) return;
    await this.#load('before', { before }, async ({ items, first }, turn) => {
      await this.#layBefore(turn, items);
      if (turn === this.#turn) this.first = first;
    });
  }

  async newer(): Promise<void> {
    const after = this.items.at(-1)?.seq;
    if (this.last || after === undefined) return;
    await this.#load('after', { after }, ({ items, last }, turn) => this.#layAfter(turn, items, last));
  }

  /** Makes sure a message is in the run; answers whether it is. */
  async reach(seq: Seq): Promise<boolean> {
    if (!this.find(seq)) await this.#busy;
    if (!this.find(seq)) await this.#show({ around: seq }, seq);
    return this.find(seq) !== undefined;
  }

  /** Loads what lies around a place, such as the first unread message. */
  around(seq: Seq): Promise<void> {
    return this.#show({ around: Math.max(1, seq) }, seq);
  }

  /** Back to the live end. */
  async latest(): Promise<void> {
    if (!this.last) await this.#show({ before: this.seq + 1 }, Infinity);
  }

  /** Puts a page in place of the run. Answers as soon as the messages around `at` stand there; the others follow. */
  #show(query: HistoryQuery, at: Seq): Promise<void> {
    return new Promise((stands) => {
      const place = (page: History, turn: number) => {
        const rest = this.#lay(turn, page, at);
        stands();
        return rest;
      };
      void this.#load('around', query, place).then(stands);
    });
  }

  /** The messages around `at` at once, then those after them, then those before them. */
  async #lay(turn: number, page: History, at: Seq): Promise<void> {
    const items = page.last ? this.#meanwhile.reduce(change, page.items) : this.#current(page.items);
    const found = items.findIndex(({ seq }) => seq >= at);
    const middle = found < 0 ? items.length : found;
    const start = Math.max(0, Math.min(middle - GLIMPSE / 2, items.length - GLIMPSE));
    const end = start + GLIMPSE;
    this.items = items.slice(start, end);
    this.first = page.first && start === 0;
    this.last = page.last && end >= items.length;
    await breathe();
    if (!this.last) await this.#layAfter(turn, items.slice(end), page.last);
    await this.#layBefore(turn, items.slice(0, start));
    if (turn === this.#turn) this.first ||= page.first && this.items[0]?.seq === items[0]?.seq;
  }

  async #layBefore(turn: number, items: Item[]): Promise<void> {
    for (let end = items.length; end > 0 && turn === this.#turn; end -= STEP) {
      const run = [...this.#current(items.slice(Math.max(0, end - STEP), end)), ...this.items];
      if (run.length > WINDOW) this.last = false;
      this.items = run.slice(0, WINDOW);
      await breathe();
    }
  }

  async #layAfter(turn: number, items: Item[], last: boolean): Promise<void> {
    for (let start = 0; start < items.length && turn === this.#turn; start += STEP) {
      const run = [...this.items, ...this.#current(items.slice(start, start + STEP))];
      if (run.length > WINDOW) this.first = false;
      this.items = run.slice(-WINDOW);
      await breathe();
    }
    if (turn !== this.#turn) return;
    this.last = last;
    // What was said while the last page travelled belongs behind it.
    if (last) this.items = this.#meanwhile.reduce(change, this.items).slice(-WINDOW);
  }

  /** Messages of a page as they are now: events heard while it travelled are applied; each does its work once, whoever was faster. */
  #current(items: Item[]): Item[] {
    return this.#meanwhile.filter((event) => !isLine(event)).reduce(change, items);
  }

  #append(event: NewLine): void {
    if (!this.last) return;
    if (this.items.length < WINDOW) this.items = change(this.items, event);
    else if (this.following) {
      this.items = change(this.items, event).slice(-WINDOW);
      this.first = false;
    } else this.last = false;
  }

  #load(
    way: 'before' | 'after' | 'around',
    query: HistoryQuery,
    place: (page: History, turn: number) => Promise<void>,
  ): Promise<void> {
    // More at one end can wait; another place takes the turn of whatever is under way.
    if (this.loading && way !== 'around') return Promise.resolve();
    const turn = this.#begin(way);
    const load = async () => {
      try {
        const page = await this.ask(query, PAGE);
        if (turn === this.#turn) await place(page, turn);
      } catch (error) {
        if (turn === this.#turn) this.failure = codeOf(error);
      } finally {
        this.#end(turn);
      }
    };
    return (this.#busy = load());
  }

  #begin(way: 'before' | 'after' | 'around'): number {
    this.loading = way;
    this.failure = null;
    this.#meanwhile = [];
    return ++this.#turn;
  }

  #end(turn: number): void {
    if (turn !== this.#turn) return;
    this.loading = null;
    this.#meanwhile = [];
  }
}

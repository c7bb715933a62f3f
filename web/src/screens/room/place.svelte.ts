// Where the reader is in the list: at the end or not, which message is active, and how the place is kept when lines come and go.
import { tick } from 'svelte';
import type { RoomModel } from '../../lib/model/room.svelte';

const END_PX = 48;
const LOAD_PX = 800;

export class Place {
  atEnd = $state(true);
  /** The message that Tab reaches and keys act on. */
  active = $state<number | null>(null);
  #scroller: HTMLElement | undefined;
  /** The first look has been placed; before it, being at the end means nothing. */
  begun = $state(false);
  /** The size the list had, and how far down it was, when it was last looked at. */
  #size = '';
  #top = 0;

  constructor(private readonly room: RoomModel) {}

  /** Holds the end in view while heights change (composer, keyboard, late layout). */
  watch(scroller: HTMLElement): () => void {
    this.#scroller = scroller;
    this.#size = `${scroller.clientWidth} ${scroller.clientHeight}`;
    const stay = new ResizeObserver(() => this.#staysAtEnd && this.toEnd());
    stay.observe(scroller);
    for (const child of scroller.children) stay.observe(child);
    return () => stay.disconnect();
  }

  /** The first look: at the first unread line when there is one, else at the end. */
  async begin(): Promise<void> {
    if (this.begun) return;
    const { timeline, divider } = this.room;
    const oldest = timeline.items[0]?.seq ?? 0;
    if (divider !== null && oldest > divider + 1 && !timeline.first) await timeline.around(divider + 1);
    await tick();
    this.begun = true;
    this.atEnd = false;
    const line = this.#scroller?.querySelector<HTMLElement>('#first-unread');
    if (line && this.#scroller)
      this.#scroller.scrollTop = Math.max(0, line.offsetTop - this.#scroller.clientHeight / 4);
    else this.toEnd();
    this.scrolled();
  }

  /** Called before the list changes; answers what, after it, puts the reader back to where they were. */
  remember(): () => void {
    const back = this.#whereTheyAre();
    return () => {
      back?.();
      this.#look();
    };
  }

  #whereTheyAre(): (() => void) | undefined {
    const scroller = this.#scroller;
    if (!scroller || !this.begun) return undefined;
    if (this.#staysAtEnd) return () => this.toEnd();
    const top = scroller.getBoundingClientRect().top;
    const anchor = this.#rows().find((row) => row.getBoundingClientRect().bottom > top);
    if (!anchor) return undefined;
    const before = anchor.getBoundingClientRect().top;
    const seq = anchor.dataset.seq ?? '';
    return () => {
      const same = scroller.querySelector<HTMLElement>(`[data-seq="${seq}"]`);
      const moved = (same?.getBoundingClientRect().top ?? before) - before;
      if (Math.abs(moved) > 1) scroller.scrollTop += moved;
    };
  }

  scrolled(): void {
    const scroller = this.#scroller;
    if (!scroller || !this.begun) return;
    const below = this.#look();
    const { timeline } = this.room;
    if (scroller.scrollTop < LOAD_PX) void timeline.older();
    else if (below < LOAD_PX) void timeline.newer();
  }

  /**
   * Notes whether the reader is at the end; answers how many pixels of the list are below them. Only who goes up leaves the end: where
   * more is below them without that, a line has grown, of which the observer above hears later than of a scroll event.
   */
  #look(): number {
    const scroller = this.#scroller;
    if (!scroller || !this.begun) return 0;
    const size = `${scroller.clientWidth} ${scroller.clientHeight}`;
    const wentUp = scroller.scrollTop < this.#top - 1 && size === this.#size;
    this.#size = size;
    if (!wentUp && this.#staysAtEnd) this.toEnd();
    this.#top = scroller.scrollTop;
    const below = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
    this.atEnd = below < END_PX;
    this.room.timeline.following = this.atEnd;
    return below;
  }

  /** Whoever is at the live end stays there when heights change; the end of what is laid out so far is no place to stay at. */
  get #staysAtEnd(): boolean {
    return this.begun && this.atEnd && this.room.timeline.last;
  }

  toEnd(): void {
    if (!this.#scroller) return;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#top = this.#scroller.scrollTop;
  }

  /** Brings a message to the middle and gives it the focus. */
  reveal(seq: number): void {
    this.begun = true;
    this.atEnd = false;
    this.active = seq;
    const row = this.#row(seq);
    row?.scrollIntoView({ block: 'center' });
    row?.focus({ preventScroll: true });
    this.scrolled();
  }

  readonly onkeydown = (event: KeyboardEvent): void => {
    const { target } = event;
    if (!(target instanceof HTMLElement) || !target.dataset.seq || event.altKey || event.ctrlKey || event.metaKey)
      return;
    const all = this.#rows();
    const at = all.indexOf(target);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, PageUp: at - 8, PageDown: at + 8, Home: 0, End: all.length - 1 }[
      event.key
    ];
    if (to === undefined) return;
    event.preventDefault();
    const next = all[Math.max(0, Math.min(all.length - 1, to))];
    next?.scrollIntoView({ block: 'nearest' });
    next?.focus({ preventScroll: true });
  };

  #rows(): HTMLElement[] {
    return [...(this.#scroller?.querySelectorAll<HTMLElement>('[data-seq]') ?? [])];
  }

  #row(seq: number): HTMLElement | undefined {
    return this.#rows().find((row) => row.dataset.seq === String(seq));
  }
}

// How fast something goes and how long it will take: a mean over the last seconds, so that the figures stay readable.

const SPAN_MS = 8000;
const LEAST_MS = 1500;

export class Rate {
  #marks: { at: number; bytes: number }[] = [];

  constructor(private readonly now: () => number) {}

  /** So many bytes altogether are done. */
  mark(bytes: number): void {
    const at = this.now();
    this.#marks.push({ at, bytes });
    while (this.#marks.length > 2 && at - (this.#marks[0]?.at ?? at) > SPAN_MS) this.#marks.shift();
  }

  /** After a pause the old speed says nothing. */
  restart(): void {
    this.#marks = [];
  }

  /** Bytes per second, or null as long as it is too early to tell. */
  perSecond(): number | null {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    if (!first || !last) return null;
    const ms = this.now() - first.at;
    return ms < LEAST_MS ? null : ((last.bytes - first.bytes) * 1000) / ms;
  }

  secondsLeft(bytesLeft: number): number | null {
    const rate = this.perSecond();
    return rate ? Math.ceil(bytesLeft / rate) : null;
  }
}

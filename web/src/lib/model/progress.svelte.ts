// How far one transfer has come, as people read it: a figure that does not flicker, a rate, and when a spoken word about it is due.
import { Rate } from '../transfer/rate';

const STALLED_MS = 15_000;
const SHOWN_EVERY_MS = 250;

export class Progress {
  written = $state(0);
  /** Bytes per second, and seconds left; null as long as they cannot be told. */
  rate = $state<number | null>(null);
  left = $state<number | null>(null);
  /** Nothing has moved for a while. */
  stalled = $state(false);
  paused = $state.raw({ me: false, them: false });
  #rate: Rate;
  #moved: number;
  #shown = 0;
  #actual = 0;
  #half = false;

  constructor(
    readonly size: number,
    private readonly now: () => number,
    private readonly onHalf: () => void = () => undefined,
  ) {
    this.#rate = new Rate(now);
    this.#moved = now();
  }

  get share(): number {
    return this.size === 0 ? 1 : this.written / this.size;
  }

  mark(written: number): void {
    this.#actual = written;
    this.#moved = this.now();
    this.#rate.mark(written);
    if (this.now() - this.#shown < SHOWN_EVERY_MS && written < this.size) return;
    this.#shown = this.now();
    this.written = written;
    this.stalled = false;
    if (!this.#half && written * 2 >= this.size && written < this.size) {
      this.#half = true;
      this.onHalf();
    }
  }

  /** Once a second while it runs. */
  tick(): void {
    this.written = this.#actual;
    const rests = this.paused.me || this.paused.them;
    this.rate = rests ? null : this.#rate.perSecond();
    this.left = rests ? null : this.#rate.secondsLeft(this.size - this.#actual);
    this.stalled = !rests && this.now() - this.#moved > STALLED_MS;
  }

  pause(paused: { me: boolean; them: boolean }): void {
    this.paused = paused;
    this.restart();
  }

  /** The speed so far says nothing about what comes. */
  restart(): void {
    this.#moved = this.now();
    this.#rate.restart();
    this.rate = this.left = null;
    this.stalled = false;
  }
}

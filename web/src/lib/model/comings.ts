// Who came and who left, said together: after a silence at once, then at most every two seconds.
export type Coming = 'came' | 'left';

const PAUSE_MS = 2000;
/** Many come in the same moment; the first is not said alone. */
const TOGETHER_MS = 300;

export class Comings {
  #waiting: { name: string; how: Coming }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = -Infinity;

  constructor(
    private readonly say: (how: Coming, names: string[]) => void,
    private readonly now: () => number = Date.now,
  ) {}

  add(how: Coming, name: string): void {
    this.#waiting.push({ how, name });
    this.#timer ??= setTimeout(() => this.#flush(), Math.max(TOGETHER_MS, this.#last + PAUSE_MS - this.now()));
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** What happened last is said last; one after the other, so that both are heard. */
  #flush(): void {
    const how = this.#waiting[0]?.how;
    this.#timer = undefined;
    if (!how) return;
    const names = this.#waiting.filter((one) => one.how === how).map(({ name }) => name);
    this.#waiting = this.#waiting.filter((one) => one.how !== how);
    this.#last = this.now();
    this.say(how, names);
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#flush(), PAUSE_MS);
  }
}

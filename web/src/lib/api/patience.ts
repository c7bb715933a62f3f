// Asks until there is an answer: pauses longer each time, comes back when the server says so, and says meanwhile that it waits.
import { Problem } from './problem';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

export class Patience {
  #hurry: (() => void) | undefined;

  /** `waits` hears the code of the last try that failed, and null once there is an answer. */
  constructor(private readonly waits: (code: string | null) => void) {}

  /** `first` is the first answer, when it has been asked for already. What no waiting would mend is thrown. */
  async ask<T>(how: () => Promise<T>, first = how()): Promise<T> {
    let answer = first;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
      try {
        const given = await answer;
        this.waits(null);
        return given;
      } catch (error) {
        const passing = error instanceof Problem && error.passing;
        this.waits(passing ? error.code : null);
        if (!passing) throw error;
        await this.#pause(error.retryAfterMs ?? pause * (0.75 + 0.5 * Math.random()));
        answer = how();
      }
    }
  }

  /** Tries now instead of waiting on. */
  hurry(): void {
    this.#hurry?.();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#hurry = () => (clearTimeout(timer), resolve());
    });
  }
}

// How people in a conference feel just now: each reaction is seen for a few seconds.
import type { Emoji } from '../api/conference-types';
import type { PersonId } from '../api/types';

export interface Reaction {
  id: number;
  person: PersonId;
  name: string;
  char: string;
}

export const EMOJI: Record<Emoji, string> = {
  thumbs_up: '👍',
  thumbs_down: '👎',
  applause: '👏',
  heart: '❤️',
  laughter: '😂',
  surprise: '😮',
  party: '🎉',
  thinking: '🤔',
};

const SEEN_MS = 5000;
/** Of a whole hall that applauds, not everybody needs a line. */
const MOST = 20;

export class Reactions {
  now = $state.raw<readonly Reaction[]>([]);
  #count = 0;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  add(person: PersonId, name: string, emoji: Emoji): void {
    const char = EMOJI[emoji] as string | undefined;
    if (!char) return;
    const id = ++this.#count;
    this.now = [...this.now, { id, person, name, char }].slice(-MOST);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.now = this.now.filter((one) => one.id !== id);
    }, SEEN_MS);
    this.#timers.add(timer);
  }

  /** The newest one of somebody. */
  of(person: PersonId): string | undefined {
    return this.now.findLast((one) => one.person === person)?.char;
  }

  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.now = [];
  }
}

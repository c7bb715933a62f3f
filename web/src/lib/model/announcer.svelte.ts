// Decides what a screen reader hears: new messages at most every two seconds and batched, mentions at once, failures as alerts.
import { untrack } from 'svelte';
import { m } from '../paraglide/messages';
import type { Announce } from './settings.svelte';

const PAUSE_MS = 2000;

interface Heard {
  name: string;
  body: string;
  /** All of it as one sentence, where it is no message. */
  sentence?: string;
}

export class Announcer {
  /** Read politely. */
  status = $state('');
  /** Read at once. */
  alert = $state('');
  #waiting: Heard[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = 0;

  constructor(private readonly level: () => Announce) {}

  message(heard: Heard, mention: boolean): void {
    const level = this.level();
    if (level === 'none' || (level === 'mentions' && !mention)) return;
    if (mention) return this.say(heard.sentence ?? m.announce_mention(heard));
    this.#waiting.push(heard);
    const pause = Math.max(0, this.#last + PAUSE_MS - Date.now());
    this.#timer ??= setTimeout(() => this.#flush(), pause);
  }

  /** Something that the person asked for or must know soon. */
  say(text: string): void {
    this.#last = Date.now();
    this.status = untrack(() => this.status) === text ? `${text}\u200b` : text;
  }

  warn(text: string): void {
    this.alert = untrack(() => this.alert) === text ? `${text}\u200b` : text;
  }

  /** What was warned of is over: it is not to be found on the page any more. */
  calm(text: string): void {
    if (untrack(() => this.alert).replace('\u200b', '') === text) this.alert = '';
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #flush(): void {
    this.#timer = undefined;
    const all = this.#waiting;
    const last = all.at(-1);
    this.#waiting = [];
    if (!last) return;
    this.say(
      all.length === 1 ? (last.sentence ?? m.announce_one(last)) : m.announce_many({ count: all.length, ...last }),
    );
  }
}

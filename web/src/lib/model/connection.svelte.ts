// How the line to the server is, as people should see it: a short break is no news, a longer one is.
import type { LinkState } from '../api/socket';

const NEWS_AFTER_MS = 3000;

export class Connection {
  state = $state<LinkState>('idle');
  /** The browser itself says that there is no network. */
  offline = $state(false);
  /** Lost for longer than a blink. */
  broken = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #met = false;

  become(state: LinkState): void {
    this.state = state;
    if (state === 'open' || state === 'idle') {
      this.#met ||= state === 'open';
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.broken = false;
    } else this.#timer ??= setTimeout(() => (this.broken = true), NEWS_AFTER_MS);
  }

  /** Whether this tab has ever been connected; before that, a break is called "connecting". */
  get everOpen(): boolean {
    return this.#met;
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}

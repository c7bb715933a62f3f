// Messages that are on their way: kept over reloads, sent one after the other, each with a nonce so that twice is once.
import { isPassing, Problem } from '../api/problem';
import type { Command, PersonId, Seq } from '../api/types';
import type { Store } from './store';

export interface Draft {
  body: string;
  reply_to?: Seq;
  mentions?: PersonId[];
  mention_all?: boolean;
}
export interface Pending extends Draft {
  nonce: string;
  at: number;
  state: 'waiting' | 'sending' | 'sent' | 'refused';
  code?: string;
}
type Say = Command & { type: 'say' };

export class Outbox {
  pending = $state.raw<Pending[]>([]);
  /** Until then the server wants no more messages from us. */
  pausedUntil = $state(0);
  #busy = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly store: Store,
    private readonly say: (draft: Omit<Say, 'type' | 'room'>) => Promise<unknown>,
    private readonly refused: (message: Pending, code: string) => void,
  ) {
    this.pending = store
      .read<Pending[]>('outbox', [])
      .map((message) => (message.state === 'refused' ? message : { ...message, state: 'waiting' }));
  }

  add(draft: Draft): void {
    const nonce = newNonce();
    this.#keep([...this.pending, { ...draft, nonce, at: Date.now(), state: 'waiting' }]);
    void this.flush();
  }

  /** Sends what waits, in order. Called whenever the room is entered again. */
  async flush(): Promise<void> {
    if (this.#busy || this.pausedUntil > Date.now()) return;
    this.#busy = true;
    try {
      for (let next = this.#next(); next; next = this.#next()) if (!(await this.#send(next))) break;
    } finally {
      this.#busy = false;
    }
  }

  /** The message came back as an event: it is the room's now. */
  settle(nonce: string): void {
    if (this.pending.some((message) => message.nonce === nonce)) this.discard(nonce);
  }

  discard(nonce: string): void {
    this.#keep(this.pending.filter((message) => message.nonce !== nonce));
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #next(): Pending | undefined {
    return this.pending.find(({ state }) => state === 'waiting');
  }

  async #send({ nonce, body, reply_to, mentions, mention_all }: Pending): Promise<boolean> {
    this.#mark(nonce, 'sending');
    const about = {
      ...(reply_to ? { reply_to } : {}),
      ...(mentions ? { mentions } : {}),
      ...(mention_all ? { mention_all } : {}),
    };
    try {
      await this.say({ nonce, body, ...about });
      this.#mark(nonce, 'sent');
      return true;
    } catch (error) {
      return this.#failed(nonce, error);
    }
  }

  #failed(nonce: string, error: unknown): boolean {
    const problem = error instanceof Problem ? error : new Problem('unavailable');
    if (problem.code === 'too_many') this.#pause(problem.retryAfterMs ?? 2000);
    if (isPassing(problem.code) || ['token_expired', 'bad_token'].includes(problem.code)) {
      this.#mark(nonce, 'waiting');
      if (problem.code !== 'too_many' && problem.code !== 'offline') this.#pause(problem.retryAfterMs ?? 3000);
      return false;
    }
    const message = this.pending.find((one) => one.nonce === nonce);
    this.#mark(nonce, 'refused', problem.code);
    if (message) this.refused({ ...message, state: 'refused', code: problem.code }, problem.code);
    return true;
  }

  #pause(ms: number): void {
    this.pausedUntil = Date.now() + ms;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.pausedUntil = 0;
      void this.flush();
    }, ms);
  }

  #mark(nonce: string, state: Pending['state'], code?: string): void {
    this.#keep(this.pending.map((one) => (one.nonce === nonce ? { ...one, state, ...(code ? { code } : {}) } : one)));
  }

  #keep(pending: Pending[]): void {
    this.pending = pending;
    this.store.write('outbox', pending.length > 0 ? pending : null);
  }
}

export function newNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

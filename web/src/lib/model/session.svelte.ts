// Who this person is to the bridge: signed in, signed out, or ended in the middle of things. Knows every way of signing in.
import type { Client } from '../api/client';
import { Patience } from '../api/patience';
import { codeOf, Problem } from '../api/problem';
import type { Language, Session as Wire, SignedIn } from '../api/types';
import { SIGNED_IN } from './ahead';
import type { Store } from './store';

export class Session {
  state = $state<'unknown' | 'out' | 'in'>('unknown');
  /** Kept when the session ends, so that the room stays on screen until the person is back. */
  me = $state.raw<SignedIn | null>(null);
  sympaCookie = $state(false);
  /** The code of the last refusal, for the sign-in page to put into words. */
  refusal = $state<string | null>(null);
  busy = $state(false);
  /** Finding out; nothing is asked of the person yet. */
  starting = $state(true);
  /** Why finding out takes long: the code of the last try that got no answer. It is tried again until there is one. */
  trouble = $state<string | null>(null);
  /** The person is signing out: that the session ends is no news. */
  leaving = false;
  /** Sympa was asked who this is, and could not answer for now. */
  sympaAway = $state.raw<Problem | null>(null);
  readonly #patience = new Patience((code) => (this.trouble = code));
  readonly #patienceWithSympa = new Patience(() => undefined);

  constructor(
    private readonly client: Client,
    private readonly store: Store,
  ) {}

  /** True when the session ended while the person was inside. */
  get ended(): boolean {
    return this.state === 'out' && this.me !== null;
  }

  /**
   * Asks the bridge; a Sympa cookie is exchanged without a click, unless the person has just signed out.
   * `asked`: the first answer, when it has been asked for already.
   */
  async start(asked?: Promise<Wire>): Promise<void> {
    this.refusal = null;
    this.starting = true;
    await this.#findOut(asked);
    this.starting = false;
  }

  /** Does not wait for the next try to find out. */
  retryNow(): void {
    this.#patience.hurry();
    this.#patienceWithSympa.hurry();
  }

  async #findOut(asked: Promise<Wire> | undefined): Promise<void> {
    try {
      // A bridge that does not answer says nothing about who somebody is: nobody is signed out by that.
      this.#take(await this.#patience.ask(() => this.client.session(), asked));
    } catch (error) {
      this.refusal = codeOf(error);
      this.state = 'out';
      return;
    }
    if (this.state === 'out' && this.sympaCookie && !this.store.read('left', false)) await this.withSympa();
  }

  withSympa = (): Promise<boolean> =>
    this.#try(() =>
      this.client.signInWithSympa().catch((error: unknown) => {
        if (error instanceof Problem && error.passing) this.sympaAway = error;
        throw error;
      }),
    );

  /** Asks Sympa again until it has an answer, or nobody wants one any more. The refusal meanwhile stays as it is. */
  async withSympaOnceItIsBack(wanted: () => boolean): Promise<boolean> {
    const ask = async () => (wanted() ? await this.client.signInWithSympa() : null);
    try {
      const session = await this.#patienceWithSympa.ask(ask, Promise.reject(this.sympaAway ?? new Problem('offline')));
      return session !== null && wanted() && (await this.#try(() => Promise.resolve(session)));
    } catch (error) {
      return wanted() && (await this.#try(() => Promise.reject(error)));
    }
  }

  withPassword = (email: string, password: string): Promise<boolean> =>
    this.#try(() => this.client.signInWithPassword(email, password));
  withTicket = (ticket: string): Promise<boolean> => this.#try(() => this.client.useTicket(ticket));
  lookAt = (ticket: string) => this.client.lookAtTicket(ticket);

  /** Answers whether the request went out; the bridge never tells whether it knows the address. */
  async mailLink(email: string, room?: string): Promise<boolean> {
    this.refusal = null;
    this.busy = true;
    try {
      await this.client.sendLink(email, room);
      return true;
    } catch (error) {
      this.refusal = codeOf(error);
      return false;
    } finally {
      this.busy = false;
    }
  }

  async saveProfile(profile: { name?: string | null; language?: Language }): Promise<string | null> {
    try {
      this.#take(await this.client.saveProfile(profile));
      return null;
    } catch (error) {
      return codeOf(error);
    }
  }

  /** Answers the code of what went wrong, or null. Who cannot be signed out now is still signed in, and must know it. */
  async signOut(): Promise<string | null> {
    // The chat and the other tabs hear of it sooner than the answer comes: they must not sign in again by Sympa's cookie.
    this.leaving = true;
    this.store.write('left', true);
    try {
      await this.client.signOut();
    } catch (error) {
      if (codeOf(error) !== 'signed_out') {
        this.store.write('left', null);
        return codeOf(error);
      }
    } finally {
      this.leaving = false;
    }
    this.store.write(SIGNED_IN, null);
    this.me = null;
    this.state = 'out';
    return null;
  }

  /** The bridge or the chat says that the session is over: keep who it was, try the Sympa cookie once. */
  async end(): Promise<void> {
    if (this.state === 'out') return;
    this.state = 'out';
    await this.start();
  }

  async #try(how: () => Promise<Wire>): Promise<boolean> {
    this.refusal = null;
    this.sympaAway = null;
    this.busy = true;
    try {
      this.#take(await how());
      this.store.write('left', null);
      return this.state === 'in';
    } catch (error) {
      this.refusal = codeOf(error);
      return false;
    } finally {
      this.busy = false;
    }
  }

  #take(session: Wire): void {
    if (session.signed_in) {
      this.me = session;
      this.state = 'in';
      this.store.write(SIGNED_IN, true);
    } else {
      this.sympaCookie = session.sympa_cookie;
      this.store.write(SIGNED_IN, null);
      this.state = 'out';
    }
  }
}

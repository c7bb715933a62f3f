// Who this person is to the bridge: signed in, signed out, or ended in the middle of things. Knows every way of signing in.
import type { Client } from '../api/client';
import { codeOf } from '../api/problem';
import type { Language, Session as Wire, SignedIn } from '../api/types';
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

  constructor(
    private readonly client: Client,
    private readonly store: Store,
  ) {}

  /** This browser was signed in when it was last here, and probably still is. */
  get expected(): boolean {
    return this.store.read('in', false);
  }

  /** True when the session ended while the person was inside. */
  get ended(): boolean {
    return this.state === 'out' && this.me !== null;
  }

  /** Asks the bridge; a Sympa cookie is exchanged without a click, unless the person has just signed out. */
  async start(): Promise<void> {
    this.refusal = null;
    this.starting = true;
    await this.#findOut();
    this.starting = false;
  }

  async #findOut(): Promise<void> {
    try {
      this.#take(await this.client.session());
    } catch (error) {
      this.refusal = codeOf(error);
      this.state = 'out';
      return;
    }
    if (this.state === 'out' && this.sympaCookie && !this.store.read('left', false)) await this.withSympa();
  }

  withSympa = (): Promise<boolean> => this.#try(() => this.client.signInWithSympa());
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

  async signOut(): Promise<void> {
    await this.client.signOut().catch(() => undefined);
    this.store.write('left', true);
    this.store.write('in', null);
    this.me = null;
    this.state = 'out';
  }

  /** The bridge or the chat says that the session is over: keep who it was, try the Sympa cookie once. */
  async end(): Promise<void> {
    if (this.state === 'out') return;
    this.state = 'out';
    await this.start();
  }

  async #try(how: () => Promise<Wire>): Promise<boolean> {
    this.refusal = null;
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
      this.store.write('in', true);
    } else {
      this.sympaCookie = session.sympa_cookie;
      this.store.write('in', null);
      this.state = 'out';
    }
  }
}

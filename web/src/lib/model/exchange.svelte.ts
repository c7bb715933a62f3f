// What goes from browser to browser: the one line to signal-server, and the calls that use it. Made once this part of the app is there
// and the first messages stand; without a signal-server nothing of it is offered.
import type { Client } from '../api/client';
import type { LinkState } from '../api/socket';
import { SignalSocket } from '../api/signal';
import { TokenKeeper } from '../api/tokens';
import type { PersonId } from '../api/types';
import { Calls } from './calls.svelte';
import type { Rooms } from './rooms.svelte';
import type { Settings } from './settings.svelte';
import type { Store } from './store';
import { Transfers } from './transfers.svelte';

export interface ExchangeParts {
  client: Client;
  /** Where signal-server is. */
  at: URL;
  rooms: Rooms;
  me: PersonId;
  settings: Settings;
  /** What this browser keeps for this person. */
  store: Store;
  /** Microphones, cameras and screens; absent where the browser gives them to nobody. */
  devices: MediaDevices | undefined;
  /** Shows and speaks a line about something that has happened. */
  tell: (text: string, bad?: boolean) => void;
  /** Only speaks it, to screen readers. */
  say: (text: string) => void;
  signedOut: () => void;
}

export class Exchange {
  readonly signal: SignalSocket;
  readonly calls: Calls;
  readonly transfers: Transfers;
  state = $state<LinkState>('idle');
  readonly #stop: () => void;

  constructor(readonly parts: ExchangeParts) {
    const { client, at, rooms, signedOut } = parts;
    const tokens = new TokenKeeper((wanted) => client.tokens(wanted, 'signal'));
    this.signal = new SignalSocket(at, tokens, signedOut);
    this.signal.listen({ state: (state) => (this.state = state) });
    this.calls = new Calls({ signal: this.signal, settings: parts.settings, devices: parts.devices });
    this.transfers = new Transfers({
      signal: this.signal,
      me: parts.me,
      isDirect: (room) => rooms.get(room)?.info.kind === 'direct',
      relayOnly: () => parts.settings.calls.relayOnly ?? false,
      say: parts.say,
    });
    this.#stop = $effect.root(() => {
      $effect(() => this.signal.follow(rooms.all.filter((room) => room.may('read')).map(({ id }) => id)));
    });
  }

  /** Calls and transfers are possible now. */
  get available(): boolean {
    return this.state === 'open';
  }

  /** The session is over, and with it what is under way. */
  rest(): void {
    this.calls.end('signed_out');
    this.signal.rest();
  }

  wake(): void {
    this.signal.wake();
  }

  retryNow(): void {
    this.signal.retryNow();
  }

  close(): void {
    this.#stop();
    this.calls.close();
    this.transfers.end();
    this.signal.close();
  }
}

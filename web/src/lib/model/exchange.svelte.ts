// What goes from browser to browser: the one line to signal-server, and the calls that use it. Made once this part of the app is there
// and the first messages stand; without a signal-server nothing of it is offered.
import type { Client } from '../api/client';
import type { LinkState } from '../api/socket';
import { SignalSocket } from '../api/signal';
import { TokenKeeper } from '../api/tokens';
import type { PersonId, PersonName, RoomId } from '../api/types';
import { Calls } from './calls.svelte';
import { Conferences } from './conferences.svelte';
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
  readonly conferences: Conferences;
  readonly transfers: Transfers;
  state = $state<LinkState>('idle');
  /** Whole rooms can be called now: not every site has a server for it. */
  confers = $state(false);
  /** The rooms that allow no direct way. */
  #relayed = $state.raw<ReadonlySet<RoomId>>(new Set());
  readonly #stop: () => void;

  constructor(readonly parts: ExchangeParts) {
    const { client, at, rooms, signedOut } = parts;
    const tokens = new TokenKeeper((wanted) => client.tokens(wanted, 'signal'));
    this.signal = new SignalSocket(at, tokens, signedOut);
    this.signal.listen({
      state: (state) => {
        this.state = state;
        this.confers = state === 'open' && this.signal.limits.conference > 0;
      },
      frame: (frame) => frame.type === 'stands' && this.#demand(frame.room, frame.relay_only ?? false),
    });
    const demanded = (room: RoomId) => this.#relayed.has(room);
    this.calls = new Calls({ signal: this.signal, settings: parts.settings, devices: parts.devices, demanded });
    this.conferences = new Conferences({
      signal: this.signal,
      settings: parts.settings,
      devices: parts.devices,
      me: parts.me,
      live: (room, live) => {
        const model = rooms.get(room);
        if (model) model.call = live;
      },
    });
    this.transfers = new Transfers({
      signal: this.signal,
      me: parts.me,
      isDirect: (room) => rooms.get(room)?.info.kind === 'direct',
      relayOnly: () => parts.settings.calls.relayOnly ?? false,
      demanded,
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

  /** Opens the page before a call with one person; answers whether nothing else goes on. */
  call(room: RoomId, other: PersonName): boolean {
    if (this.conferences.live) return false;
    this.conferences.dismiss();
    this.calls.prepare(room, other);
    return true;
  }

  /** Opens the page before the call of a whole room, or shows it; answers whether nothing else goes on. */
  confer(room: RoomId): boolean {
    const { live } = this.conferences;
    if (this.calls.live || (live && live.room !== room)) return false;
    this.calls.dismiss();
    this.conferences.prepare(room);
    return true;
  }

  /** The session is over, and with it what is under way. */
  rest(): void {
    this.calls.end('signed_out');
    this.conferences.end('signed_out');
    this.signal.rest();
  }

  wake(): void {
    this.signal.wake();
  }

  retryNow(): void {
    this.signal.retryNow();
  }

  #demand(room: RoomId, relayOnly: boolean): void {
    this.#relayed = new Set([...this.#relayed].filter((one) => one !== room).concat(relayOnly ? [room] : []));
  }

  close(): void {
    this.#stop();
    this.calls.close();
    this.conferences.close();
    this.transfers.end();
    this.signal.close();
  }
}

// The calls of this window: the one that is prepared, goes on or has just ended, and the one that rings. One at a time; the server keeps
// it to that across windows.
import type { LinkState } from '../api/socket';
import type { SignalSocket } from '../api/signal';
import type { LinkId, Media, SignalFrame } from '../api/signal-types';
import type { PersonName, RoomId } from '../api/types';
import { probe, reachOf, type Reach } from '../rtc/probe';
import { isLive } from './call';
import { CallMedia } from './call-media.svelte';
import { Call } from './call.svelte';
import type { Settings } from './settings.svelte';

export interface CallsParts {
  signal: SignalSocket;
  settings: Settings;
  devices: MediaDevices | undefined;
  /** Whether a room allows no direct way. */
  demanded: (room: RoomId) => boolean;
  make?: (configuration: RTCConfiguration) => RTCPeerConnection;
}

type Ringing = SignalFrame & { type: 'ringing' };

export class Calls {
  current = $state.raw<Call | null>(null);
  /** Of the current call. */
  own = $state.raw<CallMedia | null>(null);
  /** Somebody calls. */
  incoming = $state.raw<Call | null>(null);
  /** The call fills the place of the conversation; else it is a strip above it. */
  large = $state(false);
  /** Hears of a call that rang here and was not answered. */
  missed: (name: string) => void = () => undefined;
  /** The call of the one whom this person is calling. */
  #crossing: LinkId | null = null;
  readonly #stop: () => void;

  constructor(private readonly parts: CallsParts) {
    this.#stop = parts.signal.listen({
      frame: (frame) => this.#frame(frame),
      state: (state) => this.#state(state),
    });
  }

  /** A call that is to be noticed on every screen. */
  get live(): Call | null {
    const { current } = this;
    return current && (isLive(current.state) || current.state === 'ringing-out') ? current : null;
  }

  get relayOnly(): boolean {
    return this.parts.settings.calls.relayOnly ?? false;
  }

  /** The room of the current call allows no direct way. */
  get relayDemanded(): boolean {
    return this.current !== null && this.parts.demanded(this.current.room);
  }

  keepRelayOnly(relayOnly: boolean): void {
    const { settings } = this.parts;
    settings.change({ calls: { ...settings.calls, relayOnly } });
  }

  /** Opens the page before a call, or shows the one that goes on. */
  prepare(room: RoomId, other: PersonName): void {
    if (this.live) return void (this.large = true);
    this.#take(this.#make(room, other));
  }

  async ring(media: Media): Promise<void> {
    // They were a moment quicker.
    if (this.incoming && this.incoming.other.person === this.current?.other.person) return this.accept(media);
    this.large = true;
    await this.current?.ring(media);
  }

  async accept(media: Media): Promise<void> {
    const { incoming } = this;
    if (!incoming) return;
    // Who had chosen to begin muted is not heard either when the other one was a moment quicker.
    if (this.current?.state === 'pre-join') incoming.own.startMuted(this.current.own.muted);
    if (this.current && this.current.state !== 'ended') this.current.hangUp();
    this.incoming = null;
    this.#take(incoming);
    this.large = true;
    const answered = incoming.accept(media);
    const own = this.own;
    await own?.openMicrophone();
    if (media === 'video') await own?.openCamera();
    await answered;
  }

  decline(): void {
    this.incoming?.hangUp();
    this.incoming = null;
  }

  /** The same call once more, after it has ended. */
  again(): void {
    const { current } = this;
    if (current?.state === 'ended') this.prepare(current.room, current.other);
  }

  /** The line about a call that has ended is read. */
  dismiss(): void {
    if (this.current?.state === 'pre-join') this.current.hangUp();
    if (this.current?.state === 'ended') [this.current, this.own, this.large] = [null, null, false];
  }

  /** Which ways this browser has to others, tried out. */
  async reach(): Promise<Reach | 'unknown'> {
    try {
      const relayOnly = this.relayOnly || this.relayDemanded;
      return reachOf(await probe(await this.parts.signal.servers(), relayOnly));
    } catch {
      // Without an answer about the relay nothing is known of the network.
      return 'unknown';
    }
  }

  /** Nobody may go on: the session is over. */
  end(reason: string): void {
    this.incoming?.end(reason);
    this.incoming = null;
    if (this.current && this.current.state !== 'ended') this.current.end(reason);
  }

  /** The window is closed: the other one need not wait. */
  leave(): void {
    this.live?.hangUp();
  }

  close(): void {
    this.leave();
    this.end('cancelled');
    this.#stop();
  }

  #make(room: RoomId, other: PersonName): Call {
    const { signal, settings, devices, make } = this.parts;
    const media = new CallMedia(devices, settings);
    const relayOnly = () => this.relayOnly;
    const over = (call: Call) => this.#over(call);
    return new Call({ signal, media, relayOnly, over, ...(make ? { make } : {}) }, room, other);
  }

  #take(call: Call): void {
    this.current = call;
    this.own = call.own;
  }

  #over(call: Call): void {
    if (call === this.incoming) {
      this.incoming = null;
      if (call.reason === 'missed') this.missed(call.other.name);
    } else if (call === this.current) {
      this.large = false;
      // Nothing has happened that would be worth a line.
      if (call.reason === 'cancelled' || call.reason === 'elsewhere') [this.current, this.own] = [null, null];
    }
  }

  #frame(frame: SignalFrame): void {
    const { current, incoming } = this;
    if (frame.type === 'ringing') return this.#rings(frame);
    if (frame.type === 'stands') {
      if (current?.room === frame.room) void current.takePartAgain();
    } else if (frame.type === 'removed') {
      for (const call of [current, incoming]) if (call?.room === frame.room) call.end(frame.code);
    } else if ('link' in frame) {
      const call = [current, incoming].find((one) => one?.link === frame.link);
      (call ?? (frame.link === this.#crossing ? current : null))?.hear(frame);
    }
  }

  #rings({ link, room, person, name, media }: Ringing): void {
    // Both called at once: the server connects them.
    if (this.live?.state === 'ringing-out' && this.live.other.person === person) this.#crossing = link;
    if (this.live) return;
    this.incoming?.end('elsewhere');
    const call = this.#make(room, { person, name });
    call.rings(link, media);
    this.incoming = call;
  }

  #state(state: LinkState): void {
    if (state !== 'lost') return;
    this.current?.serverLost();
    // It rings again when the line is back.
    this.incoming?.end('elsewhere');
    this.incoming = null;
    if (this.current?.state === 'ringing-out') this.current.end('offline');
  }
}

// The conferences of this window: what goes on in which room, and the one that is prepared, goes on or has just ended. One at a time; the
// server keeps it to that across windows.
import type { ConferenceFrame, Live } from '../api/conference-types';
import type { SignalSocket } from '../api/signal';
import type { LinkState } from '../api/socket';
import type { PersonId, RoomId } from '../api/types';
import type { Make } from '../rtc/to-server';
import { CallMedia } from './call-media.svelte';
import { Conference, liveOf } from './conference.svelte';
import { ConferenceView } from './conference-view.svelte';
import type { Settings } from './settings.svelte';

export interface ConferencesParts {
  signal: SignalSocket;
  settings: Settings;
  devices: MediaDevices | undefined;
  me: PersonId;
  /** Hears what goes on in a room: a conference, or none. */
  live: (room: RoomId, live: Live | null) => void;
  make?: Make;
}

/** In so large a company one begins silently. */
const MANY = 3;

export class Conferences {
  current = $state.raw<Conference | null>(null);
  /** Of the current conference. */
  own = $state.raw<CallMedia | null>(null);
  view = $state.raw<ConferenceView | null>(null);
  /** The conference fills the place of the conversation; else it is a strip above it. */
  large = $state(false);
  readonly #live = new Map<RoomId, Live>();
  readonly #stop: () => void;

  constructor(private readonly parts: ConferencesParts) {
    this.#stop = parts.signal.listen({
      frame: (frame) => {
        if (frame.type === 'conference') this.#hear(frame);
        else if (frame.type === 'stands') this.#of(frame.room)?.takePartAgain();
        // The seat has lapsed; the place is taken again when the room stands.
        else if (frame.type === 'waiting') this.#of(frame.room)?.serverLost();
        else if (frame.type === 'removed') this.#removed(frame.room, frame.code);
      },
      state: (state) => this.#state(state),
    });
  }

  /** A conference that is to be noticed on every screen. */
  get live(): Conference | null {
    return this.current?.live ? this.current : null;
  }

  /** Opens the page before joining, or shows the conference that goes on. */
  prepare(room: RoomId): void {
    if (this.live) return void (this.large = true);
    const { signal, settings, devices, me, make } = this.parts;
    const media = new CallMedia(devices, settings);
    const relayOnly = () => settings.calls.relayOnly ?? false;
    const over = (conference: Conference) => this.#over(conference);
    media.startMuted((this.#live.get(room)?.count ?? 0) > MANY);
    this.current = new Conference({ signal, media, me, relayOnly, over, ...(make ? { make } : {}) }, room);
    this.own = media;
    this.view = new ConferenceView(this.current);
  }

  async join(here = false): Promise<void> {
    this.large = true;
    await this.current?.join(here);
  }

  /** The same conference once more, after it was left. */
  again(): void {
    const { current } = this;
    if (current?.state === 'out') this.prepare(current.room);
  }

  /** The page before joining is closed, or the line about the end is read. */
  dismiss(): void {
    if (this.current?.state === 'pre-join') this.current.end('cancelled');
    if (this.current?.state === 'out') this.#forget();
  }

  /** Nobody may go on: the session is over. */
  end(why: string): void {
    this.current?.end(why);
  }

  /** The window is closed. */
  leave(): void {
    this.live?.leave();
  }

  close(): void {
    this.leave();
    this.end('cancelled');
    this.#stop();
  }

  #of(room: RoomId): Conference | null {
    return this.current?.room === room ? this.current : null;
  }

  #hear({ room, news }: ConferenceFrame): void {
    if (news.kind === 'live') this.#tell(room, liveOf(news));
    else if (news.kind === 'over') this.#tell(room, null);
    else this.#of(room)?.hear(news);
  }

  #tell(room: RoomId, live: Live | null): void {
    if (live) this.#live.set(room, live);
    else this.#live.delete(room);
    this.parts.live(room, live);
  }

  #removed(room: RoomId, code: string): void {
    this.#tell(room, null);
    this.#of(room)?.end(code);
  }

  #over(conference: Conference): void {
    if (conference !== this.current) return;
    this.large = false;
    // Nothing has happened that would be worth a line.
    if (conference.why === 'cancelled') this.#forget();
  }

  #forget(): void {
    [this.current, this.own, this.view, this.large] = [null, null, null, false];
  }

  #state(state: LinkState): void {
    if (state !== 'lost') return;
    this.current?.serverLost();
    // What goes on is told anew when the rooms are entered again; what has ended meanwhile is not.
    for (const room of [...this.#live.keys()]) this.#tell(room, null);
  }
}

// The socket of calls and transfers: brings two browsers together through signal-server. Several parts of the app listen to it; it
// knows neither calls nor files. A site without signal-server costs the chat nothing: it is only tried again, ever more rarely.
import { Problem } from './problem';
import { RoomSocket, type LinkState, type Wanted } from './room-socket';
import type { Servers, SignalCommand, SignalFrame, SignalLimits, SignalNotice, SignalOk } from './signal-types';
import type { TokenKeeper } from './tokens';
import type { Grant, RoomId } from './types';

export interface SignalListener {
  frame?(frame: SignalFrame): void;
  state?(state: LinkState): void;
}

/** What RTCPeerConnection needs to know of this site. */
export interface Ways {
  servers: RTCIceServer[];
  relayOnly: boolean;
}

const SELDOM_MS = 300_000;
const OFTEN_MS = 10_000;
/** Servers are asked for anew so long before they end. */
const AHEAD_MS = 60_000;
const LONGEST_MS = 600_000;

export class SignalSocket extends RoomSocket<Wanted, SignalFrame | Servers> {
  /** `conference`: how many people are in the call of a room at most; none where there are no such calls. */
  limits: SignalLimits & { conference: number } = {
    ...{ frame_bytes: 49_152, rooms: 500, offers: 20, files: 100 },
    conference: 0,
  };
  protected override longestPauseMs = SELDOM_MS;
  readonly #listeners = new Set<SignalListener>();
  readonly #grants = new Map<RoomId, Grant[]>();
  #ways: { given: Ways; until: number } | undefined;
  #asked: Promise<Ways> | undefined;

  constructor(
    url: URL,
    tokens: TokenKeeper,
    private readonly onSignedOut: () => void,
    open?: (url: string) => WebSocket,
    private readonly now: () => number = Date.now,
  ) {
    super(url, tokens, open);
  }

  /** Hears everything from now on, until what is returned is called. */
  listen(listener: SignalListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  enter(room: RoomId): void {
    if (!this.rooms.has(room)) this.want(room, { entered: false, refusals: 0 });
  }

  override leave(room: RoomId): void {
    this.#grants.delete(room);
    super.leave(room);
  }

  /** Wants these rooms and no others. */
  follow(rooms: Iterable<RoomId>): void {
    const wanted = new Set([...rooms].slice(0, this.limits.rooms));
    for (const room of [...this.rooms.keys()]) if (!wanted.has(room)) this.leave(room);
    for (const room of wanted) this.enter(room);
  }

  /** Whether signal-server lets this person do that in a room now; no, while it is away. */
  may(room: RoomId, grant: Grant): boolean {
    return this.state === 'open' && (this.#grants.get(room)?.includes(grant) ?? false);
  }

  command(command: SignalCommand): Promise<SignalOk> {
    const isOut = 'room' in command && !this.rooms.get(command.room)?.entered;
    if (this.state !== 'open' || isOut) return Promise.reject(new Problem('offline'));
    return this.request<SignalOk>(command);
  }

  /** Answers whether it could be said at all. */
  tell(notice: SignalNotice): boolean {
    if (this.state !== 'open') return false;
    this.send(notice);
    return true;
  }

  /** The servers that help to connect, asked for once as long as they are good. */
  servers(): Promise<Ways> {
    if (this.#ways && this.now() < this.#ways.until - AHEAD_MS) return Promise.resolve(this.#ways.given);
    if (this.state !== 'open') return Promise.reject(new Problem('offline'));
    this.#asked ??= this.request<Servers>({ type: 'servers' })
      .then(({ servers, relay_only, until }) => {
        const given = { servers, relayOnly: relay_only };
        // The clock of this browser may be wrong.
        this.#ways = { given, until: Math.min(until, this.now() + LONGEST_MS) };
        return given;
      })
      .finally(() => (this.#asked = undefined));
    return this.#asked;
  }

  protected override urgent(): Iterable<[RoomId, Wanted]> {
    return this.rooms;
  }

  protected override entering(): object {
    return {};
  }

  protected override welcomed(limits: unknown): void {
    this.limits = { ...this.limits, ...(limits as Partial<SignalLimits>) };
    // There is a signal-server here: it is worth coming back soon.
    this.longestPauseMs = OFTEN_MS;
  }

  protected override became(state: LinkState): void {
    if (state !== 'open') {
      this.#grants.clear();
      // The server may come back as another, whose relay does not know these credentials.
      this.#ways = undefined;
    }
    for (const listener of [...this.#listeners]) listener.state?.(state);
  }

  protected override signedOut(): void {
    this.onSignedOut();
  }

  protected override heard(frame: SignalFrame | Servers): void {
    if (frame.type === 'servers') return this.answer(frame.ref, frame);
    if (frame.type === 'stands') this.#grants.set(frame.room, frame.grants);
    else if (frame.type === 'removed') this.#grants.delete(frame.room);
    for (const listener of [...this.#listeners]) listener.frame?.(frame);
  }
}

// What every socket of this tab does alike: dials and comes back by itself, enters rooms with their tokens, keeps these fresh, joins
// answers to what was asked, and notices when the line is dead. What is said in the rooms is for those who extend it.
import { Problem } from './problem';
import type { TokenKeeper } from './tokens';
import type { RoomId } from './types';

export type LinkState = 'idle' | 'connecting' | 'open' | 'lost';

/** A room that is wanted. */
export interface Wanted {
  entered: boolean;
  /** How often the server has said no since the room was entered last. */
  refusals: number;
}

export interface Answer {
  ref: string;
}

/** What every server of rooms says. */
type CommonFrame =
  | { type: 'welcome'; limits: unknown }
  | { type: 'ok'; ref: string }
  | { type: 'refused'; ref?: string | null; code: string; retry_after_ms?: number | null }
  | { type: 'resume'; after_ms: number }
  | { type: 'removed' | 'waiting'; room: RoomId; code: string }
  | { type: 'pong' };

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A command without an answer for so long is asked again, where that is safe. */
const ANSWER_MS = 15_000;
const ENTER_AGAIN_MS = 2000;
/** The longest wait where there are too many of something. */
const FULL_AGAIN_MS = 60_000;
/** So often the server may say no to what the bridge allows. */
const MOST_REFUSALS = 5;
const PING_MS = 25_000;
const PONG_MS = 12_000;

export abstract class RoomSocket<Room extends Wanted, Frame extends { type: string }> {
  protected readonly rooms = new Map<RoomId, Room>();
  /** The `ref` of the newest `enter` sent per room that has no answer yet. */
  protected readonly entries = new Map<RoomId, string>();
  protected longestPauseMs = LONGEST_PAUSE_MS;
  readonly #waiters = new Map<string, (result: Answer | Problem) => void>();
  #socket: WebSocket | undefined;
  #ready: Promise<void> | undefined;
  #state: LinkState = 'idle';
  #tries = 0;
  #refs = 0;
  #closed = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #renewTimer: ReturnType<typeof setTimeout> | undefined;
  #pingTimer: ReturnType<typeof setInterval> | undefined;
  #pongTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly url: URL,
    protected readonly tokens: TokenKeeper,
    private readonly open: (url: string) => WebSocket = (at) => new WebSocket(at),
  ) {}

  /** The rooms wanted, the most urgent first. */
  protected abstract urgent(): Iterable<[RoomId, Room]>;
  /** What `enter` says beside room and token. */
  protected abstract entering(room: Room): object;
  protected abstract welcomed(limits: unknown): void;
  /** What only this server says; and that a room is gone or waits, after that has been taken note of. */
  protected abstract heard(frame: Frame | (CommonFrame & { room: RoomId })): void;
  protected abstract became(state: LinkState): void;
  protected abstract signedOut(): void;

  get state(): LinkState {
    return this.#state;
  }

  leave(room: RoomId): void {
    if (this.rooms.delete(room) && this.#state === 'open') this.send({ type: 'leave', ref: this.#ref(), room });
  }

  /** Dials before any room is wanted, so that the first ones are entered sooner. */
  warm(): void {
    if (this.#closed || this.#state !== 'idle') return;
    this.#become('connecting');
    this.#dial();
  }

  retryNow(): void {
    if (this.#state === 'lost') this.#connect();
  }

  /** The session is over: keeps the rooms and their places, but is silent until woken. */
  rest(): void {
    this.#drop('idle');
  }

  wake(): void {
    if (this.#state === 'idle') this.#connect();
  }

  close(): void {
    this.#closed = true;
    this.#drop('idle');
  }

  protected want(room: RoomId, wanted: Room): void {
    this.rooms.set(room, wanted);
    this.entries.delete(room);
    if (this.#state === 'idle') this.#connect();
    else if (this.#state === 'open') void this.#enterAll();
    else if (this.#state === 'connecting') this.#prepare().catch(() => undefined);
  }

  /** Sends something that is answered under its `ref`; who asks in vain hears a Problem. */
  protected request<Given extends Answer>(frame: object): Promise<Given> {
    const ref = this.#ref();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.answer(ref, new Problem('unavailable')), ANSWER_MS);
      this.#waiters.set(ref, (result) => {
        clearTimeout(timer);
        if (result instanceof Problem) reject(result);
        else resolve(result as Given);
      });
      this.send({ ...frame, ref });
    });
  }

  protected answer(ref: string, result: Answer | Problem): void {
    const settle = this.#waiters.get(ref);
    this.#waiters.delete(ref);
    settle?.(result);
  }

  protected send(frame: object): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  /** The newest wish to enter is answered; false for a late answer to an earlier one. */
  protected settleEntry(ref: string): boolean {
    this.#waiters.delete(ref);
    for (const [room, latest] of this.entries)
      if (latest === ref) {
        const wanted = this.rooms.get(room);
        if (wanted) [wanted.entered, wanted.refusals] = [true, 0];
        return this.entries.delete(room);
      }
    return false;
  }

  /** Dials anew; each time in vain it waits longer, unless it is said how long. */
  protected lost(afterMs?: number): void {
    if (this.#closed) return;
    if (this.rooms.size === 0) return this.#drop('idle');
    this.#drop('lost');
    const pause = Math.min(this.longestPauseMs, FIRST_PAUSE_MS * 2 ** this.#tries++);
    this.#retryTimer = setTimeout(() => this.#connect(), afterMs ?? pause * (0.5 + 0.5 * Math.random()));
  }

  #connect(): void {
    clearTimeout(this.#retryTimer);
    if (this.#closed || this.rooms.size === 0) return;
    this.#become('connecting');
    this.#prepare().catch((error: unknown) => this.#state === 'connecting' && this.#failed(error));
    this.#dial();
  }

  /** Tokens for all rooms wanted, asked for once however often they are needed meanwhile. */
  #prepare(): Promise<void> {
    this.#ready ??= Promise.resolve()
      .then(() => this.#freshTokens())
      .finally(() => (this.#ready = undefined));
    return this.#ready;
  }

  async #freshTokens(): Promise<void> {
    const { refused } = await this.tokens.need(this.rooms.keys());
    for (const { room, code } of refused) this.#refusedRoom(room, code);
    if (this.rooms.size === 0) throw new Problem('not_a_member', 403);
  }

  #dial(): void {
    if (this.#closed) return;
    const at = new URL('socket', this.url);
    at.protocol = at.protocol.replace('http', 'ws');
    const socket = this.open(at.href);
    this.#socket = socket;
    socket.onmessage = (message) => this.#socket === socket && this.#hear(String(message.data));
    socket.onclose = () => this.#socket === socket && this.lost();
    this.#expectWithin(PONG_MS);
  }

  #failed(error: unknown): void {
    if (error instanceof Problem && error.code === 'signed_out') {
      this.#drop('idle');
      this.signedOut();
    } else if (this.rooms.size === 0) this.#drop('idle');
    else this.lost();
  }

  #drop(state: LinkState): void {
    for (const timer of [this.#retryTimer, this.#renewTimer, this.#pingTimer, this.#pongTimer]) clearTimeout(timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    for (const wanted of this.rooms.values()) wanted.entered = false;
    for (const settle of this.#waiters.values()) settle(new Problem('offline'));
    this.#waiters.clear();
    this.#become(state);
  }

  #become(state: LinkState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.became(state);
  }

  #hear(text: string): void {
    clearTimeout(this.#pongTimer);
    const frame = JSON.parse(text) as CommonFrame;
    switch (frame.type) {
      case 'welcome':
        this.#tries = 0;
        this.welcomed(frame.limits);
        this.#become('open');
        this.#pingTimer = setInterval(() => this.#ping(), PING_MS);
        this.#scheduleRenewal();
        return void this.#enterAll();
      case 'ok':
        return this.answer(frame.ref, frame);
      case 'refused':
        return frame.ref
          ? this.answer(frame.ref, new Problem(frame.code, 403, frame.retry_after_ms ?? undefined))
          : undefined;
      case 'resume':
        return this.lost(frame.after_ms);
      case 'pong':
        return;
      case 'removed':
        // The rooms are kept, so that they come back with the next session.
        if (frame.code === 'signed_out') return this.signedOut();
        if (!this.rooms.delete(frame.room)) return;
        this.tokens.drop(frame.room);
        return this.heard(frame);
      case 'waiting':
        return this.#waits(frame);
      default:
        this.heard(frame as unknown as Frame);
    }
  }

  #waits(frame: CommonFrame & { type: 'waiting' | 'removed' }): void {
    const wanted = this.rooms.get(frame.room);
    if (!wanted) return;
    this.tokens.drop(frame.room);
    wanted.entered = false;
    this.#scheduleRenewal(1000);
    this.heard(frame);
  }

  async #enterAll(): Promise<void> {
    if (this.rooms.size === 0) return;
    try {
      await this.#prepare();
      // Rooms that came while the tokens travelled.
      if ([...this.rooms.keys()].some((room) => !this.tokens.get(room))) await this.#prepare();
    } catch (error) {
      return this.#failed(error);
    }
    if (this.#state !== 'open') return;
    for (const [room, wanted] of this.urgent()) {
      const token = this.tokens.get(room);
      if (wanted.entered || !token || this.entries.has(room)) continue;
      const ref = this.#ref();
      this.entries.set(room, ref);
      this.#waiters.set(ref, (result) => this.#entryAnswered(room, ref, result));
      this.send({ type: 'enter', ref, room, token, ...this.entering(wanted) });
    }
  }

  #entryAnswered(room: RoomId, ref: string, result: Answer | Problem): void {
    if (!(result instanceof Problem)) return void this.settleEntry(ref);
    if (this.entries.get(room) !== ref) return;
    this.entries.delete(room);
    if (result.code === 'offline') return;
    // There are too many of these already: another token would not help, and to ask soon again would burden everybody.
    const isFull = ['too_many', 'too_large'].includes(result.code);
    if (!isFull) this.tokens.drop(room);
    const wanted = this.rooms.get(room);
    if (!wanted) return;
    wanted.refusals += 1;
    // The last word is the bridge's, which is asked for a new token: the server may not have heard yet that the room is open again.
    const isShut = ['not_a_member', 'banned', 'room_closed'].includes(result.code);
    if (result.code === 'no_such_room' || (isShut && wanted.refusals > MOST_REFUSALS))
      return this.#refusedRoom(room, result.code);
    const later = isFull ? Math.min(ENTER_AGAIN_MS * 2 ** wanted.refusals, FULL_AGAIN_MS) : ENTER_AGAIN_MS;
    const pause = isShut && wanted.refusals === 1 ? 0 : later;
    setTimeout(() => this.#state === 'open' && void this.#enterAll(), result.retryAfterMs ?? pause);
  }

  #refusedRoom(room: RoomId, code: string): void {
    if (code === 'signed_out') return this.signedOut();
    this.rooms.delete(room);
    this.heard({ type: 'removed', room, code });
  }

  #scheduleRenewal(inMs = this.tokens.nextRenewalInMs(this.rooms.keys())): void {
    clearTimeout(this.#renewTimer);
    this.#renewTimer = setTimeout(() => void this.#renew(), inMs);
  }

  async #renew(): Promise<void> {
    try {
      const { renewed, refused } = await this.tokens.need(this.rooms.keys(), 0.4);
      for (const { room, code } of refused) this.#refusedRoom(room, code);
      for (const room of renewed) {
        const token = this.tokens.get(room);
        if (token && this.rooms.get(room)?.entered) this.send({ type: 'renew', ref: this.#ref(), room, token });
      }
      if ([...this.rooms.values()].some(({ entered }) => !entered)) void this.#enterAll();
      this.#scheduleRenewal();
    } catch (error) {
      if (error instanceof Problem && error.code === 'signed_out') return this.#failed(error);
      this.#scheduleRenewal(3000 + 4000 * Math.random());
    }
  }

  #ping(): void {
    this.send({ type: 'ping' });
    this.#expectWithin(PONG_MS);
  }

  #expectWithin(ms: number): void {
    clearTimeout(this.#pongTimer);
    this.#pongTimer = setTimeout(() => this.lost(), ms);
  }

  #ref(): string {
    return `r${(++this.#refs).toString(36)}`;
  }
}

// One WebSocket for all rooms of this tab: enters rooms, comes back by itself, resumes from the last seq, keeps tokens fresh.
// It does not know what a message is; frames about rooms go to the listener as they are.
import { Problem } from './problem';
import type { TokenKeeper } from './tokens';
import type { Command, Limits, Notice, Ok, RoomFrame, RoomId, Seq, ServerFrame } from './types';

export type LinkState = 'idle' | 'connecting' | 'open' | 'lost';

export interface Listener {
  frame(frame: RoomFrame): void;
  renamed(person: string, name: string): void;
  /** There may be another room to enter. */
  rooms(): void;
  state(state: LinkState): void;
  limits(limits: Limits): void;
  signedOut(): void;
}

interface Wanted {
  lines: number;
  seq: Seq | undefined;
  entered: boolean;
  /** How often the chat has said no since the room was entered last. */
  refusals: number;
}
interface Waiter {
  settle(result: Ok | Problem): void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A command without an answer for so long is asked again, where that is safe. */
const ANSWER_MS = 15_000;
const ENTER_AGAIN_MS = 2000;
/** The longest wait where there are too many of something. */
const FULL_AGAIN_MS = 60_000;
/** So often the chat may say no to what the bridge allows. */
const MOST_REFUSALS = 5;
const PING_MS = 25_000;
const PONG_MS = 12_000;

export class ChatSocket {
  readonly #rooms = new Map<RoomId, Wanted>();
  readonly #waiters = new Map<string, Waiter>();
  /** The `ref` of the newest `enter` sent per room that has no answer yet. */
  readonly #entries = new Map<RoomId, string>();
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
    private readonly tokens: TokenKeeper,
    private readonly listener: Listener,
    private readonly open: (url: string) => WebSocket = (at) => new WebSocket(at),
  ) {}

  /** Wants a room: `lines` 0 for counts only, more for its newest messages. Asking for more later is fine. */
  enter(room: RoomId, lines: number): void {
    const known = this.#rooms.get(room);
    if (known && known.lines >= lines && (known.lines > 0 || lines === 0)) return;
    this.#rooms.set(room, { lines, seq: undefined, entered: false, refusals: 0 });
    this.#entries.delete(room);
    if (this.#state === 'idle') this.#connect();
    else if (this.#state === 'open') void this.#enterAll();
    else if (this.#state === 'connecting') this.#prepare().catch(() => undefined);
  }

  /** Dials before any room is wanted, so that the first ones are entered sooner. */
  warm(): void {
    if (this.#closed || this.#state !== 'idle') return;
    this.#become('connecting');
    this.#dial();
  }

  leave(room: RoomId): void {
    if (this.#rooms.delete(room) && this.#state === 'open') this.#send({ type: 'leave', ref: this.#ref(), room });
  }

  /** A token for requests beside the socket, such as history. */
  async token(room: RoomId): Promise<string> {
    const { refused } = await this.tokens.need([room]);
    const token = this.tokens.get(room);
    if (!token) throw new Problem(refused[0]?.code ?? 'unavailable', 403);
    return token;
  }

  command(command: Command): Promise<Ok> {
    if (this.#state !== 'open' || !this.#rooms.get(command.room)?.entered)
      return Promise.reject(new Problem('offline'));
    const ref = this.#ref();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#answer(ref, new Problem('unavailable')), ANSWER_MS);
      const settle = (result: Ok | Problem) => {
        clearTimeout(timer);
        if (result instanceof Problem) reject(result);
        else resolve(result);
      };
      this.#waiters.set(ref, { settle });
      this.#send({ ...command, ref });
    });
  }

  tell(notice: Notice): void {
    if (this.#state === 'open') this.#send(notice);
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

  #connect(): void {
    clearTimeout(this.#retryTimer);
    if (this.#closed || this.#rooms.size === 0) return;
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
    const { refused } = await this.tokens.need(this.#rooms.keys());
    for (const { room, code } of refused) this.#refusedRoom(room, code);
    if (this.#rooms.size === 0) throw new Problem('not_a_member', 403);
  }

  #dial(): void {
    if (this.#closed) return;
    const at = new URL('socket', this.url);
    at.protocol = at.protocol.replace('http', 'ws');
    const socket = this.open(at.href);
    this.#socket = socket;
    socket.onmessage = (message) => this.#socket === socket && this.#hear(String(message.data));
    socket.onclose = () => this.#socket === socket && this.#lost();
    this.#expectWithin(PONG_MS);
  }

  #failed(error: unknown): void {
    if (error instanceof Problem && error.code === 'signed_out') {
      this.#drop('idle');
      this.listener.signedOut();
    } else if (this.#rooms.size === 0) this.#drop('idle');
    else this.#lost();
  }

  #lost(afterMs?: number): void {
    if (this.#closed) return;
    if (this.#rooms.size === 0) return this.#drop('idle');
    this.#drop('lost');
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#tries++);
    this.#retryTimer = setTimeout(() => this.#connect(), afterMs ?? pause * (0.5 + 0.5 * Math.random()));
  }

  #drop(state: LinkState): void {
    for (const timer of [this.#retryTimer, this.#renewTimer, this.#pingTimer, this.#pongTimer]) clearTimeout(timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    for (const wanted of this.#rooms.values()) wanted.entered = false;
    for (const { settle } of this.#waiters.values()) settle(new Problem('offline'));
    this.#waiters.clear();
    this.#become(state);
  }

  #become(state: LinkState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.listener.state(state);
  }

  #hear(text: string): void {
    clearTimeout(this.#pongTimer);
    const frame = JSON.parse(text) as ServerFrame;
    switch (frame.type) {
      case 'welcome':
        this.#tries = 0;
        this.listener.limits(frame.limits);
        this.#become('open');
        this.#pingTimer = setInterval(() => this.#ping(), PING_MS);
        this.#scheduleRenewal();
        return void this.#enterAll();
      case 'ok':
        return this.#answer(frame.ref, frame);
      case 'refused':
        return frame.ref
          ? this.#answer(frame.ref, new Problem(frame.code, 403, frame.retry_after_ms ?? undefined))
          : undefined;
      case 'resume':
        return this.#lost(frame.after_ms);
      case 'renamed':
        return this.listener.renamed(frame.person, frame.name);
      case 'rooms':
        return this.listener.rooms();
      case 'pong':
        return;
      default:
        if ('room' in frame) this.#roomFrame(frame);
    }
  }

  #roomFrame(frame: RoomFrame): void {
    const wanted = this.#rooms.get(frame.room);
    if (!wanted) return;
    if (frame.type === 'entered' || frame.type === 'resumed') {
      // A late answer to an earlier, smaller wish says nothing about the newest one.
      if (!this.#settleEntry(frame.ref)) return;
      wanted.entered = true;
      wanted.refusals = 0;
      wanted.seq = frame.seq;
    } else if (frame.type === 'event') {
      if (!wanted.entered) return;
      if (wanted.seq !== undefined && frame.event.seq <= wanted.seq) return;
      if (wanted.seq !== undefined && frame.event.seq > wanted.seq + 1) return this.#lost(0);
      wanted.seq = frame.event.seq;
    } else if (frame.type === 'removed') {
      // The rooms are kept, so that they come back with the next session.
      if (frame.code === 'signed_out') return this.listener.signedOut();
      this.#rooms.delete(frame.room);
      this.tokens.drop(frame.room);
    } else if (frame.type === 'waiting') {
      this.tokens.drop(frame.room);
      wanted.entered = false;
      this.#scheduleRenewal(1000);
    }
    this.listener.frame(frame);
  }

  #settleEntry(ref: string): boolean {
    this.#waiters.delete(ref);
    for (const [room, latest] of this.#entries) if (latest === ref) return this.#entries.delete(room);
    return false;
  }

  async #enterAll(): Promise<void> {
    if (this.#rooms.size === 0) return;
    try {
      await this.#prepare();
      // Rooms that came while the tokens travelled.
      if ([...this.#rooms.keys()].some((room) => !this.tokens.get(room))) await this.#prepare();
    } catch (error) {
      return this.#failed(error);
    }
    if (this.#state !== 'open') return;
    // The room on screen first: its messages are waited for.
    for (const [room, wanted] of [...this.#rooms].sort(([, a], [, b]) => b.lines - a.lines)) {
      const token = this.tokens.get(room);
      if (wanted.entered || !token || this.#entries.has(room)) continue;
      const ref = this.#ref();
      this.#entries.set(room, ref);
      this.#waiters.set(ref, { settle: (result) => this.#entryRefused(room, ref, result) });
      const from = wanted.lines > 0 && wanted.seq !== undefined ? { from: wanted.seq } : {};
      this.#send({ type: 'enter', ref, room, token, lines: wanted.lines, ...from });
    }
  }

  #entryRefused(room: RoomId, ref: string, result: Ok | Problem): void {
    if (!(result instanceof Problem) || this.#entries.get(room) !== ref) return;
    this.#entries.delete(room);
    if (result.code === 'offline') return;
    // There are too many of these already: another token would not help, and to ask soon again would burden everybody.
    const isFull = ['too_many', 'too_large'].includes(result.code);
    if (!isFull) this.tokens.drop(room);
    const wanted = this.#rooms.get(room);
    if (!wanted) return;
    wanted.refusals += 1;
    // The last word is the bridge's, which is asked for a new token: the chat may not have heard yet that the room is open again.
    const isShut = ['not_a_member', 'banned', 'room_closed'].includes(result.code);
    if (result.code === 'no_such_room' || (isShut && wanted.refusals > MOST_REFUSALS))
      return this.#refusedRoom(room, result.code);
    const later = isFull ? Math.min(ENTER_AGAIN_MS * 2 ** wanted.refusals, FULL_AGAIN_MS) : ENTER_AGAIN_MS;
    const pause = isShut && wanted.refusals === 1 ? 0 : later;
    setTimeout(() => this.#state === 'open' && void this.#enterAll(), result.retryAfterMs ?? pause);
  }

  #refusedRoom(room: RoomId, code: string): void {
    if (code === 'signed_out') return this.listener.signedOut();
    this.#rooms.delete(room);
    this.listener.frame({ type: 'removed', room, code });
  }

  #scheduleRenewal(inMs = this.tokens.nextRenewalInMs(this.#rooms.keys())): void {
    clearTimeout(this.#renewTimer);
    this.#renewTimer = setTimeout(() => void this.#renew(), inMs);
  }

  async #renew(): Promise<void> {
    try {
      const { renewed, refused } = await this.tokens.need(this.#rooms.keys(), 0.4);
      for (const { room, code } of refused) this.#refusedRoom(room, code);
      for (const room of renewed) {
        const token = this.tokens.get(room);
        if (token && this.#rooms.get(room)?.entered) this.#send({ type: 'renew', ref: this.#ref(), room, token });
      }
      if ([...this.#rooms.values()].some(({ entered }) => !entered)) void this.#enterAll();
      this.#scheduleRenewal();
    } catch (error) {
      if (error instanceof Problem && error.code === 'signed_out') return this.#failed(error);
      this.#scheduleRenewal(3000 + 4000 * Math.random());
    }
  }

  #answer(ref: string, result: Ok | Problem): void {
    const waiter = this.#waiters.get(ref);
    this.#waiters.delete(ref);
    waiter?.settle(result);
  }

  #ping(): void {
    this.#send({ type: 'ping' });
    this.#expectWithin(PONG_MS);
  }

  #expectWithin(ms: number): void {
    clearTimeout(this.#pongTimer);
    this.#pongTimer = setTimeout(() => this.#lost(), ms);
  }

  #send(frame: object): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  #ref(): string {
    return `r${(++this.#refs).toString(36)}`;
  }
}

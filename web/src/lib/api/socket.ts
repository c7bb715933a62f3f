// The socket of the chat: enters rooms from where they were left, and notices when something is missing in between.
// It does not know what a message is; frames about rooms go to the listener as they are.
import { Problem } from './problem';
import { RoomSocket, type LinkState, type Wanted } from './room-socket';
import type { TokenKeeper } from './tokens';
import type { Command, Limits, Notice, Ok, RoomFrame, RoomId, Seq, ServerFrame } from './types';

export type { LinkState };

export interface Listener {
  frame(frame: RoomFrame): void;
  renamed(person: string, name: string): void;
  /** There may be another room to enter. */
  rooms(): void;
  state(state: LinkState): void;
  limits(limits: Limits): void;
  signedOut(): void;
}

interface Followed extends Wanted {
  lines: number;
  seq: Seq | undefined;
}

export class ChatSocket extends RoomSocket<Followed, ServerFrame> {
  constructor(
    url: URL,
    tokens: TokenKeeper,
    private readonly listener: Listener,
    open?: (url: string) => WebSocket,
  ) {
    super(url, tokens, open);
  }

  /** Wants a room: `lines` 0 for counts only, more for its newest messages. Asking for more later is fine. */
  enter(room: RoomId, lines: number): void {
    const known = this.rooms.get(room);
    if (known && known.lines >= lines && (known.lines > 0 || lines === 0)) return;
    this.want(room, { lines, seq: undefined, entered: false, refusals: 0 });
  }

  /** A token for requests beside the socket, such as history. */
  async token(room: RoomId): Promise<string> {
    const { refused } = await this.tokens.need([room]);
    const token = this.tokens.get(room);
    if (!token) throw new Problem(refused[0]?.code ?? 'unavailable', 403);
    return token;
  }

  command(command: Command): Promise<Ok> {
    if (this.state !== 'open' || !this.rooms.get(command.room)?.entered) return Promise.reject(new Problem('offline'));
    return this.request<Ok>(command);
  }

  tell(notice: Notice): void {
    if (this.state === 'open') this.send(notice);
  }

  // The room on screen first: its messages are waited for.
  protected override urgent(): [RoomId, Followed][] {
    return [...this.rooms].sort(([, a], [, b]) => b.lines - a.lines);
  }

  protected override entering({ lines, seq }: Followed): object {
    return { lines, ...(lines > 0 && seq !== undefined ? { from: seq } : {}) };
  }

  protected override welcomed(limits: unknown): void {
    this.listener.limits(limits as Limits);
  }

  protected override became(state: LinkState): void {
    this.listener.state(state);
  }

  protected override signedOut(): void {
    this.listener.signedOut();
  }

  protected override heard(frame: ServerFrame): void {
    if (frame.type === 'renamed') this.listener.renamed(frame.person, frame.name);
    else if (frame.type === 'rooms') this.listener.rooms();
    else if (frame.type === 'removed') this.listener.frame(frame);
    else if ('room' in frame) this.#inRoom(frame as RoomFrame);
  }

  #inRoom(frame: RoomFrame): void {
    const wanted = this.rooms.get(frame.room);
    if (!wanted) return;
    if (frame.type === 'entered' || frame.type === 'resumed') {
      // A late answer to an earlier, smaller wish says nothing about the newest one.
      if (!this.settleEntry(frame.ref)) return;
      wanted.seq = frame.seq;
    } else if (frame.type === 'event') {
      if (!wanted.entered) return;
      if (wanted.seq !== undefined && frame.event.seq <= wanted.seq) return;
      if (wanted.seq !== undefined && frame.event.seq > wanted.seq + 1) return this.lost(0);
      wanted.seq = frame.event.seq;
    }
    this.listener.frame(frame);
  }
}

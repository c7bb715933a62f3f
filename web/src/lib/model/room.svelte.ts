// One room as this person has it: standing, counts, presence, and its parts (timeline, outbox, composer, members). Fed by frames.
import type { Client } from '../api/client';
import type { Live } from '../api/conference-types';
import { codeOf, Problem } from '../api/problem';
import type { ChatSocket } from '../api/socket';
import type {
  Command,
  Event,
  Grant,
  Item,
  Message,
  Millis,
  NewLine,
  OfferItem,
  PersonId,
  PersonName,
  Presence,
  Room,
  RoomFrame,
} from '../api/types';
import { isLine } from './apply';
import { Composer } from './composer.svelte';
import { Members } from './members.svelte';
import { addresses, isNews } from './news';
import { Outbox } from './outbox.svelte';
import type { Store } from './store';
import { PAGE, Timeline } from './timeline.svelte';

export interface Surroundings {
  client: Client;
  socket: ChatSocket;
  store: Store;
  me: () => PersonId;
  /** Somebody else said something just now, called in vain, or offers files. */
  heard: (room: RoomModel, line: NewLine, mention: boolean) => void;
  refused: (code: string) => void;
  /** Rights or mode changed: the room's description must be asked for again. */
  changed: (room: RoomModel) => void;
}

const TYPING_ENDS_MS = 6000;

export class RoomModel {
  info = $state.raw<Room>() as Room;
  unread = $state(0);
  mentions = $state(0);
  read = $state(0);
  presence = $state.raw<Presence>({ count: 0 });
  typing = $state.raw<PersonName[]>([]);
  /** The call that goes on in the room. */
  call = $state.raw<Live | null>(null);
  waiting = $state<string | null>(null);
  removed = $state.raw<{ code: string; until?: Millis } | null>(null);
  /** A hidden member has been told that writing shows their name. */
  told = $state(false);
  /** Somebody looks at the end of the room now: what comes is no news, though the server hears a moment later that it was read. */
  seen = $state(false);
  /** The divider "new" stands after this seq while the room is open. */
  divider = $state<number | null>(null);
  readonly timeline: Timeline;
  readonly outbox: Outbox;
  readonly composer: Composer;
  readonly members: Members;
  #full = false;
  #typingTimers = new Map<PersonId, ReturnType<typeof setTimeout>>();

  constructor(
    info: Room,
    private readonly around: Surroundings,
  ) {
    this.info = info;
    const { client, socket, store } = around;
    const { id } = info;
    const mine = store.under(id);
    this.told = mine.read('told', false);
    this.timeline = new Timeline(async (query, limit) => client.history(id, await socket.token(id), query, limit));
    this.outbox = new Outbox(
      mine,
      (draft) => socket.command({ type: 'say', room: id, ...draft }),
      (message, code) => {
        if (this.composer.putBack(message.body, code)) this.outbox.discard(message.nonce);
        else around.refused(code);
      },
    );
    this.composer = new Composer(mine, (on) => socket.tell({ type: 'typing', room: id, on }));
    this.members = new Members(client, id, () => socket.token(id));
  }

  get id(): string {
    return this.info.id;
  }
  get name(): string {
    return this.info.kind === 'direct' ? (this.info.with?.name ?? '') : (this.info.subject ?? this.info.address ?? '');
  }
  /** The path of this room below the base path. */
  get path(): string {
    return this.info.kind === 'direct'
      ? `d/${this.id}`
      : `r/${encodeURIComponent(this.info.address ?? '').replaceAll('%40', '@')}`;
  }
  may(grant: Grant): boolean {
    if (!this.info.grants.includes(grant)) return false;
    // Who manages a room that is switched off is the one who can switch it on again.
    return this.removed === null || (grant === 'manage' && this.removed.code === 'room_closed');
  }
  /** What somebody is called, if that is known here. */
  nameOf(person: PersonId): string | undefined {
    const other = this.info.with;
    return other?.person === person ? other.name : this.members.get(person)?.name;
  }
  /** How many messages are news to this person, for the list of rooms. */
  get news(): number {
    return this.seen ? 0 : this.unread;
  }
  /** How many of them address this person; every direct word does. */
  get addressed(): number {
    if (this.info.kind === 'direct') return this.news;
    return this.seen ? 0 : this.mentions;
  }

  /** Wants counts only; the room is in the list. */
  list(): void {
    this.around.socket.enter(this.id, 0);
  }

  /** Wants the messages; the room is on screen. */
  open(): void {
    this.#full = true;
    this.around.socket.enter(this.id, PAGE);
    this.divider = this.unread > 0 ? this.read : null;
    // Roles beside names and names in mentions come from the roster.
    if (this.info.kind === 'list' && !this.removed) void this.members.load();
  }

  /** The room leaves the screen. */
  close(): void {
    this.divider = null;
    this.composer.rest();
  }

  /** Begins to edit a message. Who is not in the roster stays mentioned as long as anybody may be. */
  edit(item: Message): void {
    const named = (person: PersonId) => ({ person, name: this.members.get(person)?.name ?? '' });
    this.composer.edit(item, item.mentions?.map(named));
  }

  send(): void {
    const { composer } = this;
    const { editing } = composer;
    const draft = composer.draft(this.may('mention_all'));
    if (draft.body === '') return;
    if (editing) {
      const mentions = draft.mentions ? { mentions: draft.mentions } : {};
      if (draft.body === editing.body) return composer.done();
      void this.#command({ type: 'edit', room: this.id, target: editing.seq, body: draft.body, ...mentions }).then(
        (code) => (code ? (composer.refusal = code) : composer.done()),
      );
      return;
    }
    this.outbox.add(draft);
    composer.done();
  }

  delete(item: Message | OfferItem): Promise<string | null> {
    return this.#command({ type: 'delete', room: this.id, target: item.seq });
  }

  react(item: Message, emoji: string): Promise<string | null> {
    const mine = item.reactions
      ?.find((one) => one.emoji === emoji)
      ?.by.some(({ person }) => person === this.around.me());
    return this.#command({ type: 'react', room: this.id, target: item.seq, emoji, on: !mine });
  }

  /** The person has understood that writing shows their name. */
  tell(): void {
    this.told = true;
    this.around.store.under(this.id).write('told', true);
  }

  /** Everything up to here has been seen. */
  markRead(seq = this.timeline.seq): void {
    if (seq <= this.read) return;
    this.read = seq;
    if (seq >= this.timeline.seq) this.unread = this.mentions = 0;
    this.around.socket.tell({ type: 'read', room: this.id, seq });
  }

  canDelete(item: Item): item is Message | OfferItem {
    if (item.kind === 'call' || item.kind === 'conference' || item.deleted) return false;
    return item.by === this.around.me() || this.may('moderate');
  }
  canEdit(item: Item): item is Message {
    return item.kind === 'message' && !item.deleted && item.by === this.around.me() && this.may('post');
  }

  async setBlocked(on: boolean): Promise<string | null> {
    try {
      await this.around.client.block(this.id, on);
      this.info = { ...this.info, blocked: on };
      return null;
    } catch (error) {
      return codeOf(error);
    }
  }

  frame(frame: RoomFrame): void {
    switch (frame.type) {
      case 'entered':
      case 'resumed':
        this.#enter(frame);
        break;
      case 'event':
        this.#event(frame.event);
        break;
      case 'presence':
        this.presence = frame.presence;
        break;
      case 'typing':
        this.#type(frame.person, frame.name, frame.on);
        break;
      case 'read':
        this.read = frame.seq;
        [this.unread, this.mentions] = [frame.unread, frame.mentions];
        break;
      case 'grants':
        this.info = { ...this.info, grants: frame.grants, roles: frame.roles };
        this.around.changed(this);
        break;
      case 'roster':
        this.members.stale();
        break;
      case 'waiting':
        this.waiting = frame.code;
        break;
      case 'removed':
        this.removed = { code: frame.code };
        if (frame.code === 'banned') void this.#askUntilWhen();
        break;
    }
  }

  /** Lets go of timers; the room is gone from this tab. */
  end(): void {
    this.outbox.close();
    for (const timer of this.#typingTimers.values()) clearTimeout(timer);
  }

  /** Who is shut out is told at once; for how long, the bridge says. */
  async #askUntilWhen(): Promise<void> {
    const { address } = this.info;
    if (!address) return;
    const until = await this.around.client.roomAt(address).then(
      () => undefined,
      (error: unknown) => (error instanceof Problem && error.code === 'banned' ? error.until : undefined),
    );
    if (until && this.removed?.code === 'banned') this.removed = { code: 'banned', until };
  }

  #enter(frame: RoomFrame & { type: 'entered' | 'resumed' }): void {
    const wasReady = this.timeline.ready;
    this.waiting = null;
    this.removed = null;
    this.presence = frame.presence;
    this.info = { ...this.info, grants: frame.grants };
    [this.read, this.unread, this.mentions] = [frame.read, frame.unread, frame.mentions];
    if (frame.type === 'resumed') {
      this.timeline.resume(frame.seq, frame.events);
      for (const event of frame.events) this.#settle(event);
    } else {
      this.timeline.seq = frame.seq;
      if (this.#full) this.#startTimeline(frame, wasReady);
    }
    void this.outbox.flush();
  }

  #startTimeline(frame: RoomFrame & { type: 'entered' }, wasReady: boolean): void {
    if (!wasReady && frame.unread > 0) this.divider = frame.read;
    void this.timeline.start(frame, this.divider);
    for (const item of frame.items)
      if (item.kind === 'message' && item.by === this.around.me()) this.outbox.settle(item.nonce);
  }

  #event(event: Event): void {
    const news = event.seq > this.timeline.seq;
    if (this.#full) this.timeline.hear(event);
    else this.timeline.seq = event.seq;
    this.#settle(event);
    if (!news || !isLine(event)) return;
    if (event.kind === 'said') this.#type(event.by, event.name, false);
    if (!isNews(event, this.around.me())) return;
    const mention = addresses(event, this.around.me());
    this.unread += 1;
    if (mention) this.mentions += 1;
    this.around.heard(this, event, mention || this.info.kind === 'direct');
  }

  #settle(event: Event): void {
    if (event.kind === 'said' && event.by === this.around.me()) this.outbox.settle(event.nonce);
  }

  #type(person: PersonId, name: string, on: boolean): void {
    clearTimeout(this.#typingTimers.get(person));
    const others = this.typing.filter((one) => one.person !== person);
    if (on && person !== this.around.me()) {
      this.#typingTimers.set(
        person,
        setTimeout(() => this.#type(person, name, false), TYPING_ENDS_MS),
      );
      this.typing = [...others, { person, name }];
    } else if (others.length < this.typing.length) this.typing = others;
  }

  async #command(command: Command): Promise<string | null> {
    try {
      await this.around.socket.command(command);
      return null;
    } catch (error) {
      return codeOf(error);
    }
  }
}

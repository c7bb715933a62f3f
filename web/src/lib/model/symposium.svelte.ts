// The whole app without its looks: joins session, rooms, socket and announcer, and decides what a frame or an end of session means.
import type { Client } from '../api/client';
import { Line } from '../api/line';
import { codeOf } from '../api/problem';
import type { ChatSocket, Listener } from '../api/socket';
import type { Config, Limits, NewLine, Room, RoomFrame } from '../api/types';
import { m } from '../paraglide/messages';
import { callLine, conferenceLine, offerLine } from '../text/lines';
import { sentence } from '../text/words';
import { goAhead, LAST_ROOMS, type Ahead } from './ahead';
import { Announcer } from './announcer.svelte';
import { Connection } from './connection.svelte';
import type { Exchange, ExchangeParts } from './exchange.svelte';
import type { RoomModel, Surroundings } from './room.svelte';
import { Rooms } from './rooms.svelte';
import { Session } from './session.svelte';
import type { Settings } from './settings.svelte';
import type { Store } from './store';

export interface Parts {
  config: Config;
  chat: URL;
  signal: URL;
  client: Client;
  /** What has been asked for already. */
  ahead?: Ahead | undefined;
  settings: Settings;
  store: Store;
  /** Whether somebody looks at this tab now. */
  watched: () => boolean;
}

const REFRESH_MS = 60_000;

export class Symposium {
  readonly config: Config;
  readonly settings: Settings;
  readonly session: Session;
  readonly connection = new Connection();
  readonly announcer: Announcer;
  limits = $state.raw<Limits>({ frame_bytes: 65_536, body_chars: 8000, rooms: 500 });
  rooms = $state.raw<Rooms | null>(null);
  /** Calls and transfers, once that part of the app is there. */
  exchange = $state.raw<Exchange | null>(null);
  #makeExchange: ((parts: Omit<ExchangeParts, 'devices'>) => Exchange) | null = null;
  /** What was written last about something that went wrong, to be shown for a moment. */
  toast = $state<string | null>(null);
  #socket: ChatSocket | null = null;
  #ahead: Ahead | undefined;
  #refreshTimer: ReturnType<typeof setInterval> | undefined;
  #toastTimer: ReturnType<typeof setTimeout> | undefined;
  #person: string | null = null;

  constructor(private readonly parts: Parts) {
    this.config = parts.config;
    this.settings = parts.settings;
    this.settings.account = () => this.session.me?.language;
    this.session = new Session(parts.client, parts.store);
    this.announcer = new Announcer(() => parts.settings.announce);
    this.#ahead = parts.ahead;
  }

  async start(): Promise<void> {
    const { client, chat, store } = this.parts;
    const ahead = this.#ahead ?? goAhead(client, chat, store);
    this.#ahead = undefined;
    if (ahead) this.#socket = this.#listen(ahead.line);
    await this.session.start(ahead?.session);
    await this.enter(ahead?.rooms);
    if (!this.rooms) this.#shut();
  }

  /** Once signed in: opens the person's rooms, or reconnects those on screen after a session that had ended. */
  async enter(ahead?: Promise<{ rooms: Room[] }>): Promise<void> {
    const { me } = this.session;
    if (this.session.state !== 'in' || !me) return;
    if (this.#person !== me.person) this.#open(me.person);
    else this.#reopen();
    await this.rooms?.refresh(ahead);
    this.parts.store.write(
      LAST_ROOMS,
      this.rooms?.all.map(({ id }) => id),
    );
  }

  async signOut(): Promise<void> {
    if (!this.report(await this.session.signOut())) return;
    this.parts.store.write(LAST_ROOMS, null);
    this.#shut();
  }

  /** The direct room with a person, or the code of why there is none. */
  async direct(person: string): Promise<RoomModel | string> {
    try {
      return (await this.rooms?.direct(person)) ?? 'unavailable';
    } catch (error) {
      return codeOf(error);
    }
  }

  retryNow(): void {
    this.#socket?.retryNow();
    this.exchange?.retryNow();
  }

  /** The part of the app that calls and transfers need has arrived. */
  meet(make: (parts: Omit<ExchangeParts, 'devices'>) => Exchange): void {
    this.#makeExchange = make;
    const { me } = this.session;
    const { client, signal: at, settings, store } = this.parts;
    if (this.exchange || !this.rooms || !me) return;
    this.exchange = make({
      client,
      at,
      rooms: this.rooms,
      me: me.person,
      settings,
      store: store.under(me.person),
      tell: (text, bad) => this.tell(text, bad),
      say: (text) => this.announcer.say(text),
      signedOut: () => void this.#sessionEnded(),
    });
  }

  setOffline(offline: boolean): void {
    this.connection.offline = offline;
    if (offline) return;
    this.session.retryNow();
    this.retryNow();
  }

  /** The tab is looked at again. */
  looked(): void {
    this.session.retryNow();
    this.retryNow();
    if (this.session.state === 'in') void this.rooms?.refresh();
  }

  tell(text: string, bad = false): void {
    clearTimeout(this.#toastTimer);
    this.toast = text;
    this.#toastTimer = setTimeout(() => (this.toast = null), 6000);
    if (bad) this.announcer.warn(text);
    else this.announcer.say(text);
  }

  /** Shows why something did not work; null is success. */
  report(code: string | null): boolean {
    if (code === 'signed_out') void this.#sessionEnded();
    else if (code) this.tell(sentence(code), true);
    return code === null;
  }

  #open(person: string): void {
    if (this.rooms) this.#shut();
    this.#person = person;
    const { client } = this.parts;
    this.#socket ??= this.#listen(new Line(client, this.parts.chat));
    this.rooms = new Rooms(client, this.#surroundings(this.#socket, person));
    this.#refreshTimer = setInterval(() => this.parts.watched() && void this.rooms?.refresh(), REFRESH_MS);
    if (this.#makeExchange) this.meet(this.#makeExchange);
  }

  // The socket of an ended session is idle; wanting a room again wakes it.
  #reopen(): void {
    this.#socket?.wake();
    this.exchange?.wake();
  }

  #shut(): void {
    clearInterval(this.#refreshTimer);
    this.exchange?.close();
    this.exchange = null;
    this.#socket?.close();
    this.#socket = null;
    for (const room of this.rooms?.all ?? []) room.end();
    this.rooms = null;
    this.#person = null;
  }

  #listen({ socket, relay }: Line): ChatSocket {
    const listener: Listener = {
      frame: (frame) => this.#frame(frame),
      renamed: (person, name) => this.#renamed(person, name),
      rooms: () => void this.rooms?.refresh(),
      state: (state) => this.connection.become(state),
      limits: (limits) => (this.limits = limits),
      signedOut: () => void this.#sessionEnded(),
    };
    relay.listen(listener);
    return socket;
  }

  #surroundings(socket: ChatSocket, person: string): Surroundings {
    return {
      client: this.parts.client,
      socket,
      store: this.parts.store.under(person),
      me: () => person,
      heard: (room, line, mention) => this.#heard(room, line, mention, person),
      refused: (code) => (code === 'signed_out' ? void this.#sessionEnded() : this.announcer.warn(sentence(code))),
      changed: (room) => void this.rooms?.renew(room),
    };
  }

  #frame(frame: RoomFrame): void {
    this.rooms?.get(frame.room)?.frame(frame);
  }

  #renamed(person: string, name: string): void {
    for (const room of this.rooms?.all ?? []) {
      room.members.renamed(person, name);
      if (room.info.with?.person === person) room.info = { ...room.info, with: { person, name } };
    }
    if (this.session.me?.person === person) this.session.me = { ...this.session.me, name };
  }

  #heard(room: RoomModel, line: NewLine, mention: boolean, me: string): void {
    const onScreen = room === this.rooms?.current && this.parts.watched();
    if (!onScreen && !mention) return;
    const { name } = line;
    if (line.kind === 'said') return this.announcer.message({ name, body: line.body }, mention);
    const sentence = sentenceOf(line, me, room);
    this.announcer.message({ name, body: sentence, sentence }, mention);
  }

  async #sessionEnded(): Promise<void> {
    if (this.session.state !== 'in' || this.session.leaving) return;
    this.#socket?.rest();
    this.exchange?.rest();
    await this.session.end();
    if (this.session.state === 'in') await this.enter();
    else this.announcer.warn(m.session_ended());
  }
}

/** A line that is no message, as one sentence. */
function sentenceOf(line: Exclude<NewLine, { kind: 'said' }>, me: string, room: RoomModel): string {
  if (line.kind === 'offered') return offerLine(line, me);
  if (line.kind === 'conferred') return conferenceLine(line);
  return callLine(line, me, (person) => room.nameOf(person));
}

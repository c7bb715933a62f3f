// One conference as one of its participants has it, from before joining until it is over: what the server says of it, the two connections
// to the server, and how they come back when they break.
import type { Act, Back, Emoji, Joined, Live, News, Quality, Shows, Want } from '../api/conference-types';
import { codeOf, isPassing } from '../api/problem';
import type { SignalSocket } from '../api/signal';
import type { Millis, PersonId, RoomId } from '../api/types';
import { Receiving, type StreamKey } from '../rtc/conference-receive';
import { Sending } from '../rtc/conference-send';
import type { Make } from '../rtc/to-server';
import type { CallMedia } from './call-media.svelte';
import { after, find, spokeLast, takesPlace, told, turn, type Happened, type People } from './conference-people';
import { Reactions } from './conference-reactions.svelte';

export type ConferenceState = 'pre-join' | 'joining' | 'in' | 'reconnecting' | 'out';

export interface ConferenceParts {
  signal: Pick<SignalSocket, 'command' | 'servers'>;
  media: CallMedia;
  me: PersonId;
  relayOnly: () => boolean;
  over: (conference: Conference) => void;
  make?: Make;
}

const AGAIN_MS = 2000;
const LONGEST_PAUSE_MS = 30_000;
/** A way that is not found within this time is looked for from the beginning. */
const FOUND_MS = 15_000;
/** What is to be seen changes while windows are drawn larger; the server hears of it when it rests. */
const WANT_MS = 200;
/** Something was wanted, and must be said again. */
const NOTHING = '-';

export class Conference {
  state = $state<ConferenceState>('pre-join');
  /** Why one could not join; or why it is over. */
  problem = $state<string | null>(null);
  why = $state<string | null>(null);
  since = $state<Millis | null>(null);
  until = $state<Millis | null>(null);
  people = $state.raw<People>([]);
  locked = $state(false);
  speaking = $state<PersonId | null>(null);
  /** Who spoke last, the newest first. */
  spoke = $state.raw<readonly PersonId[]>([]);
  streams = $state.raw<ReadonlyMap<StreamKey, MediaStream>>(new Map());
  line = $state.raw<{ send: Quality; receive: Quality }>({ send: 'good', receive: 'good' });
  /** Who asks this person to speak. */
  asked = $state<string | null>(null);
  /** It takes long to find a way: something may be in it. */
  slow = $state(false);
  readonly reactions = new Reactions();
  /** Hears what others do, and by whom this person was muted. */
  happened: (what: Happened | 'muted', name: string) => void = () => undefined;
  #call: string | null = null;
  #sending: Sending | null = null;
  #receiving: Receiving | null = null;
  /** This side's line to the server was cut. */
  #cut = false;
  #tries = 0;
  #shown = '';
  #want: Want | null = null;
  #wanted = '';
  #wantTimer: ReturnType<typeof setTimeout> | undefined;
  #againTimer: ReturnType<typeof setTimeout> | undefined;
  #foundTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly parts: ConferenceParts,
    readonly room: RoomId,
  ) {
    parts.media.changed = (line) => {
      void this.#sending?.send(line, parts.media.tracks[line]);
      if (line === 'screen') void this.#sending?.send('screen_sound', parts.media.screenSound);
      this.#tellShows();
    };
  }

  /** What this person sends. */
  get own(): CallMedia {
    return this.parts.media;
  }
  get me(): PersonId {
    return this.parts.me;
  }
  get leads(): boolean {
    return find(this.people, this.me)?.leads ?? false;
  }
  /** How many hands were up earlier, counted from one; nothing without a hand. */
  get turn(): number | null {
    return turn(this.people, this.me);
  }
  get live(): boolean {
    return this.state === 'joining' || this.state === 'in' || this.state === 'reconnecting';
  }

  /** Takes part; `here`: also when one takes part in another window. */
  async join(here = false): Promise<void> {
    if (this.live) return;
    [this.state, this.problem] = ['joining', null];
    this.own.begin();
    const code = await this.#ask(here);
    if (code && this.state === 'joining' && !this.#call) [this.state, this.problem] = ['pre-join', code];
  }

  leave(): void {
    if (this.live) void this.do({ kind: 'leave' });
    this.end('left');
  }

  /** Stops everything at once. */
  end(why: string): void {
    if (this.state === 'out') return;
    for (const timer of [this.#wantTimer, this.#againTimer, this.#foundTimer]) clearTimeout(timer);
    this.#hangUp();
    this.reactions.clear();
    this.own.close();
    [this.asked, this.speaking] = [null, null];
    [this.until, this.why, this.state] = [Date.now(), why, 'out'];
    this.parts.over(this);
  }

  /** What the server says of this conference to who takes part. */
  hear(news: News): void {
    if (!this.live) return;
    if (news.kind === 'joined') return this.#joined(news);
    // What still comes of the place before.
    if (this.state === 'joining') return;
    switch (news.kind) {
      case 'answer':
        return void this.#sending?.answer(news.sdp);
      case 'offer':
        return void this.#receiving?.offer(news);
      case 'failed':
        return this.#again();
      case 'speaking':
        this.speaking = news.person ?? null;
        if (news.person) this.spoke = spokeLast(this.spoke, news.person);
        return;
      case 'reaction':
        return this.reactions.add(news.person, find(this.people, news.person)?.name ?? '', news.emoji);
      case 'muted':
        this.asked = null;
        void this.own.mute(true);
        return this.happened('muted', news.by);
      case 'asked':
        this.asked = news.by;
        return;
      case 'locked':
        this.locked = news.locked;
        return;
      case 'line':
        this.line = { send: news.send, receive: news.receive };
        return;
      case 'out':
        return this.end(news.why);
      default:
        return this.#people(news);
    }
  }

  /** The line to the server is cut; what flows goes on as long as it does. */
  serverLost(): void {
    if (!this.live) return;
    if (this.#call) [this.#cut, this.state] = [true, 'reconnecting'];
    else [this.state, this.problem] = ['pre-join', 'offline'];
  }

  /** The room stands; when the line to the server was cut before, the server must hear that this side is still there. */
  takePartAgain(): void {
    if (this.#cut && this.live) this.#again();
  }

  /** What is to be seen, and how large. */
  want(want: Want): void {
    this.#want = want;
    if (this.#wanted === '') this.#tellWant();
    else this.#wantSoon();
  }

  raise(up: boolean): Promise<string | null> {
    return this.do({ kind: 'hand', up });
  }
  react(emoji: Emoji): Promise<string | null> {
    return this.do({ kind: 'react', emoji });
  }

  /** Answers the code of what went wrong, or nothing. */
  async do(act: Act): Promise<string | null> {
    try {
      await this.parts.signal.command({ type: 'conference', room: this.room, act });
      return null;
    } catch (error) {
      return codeOf(error);
    }
  }

  #shows(): Shows {
    const { tracks, muted } = this.own;
    return {
      microphone: tracks.microphone !== null && !muted,
      camera: tracks.camera !== null,
      screen: tracks.screen !== null,
    };
  }

  #tellShows(): void {
    const shows = this.#shows();
    if (shows.microphone) this.asked = null;
    if (this.state !== 'in' || JSON.stringify(shows) === this.#shown) return;
    this.#shown = JSON.stringify(shows);
    void this.do({ kind: 'shows', shows });
  }

  #tellWant(): void {
    if (!this.#want || this.state !== 'in') return;
    // Of who is not there the server knows nothing, and would not remember it until they come.
    const want = { ...this.#want, tiles: this.#want.tiles.filter(({ person }) => find(this.people, person)) };
    const wanted = JSON.stringify(want);
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    void this.do({ kind: 'want', want });
  }

  #wantSoon(): void {
    clearTimeout(this.#wantTimer);
    this.#wantTimer = setTimeout(() => this.#tellWant(), WANT_MS);
  }

  /** Asks for a place, the first time or again; answers the code of what went wrong, or nothing. */
  async #ask(here: boolean): Promise<string | null> {
    const shows = this.#shows();
    this.#shown = JSON.stringify(shows);
    const back = this.#back();
    const act: Act = { kind: 'join', shows, ...(back ? { back } : {}), ...(here ? { here } : {}) };
    // Asked for meanwhile, so that they are there when they are needed.
    this.parts.signal.servers().catch(() => undefined);
    return this.do(act);
  }

  #back(): Back | null {
    return this.#call && this.since !== null ? { call: this.#call, since: this.since } : null;
  }

  /** There is a place: both connections begin anew, and what was said before is said again. */
  #joined({ call, since, locked, people }: Joined): void {
    this.#hangUp();
    [this.#call, this.since, this.locked, this.people, this.#cut] = [call, since, locked, people, false];
    [this.state, this.#wanted] = ['in', ''];
    this.line = { send: 'good', receive: 'good' };
    this.#connect();
    this.#tellShows();
    this.#tellWant();
  }

  #connect(): void {
    const { signal, media, relayOnly, make } = this.parts;
    const ways = signal.servers();
    ways.catch(() => undefined);
    const [state, broken] = [() => this.#judge(), () => this.#again()];
    const say = (act: Act) => void this.do(act);
    const sending: Sending = new Sending(
      ways,
      relayOnly(),
      {
        publish: (sdp, sources) => say({ kind: 'publish', sdp, sources }),
        state: () => this.#sending === sending && state(),
        broken: () => this.#sending === sending && broken(),
      },
      make,
    );
    const receiving: Receiving = new Receiving(
      ways,
      relayOnly(),
      {
        take: (number, sdp) => say({ kind: 'take', number, sdp }),
        streams: (streams) => this.#receiving === receiving && (this.streams = streams),
        state: () => this.#receiving === receiving && state(),
        broken: () => this.#receiving === receiving && broken(),
      },
      make,
    );
    [this.#sending, this.#receiving] = [sending, receiving];
    for (const line of ['microphone', 'camera', 'screen'] as const) void sending.send(line, media.tracks[line]);
    void sending.send('screen_sound', media.screenSound);
    clearTimeout(this.#foundTimer);
    this.#foundTimer = setTimeout(() => this.#notFound(), FOUND_MS);
  }

  #hangUp(): void {
    this.#sending?.close();
    this.#receiving?.close();
    [this.#sending, this.#receiving, this.streams] = [null, null, new Map()];
  }

  /** Mends what is broken. A connection that is only disturbed comes back by itself, or fails. */
  #judge(): void {
    const states = [this.#sending, this.#receiving].map((one) => one?.connection.connectionState);
    if (states.includes('failed')) return this.#again();
    if (states[0] !== 'connected') return;
    clearTimeout(this.#foundTimer);
    [this.slow, this.#tries] = [false, 0];
  }

  #notFound(): void {
    this.slow = true;
    this.#again();
  }

  /** Asks for the place again, with both connections anew; each time in vain it waits longer. */
  #again(): void {
    if (!this.live || !this.#call) return;
    this.state = 'reconnecting';
    clearTimeout(this.#foundTimer);
    clearTimeout(this.#againTimer);
    const pause = this.#tries === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, AGAIN_MS * 2 ** (this.#tries - 1));
    this.#tries += 1;
    this.#againTimer = setTimeout(() => void this.#comeBack(), pause);
  }

  async #comeBack(): Promise<void> {
    const code = await this.#ask(false);
    if (!code || this.state !== 'reconnecting') return;
    // Without a line to the server, the room stands again with the next one.
    if (code === 'offline') return;
    if (isPassing(code)) return this.#again();
    this.end(code === 'in_a_call' ? 'elsewhere' : code === 'no_such_call' ? 'ended' : code);
  }

  #people(news: News): void {
    const what = told(this.people, news);
    if (takesPlace(this.people, news)) {
      this.#wanted = NOTHING;
      this.#wantSoon();
    }
    this.people = after(this.people, news);
    if (what && what.who.person !== this.me) this.happened(what.what, what.who.name);
  }
}

/** The conference that goes on in a room, as everybody there is told. */
export function liveOf(news: News): Live | null {
  if (news.kind !== 'live') return null;
  const { kind: _, ...live } = news;
  return live;
}

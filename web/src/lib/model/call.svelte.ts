// One call with one other person, from before it rings until it is over: asks the server, makes the line, and mends it when it breaks.
// While signal-server is away the call goes on; it takes part again as soon as it can.
import { codeOf, isPassing } from '../api/problem';
import type { SignalSocket } from '../api/signal';
import type { LinkId, Media, Signal, SignalFrame } from '../api/signal-types';
import type { Millis, PersonName, RoomId } from '../api/types';
import { figures, NO_SUMS, type Figures } from '../rtc/figures';
import { SILENT, type Status } from '../rtc/status';
import { Talk, type Line } from '../rtc/talk';
import { isLive, remedy, stateOf, type CallState, type EndReason } from './call';
import type { CallMedia } from './call-media.svelte';

export interface CallParts {
  signal: Pick<SignalSocket, 'command' | 'tell' | 'servers'>;
  media: CallMedia;
  relayOnly: () => boolean;
  over: (call: Call) => void;
  make?: (configuration: RTCConfiguration) => RTCPeerConnection;
}

type Connected = SignalFrame & { type: 'connected' };

/** A line that breaks is given so long to come back by itself; the two do not act at the same moment. */
const BLINK_MS = 1500;
const POLITE_BLINK_MS = 5000;
/** A way that is not found within this time is looked for from the beginning. */
const FOUND_MS = 15_000;
const RETURN_AGAIN_MS = 2000;
const LOOK_MS = 3000;
const LOOKS_PER_QUALITY = 5;

export class Call {
  state = $state<CallState>('pre-join');
  reason = $state<EndReason | null>(null);
  media = $state<Media>('audio');
  /** When the two could first hear each other, and when it was over. */
  since = $state<Millis | null>(null);
  until = $state<Millis | null>(null);
  them = $state.raw<Status>(SILENT);
  streams = $state.raw<Partial<Record<Line, MediaStream>>>({});
  deaf = $state(false);
  figures = $state.raw<Figures | null>(null);
  /** It takes long to find a way: something may be in it. */
  slow = $state(false);
  relayed = $state(false);
  called = true;
  #link: LinkId | null = null;
  #talk: Talk | null = null;
  #away = false;
  /** This side's line to the server was cut, and the server has not said since that both are there. */
  #out = false;
  #sums = NO_SUMS;
  #looks = 0;
  #cancelled = false;
  #mendTimer: ReturnType<typeof setTimeout> | undefined;
  #foundTimer: ReturnType<typeof setTimeout> | undefined;
  #returnTimer: ReturnType<typeof setTimeout> | undefined;
  #lookTimer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly parts: CallParts,
    readonly room: RoomId,
    readonly other: PersonName,
  ) {
    parts.media.changed = (line) => {
      this.#talk?.send(line, parts.media.tracks[line]);
      this.tellStatus();
    };
  }

  get link(): LinkId | null {
    return this.#link;
  }
  /** What this person sends. */
  get own(): CallMedia {
    return this.parts.media;
  }

  /** Calls the other one. */
  async ring(media: Media): Promise<void> {
    this.media = media;
    this.state = 'ringing-out';
    this.own.begin();
    const asked = { type: 'ring', room: this.room, person: this.other.person, media, ...this.#relayWish() } as const;
    try {
      this.#prepare();
      const { link } = await this.parts.signal.command(asked);
      if (!link) throw new Error('no link');
      if (this.#cancelled) return void this.parts.signal.command({ type: 'hang_up', link }).catch(() => undefined);
      this.#link ??= link;
    } catch (error) {
      this.end(codeOf(error));
    }
  }

  /** Somebody calls. */
  rings(link: LinkId, media: Media): void {
    [this.called, this.#link, this.media, this.state] = [false, link, media, 'ringing-in'];
  }

  /** Answers a call that rings. */
  async accept(media: Media): Promise<void> {
    if (!this.#link || this.state !== 'ringing-in') return;
    [this.media, this.state] = [media, 'connecting'];
    this.own.begin();
    this.#prepare();
    try {
      await this.parts.signal.command({ type: 'accept', link: this.#link, ...this.#relayWish() });
    } catch (error) {
      const code = codeOf(error);
      this.end(code === 'no_such_link' ? 'missed' : code);
    }
  }

  /** Ends it from this side, in whatever state it is. */
  hangUp(): void {
    const { state } = this;
    this.#cancelled = true;
    if (this.#link && state !== 'ended') {
      const type = state === 'ringing-in' ? 'decline' : 'hang_up';
      void this.parts.signal.command({ type, link: this.#link }).catch(() => undefined);
    }
    this.end(state === 'pre-join' || state === 'ringing-out' ? 'cancelled' : 'hung_up');
  }

  /** Stops everything at once. */
  end(reason: EndReason): void {
    if (this.state === 'ended') return;
    for (const timer of [this.#mendTimer, this.#foundTimer, this.#returnTimer]) clearTimeout(timer);
    clearInterval(this.#lookTimer);
    this.#talk?.close();
    this.#talk = null;
    this.parts.media.close();
    this.streams = {};
    this.until = Date.now();
    this.reason = reason;
    this.state = 'ended';
    this.parts.over(this);
  }

  /** What the server says about this call. */
  hear(frame: SignalFrame & { link: LinkId }): void {
    if (this.state === 'ended') return;
    if (frame.type === 'connected') this.#connected(frame);
    else if (frame.type === 'signal') void this.#signal(frame.signal);
    else if (frame.type === 'ended') this.end(frame.why);
    else if (frame.type === 'away') {
      this.#away = true;
      this.#judge();
    }
  }

  /** The line to the server is cut. */
  serverLost(): void {
    this.#out = true;
  }

  /** The room stands; when the line to the server was cut before, the server must hear that this side is still there. */
  async takePartAgain(): Promise<void> {
    clearTimeout(this.#returnTimer);
    if (!this.#link || !this.#out || !isLive(this.state)) return;
    const { room, called, media } = this;
    const back = { type: 'return', room, link: this.#link, with: this.other.person, called, media } as const;
    try {
      await this.parts.signal.command({ ...back, ...this.#relayWish() });
    } catch (error) {
      const code = codeOf(error);
      // Without a line to the server, "stands" comes again with the next one.
      if (isPassing(code)) this.#returnTimer = setTimeout(() => void this.takePartAgain(), RETURN_AGAIN_MS);
      else this.end(code === 'no_such_link' ? 'lost' : code);
    }
  }

  hearNothing(deaf: boolean): void {
    this.deaf = deaf;
    this.tellStatus();
  }

  tellStatus(): void {
    this.#talk?.tell(this.#status());
  }

  #status(): Status {
    const { tracks, muted } = this.parts.media;
    const microphone = tracks.microphone !== null && !muted;
    return { microphone, camera: tracks.camera !== null, screen: tracks.screen !== null, deaf: this.deaf };
  }

  #relayWish(): { relay_only?: boolean } {
    return this.parts.relayOnly() ? { relay_only: true } : {};
  }

  /** Asks for the servers while it rings, so that they are there when they are needed. */
  #prepare(): void {
    this.parts.signal.servers().catch(() => undefined);
  }

  #connected({ link, polite, relay_only }: Connected): void {
    this.#link = link;
    [this.#away, this.#out] = [false, false];
    this.relayed = relay_only;
    const old = this.#talk;
    const same = old?.nature.polite === polite && old.nature.relayOnly === relay_only;
    const what = remedy(old && { established: old.established, same }, polite);
    if (what === 'anew') this.#begin(polite, relay_only);
    else if (old) {
      // It may be another server than before, with another relay.
      old.peer.setServers(this.parts.signal.servers());
      void old.peer.forget().then(() => {
        if (what === 'restart') this.#restart();
      });
    }
    this.#judge();
  }

  #begin(polite: boolean, relayOnly: boolean): void {
    this.#talk?.close();
    this.#sums = NO_SUMS;
    const { tracks } = this.parts.media;
    const talk: Talk = new Talk(
      this.parts.signal.servers(),
      { polite, relayOnly },
      { ...tracks },
      this.#status(),
      {
        signal: (signal) => this.#link && this.parts.signal.tell({ type: 'signal', link: this.#link, signal }),
        state: () => this.#talk === talk && this.#judge(),
        hears: (line, stream) => this.#talk === talk && (this.streams = { ...this.streams, [line]: stream }),
        status: (status) => (this.them = status),
        broken: () => this.#talk === talk && this.#notFound(),
      },
      this.parts.make,
    );
    this.#talk = talk;
    this.#expect();
  }

  async #signal(signal: Signal): Promise<void> {
    const talk = this.#talk;
    if (!talk) return;
    if (!talk.peer.isFromAnother(signal)) return talk.peer.hear(signal);
    this.#begin(talk.nature.polite, talk.nature.relayOnly);
    return this.#talk?.peer.hear(signal);
  }

  /** Makes of what is known of the line what people should see, and mends it where it is broken. */
  #judge(): void {
    const talk = this.#talk;
    if (!talk || this.state === 'ended') return;
    const { connectionState: connection } = talk.peer.connection;
    const established = talk.established || this.since !== null;
    this.state = stateOf({ connection, established, away: this.#away });
    clearTimeout(this.#mendTimer);
    if (connection === 'connected') return this.#stands();
    const isBroken = connection === 'disconnected' || connection === 'failed';
    const pause = talk.nature.polite ? POLITE_BLINK_MS : connection === 'failed' ? 0 : BLINK_MS;
    if (isBroken) this.#mendTimer = setTimeout(() => this.#restart(), pause);
  }

  #stands(): void {
    clearTimeout(this.#foundTimer);
    this.#foundTimer = undefined;
    this.slow = false;
    this.since ??= Date.now();
    this.#lookTimer ??= setInterval(() => void this.#look(), LOOK_MS);
  }

  #restart(): void {
    const talk = this.#talk;
    if (!talk) return;
    talk.peer.setServers(this.parts.signal.servers());
    talk.peer.restart();
    if (!talk.peer.connected) this.#expect();
  }

  #expect(): void {
    this.#foundTimer ??= setTimeout(() => this.#notFound(), FOUND_MS);
  }

  /** The one who offers begins from the beginning; the other one hears it from a new connection, and follows. */
  #notFound(): void {
    clearTimeout(this.#foundTimer);
    this.#foundTimer = undefined;
    const talk = this.#talk;
    if (!talk || talk.peer.connected) return;
    this.slow = true;
    if (talk.nature.polite) this.#expect();
    else this.#begin(false, talk.nature.relayOnly);
  }

  async #look(): Promise<void> {
    const talk = this.#talk;
    if (this.state !== 'talking' || !talk) return;
    const report = (await talk.peer.connection.getStats()) as unknown as Map<string, never>;
    if (this.#talk !== talk) return;
    const seen = figures(report.values(), this.#sums, Date.now());
    [this.figures, this.#sums] = [seen.figures, seen.sums];
    const { rttMs, lostPermille, path } = seen.figures;
    if (++this.#looks % LOOKS_PER_QUALITY !== 0 || !this.#link || !path || rttMs === null) return;
    this.parts.signal.tell({ type: 'quality', link: this.#link, rtt_ms: rttMs, lost_permille: lostPermille, path });
  }
}

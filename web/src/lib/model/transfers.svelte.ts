// Files between browsers, as this person has them: what is offered now, what this tab offers, what it fetches. Fed by the frames of the
// signalling socket; after a break it announces its offers anew and goes on fetching.
import { untrack } from 'svelte';
import { codeOf } from '../api/problem';
import type { CloseWhy, LinkId, OfferId, SignalCommand, SignalFrame, SignalOk } from '../api/signal-types';
import type { SignalListener } from '../api/signal';
import type { LinkState } from '../api/socket';
import type { Grant, PersonId, RoomId } from '../api/types';
import { m } from '../paraglide/messages';
import { size as sizeText } from '../text/amounts';
import { lastPart, shown } from '../transfer/names';
import type { Kept } from '../transfer/kept';
import type { Link, Signalling } from '../transfer/link';
import { browserMeans, type Means } from '../transfer/means';
import type { Source } from '../transfer/sender';
import { offered, type Described } from '../transfer/offered';
import { Offering, type Sending } from './offering.svelte';
import { Receiving } from './receiving.svelte';

export interface Offer extends Described {
  offer: OfferId;
  room: RoomId;
  person: PersonId;
  name: string;
  at: number;
}

/** The socket as transfers need it. */
export interface SignalLine extends Signalling {
  listen(listener: SignalListener): () => void;
  command(command: SignalCommand): Promise<SignalOk>;
  readonly limits: { files: number; frame_bytes: number };
}

export interface TransfersParts {
  signal: SignalLine;
  me: PersonId;
  isDirect: (room: RoomId) => boolean;
  /** Nobody shall see this person's network address. */
  relayOnly: () => boolean;
  /** Whether a room allows no direct way. */
  demanded: (room: RoomId) => boolean;
  /** Spoken by screen readers: at the start, in the middle, at the end. */
  say: (text: string) => void;
}

const OLD_MS = 7 * 24 * 3_600_000;
/** Offers that were known before the line broke are believed so long after it is back. */
const KNOWN_MS = 3000;

export class Transfers {
  /** Live now. */
  offers = $state.raw<ReadonlyMap<OfferId, Offer>>(new Map());
  offerings = $state.raw<readonly Offering[]>([]);
  receivings = $state.raw<readonly Receiving[]>([]);
  /** Offers that this person does not want. */
  declined = $state.raw<ReadonlySet<OfferId>>(new Set());
  /** Offers that are to be seen on this screen as a card of the conversation. */
  seen = $state.raw<ReadonlySet<OfferId>>(new Set());
  /** What this person has put out of sight, in whichever room they are. */
  hidden = $state.raw<ReadonlySet<OfferId>>(new Set());
  /** Files that were chosen for a room, before they are offered there. */
  draft = $state.raw<{ room: RoomId; sources: Source[] } | null>(null);
  readonly me: PersonId;
  private readonly signal: SignalLine;
  #links = new Map<LinkId, Pick<Link, 'connect' | 'hear'> & { end: () => void }>();
  #kept = new Map<OfferId, Kept>();
  /** The rooms entered since the line was made, and those of them where one may send files. */
  #standing = new Set<RoomId>();
  #senders = $state.raw<ReadonlySet<RoomId>>(new Set());
  #unlisten: () => void;
  #ticker: ReturnType<typeof setInterval>;
  #unwatch: () => void;

  constructor(
    private readonly parts: TransfersParts,
    private readonly means: Means = browserMeans,
  ) {
    this.me = parts.me;
    this.signal = parts.signal;
    this.#unlisten = this.signal.listen({ frame: (frame) => this.#frame(frame), state: (state) => this.#state(state) });
    this.#ticker = setInterval(() => this.#tick(), 1000);
    this.#unwatch = $effect.root(() => {
      $effect(() => this.means.warnOfLeaving(this.wouldBreak));
      const moves = $derived(this.moves);
      $effect(() => (moves ? this.means.stayAwake() : undefined));
    });
    void this.#remember();
  }

  /** Whether files can be offered in a room now. */
  may(room: RoomId): boolean {
    return this.means.able() && this.#senders.has(room);
  }
  /** Whether the room demands that nobody's network address is seen. */
  demanded(room: RoomId): boolean {
    return this.parts.demanded(room);
  }
  get able(): boolean {
    return this.means.able();
  }
  offering(offer: OfferId): Offering | undefined {
    return this.offerings.find(({ id }) => id === offer);
  }
  receiving(offer: OfferId): Receiving | undefined {
    return this.receivings.find((one) => one.offer === offer);
  }
  /** How much this browser can take now. */
  spaceLeft(): Promise<number> {
    return this.means.spaceLeft();
  }
  /** Leaving this page would end something for others. */
  get wouldBreak(): boolean {
    return this.offerings.some(({ closed }) => closed === null);
  }

  /** Something travels, or is about to. */
  get moves(): boolean {
    const rests = ({ progress: { paused } }: Receiving | Sending) => paused.me || paused.them;
    return (
      this.receivings.some((one) => one.running && one.state !== 'waiting' && !rests(one)) ||
      this.offerings.some(({ running }) => running.some((one) => !rests(one)))
    );
  }

  /** Offers files to a room; answers the code of why not. */
  async offer(room: RoomId, sources: Source[]): Promise<string | null> {
    const { limits } = this.signal;
    const described = offered(sources, limits.files, limits.frame_bytes);
    try {
      const { offer } = await this.signal.command({ type: 'offer', room, ...described, ...this.#relay() });
      if (!offer) return 'unavailable';
      const parts = {
        means: this.means,
        signalling: this.signal,
        hangUp: (link: LinkId) => this.#hangUp(link),
        over: (offering: Offering, sending: Sending) => this.#sent(offering, sending),
        half: ({ name }: Sending) => this.parts.say(m.transfer_half_sent({ name })),
      };
      const offering = new Offering(offer, room, sources, described.files, this.parts.relayOnly(), parts);
      offering.announced = true;
      this.offerings = [...this.offerings, offering];
      this.parts.say(m.transfer_offered());
      return null;
    } catch (error) {
      return codeOf(error);
    }
  }

  async close(offering: Offering, why: CloseWhy): Promise<void> {
    offering.close(why);
    await this.signal.command({ type: 'close', offer: offering.id, why }).catch(() => undefined);
  }

  /** Fetches an offer; upon a press of a button, because it may be asked where it shall go. Answers the code of why not. */
  async accept(offer: Offer): Promise<string | null> {
    if (this.receiving(offer.offer)?.running) return null;
    const { means } = this;
    // Nobody should choose a place for what cannot be taken.
    await this.receiving(offer.offer)?.cleared;
    if (offer.size > (await means.spaceLeft())) return 'no_space';
    const target = await means.choose(offer.files[0]?.name ?? 'file', offer.count);
    if (!target) return null;
    const release = await means.alone(offer.offer);
    if (!release) return 'elsewhere';
    const { room, person: by, name, files, count, size } = offer;
    const kept = { room, by, name, files, count, size, target };
    const record: Kept = { offer: offer.offer, me: this.me, at: means.now(), paused: false, ...kept };
    await means.keep(record);
    this.parts.say(m.transfer_started({ file: lastPart(files[0]?.name ?? '') }));
    void this.#fetch(record, release).go();
    return null;
  }

  decline(offer: Offer): void {
    this.declined = new Set([...this.declined, offer.offer]);
    void this.signal.command({ type: 'refuse', offer: offer.offer }).catch(() => undefined);
  }

  hide(offer: OfferId): void {
    this.hidden = new Set([...this.hidden, offer]);
  }

  /** Takes it off the screen and forgets it. */
  async dismiss(receiving: Receiving): Promise<void> {
    this.receivings = this.receivings.filter((one) => one !== receiving);
    await receiving.dismiss();
  }

  /** A card of this offer is on the screen, until what is returned is called. */
  show(offer: OfferId): () => void {
    // Whoever shows it need not be told again of each card.
    this.seen = new Set([...untrack(() => this.seen), offer]);
    return () => (this.seen = new Set([...this.seen].filter((one) => one !== offer)));
  }

  end(): void {
    clearInterval(this.#ticker);
    this.#unwatch();
    this.means.warnOfLeaving(false);
    this.#unlisten();
    for (const receiving of this.receivings) void receiving.close();
    for (const offering of this.offerings) offering.close('withdrawn');
  }

  #relay(): { relay_only?: true } {
    return this.parts.relayOnly() ? { relay_only: true } : {};
  }

  #fetch(kept: Kept, release: () => void): Receiving {
    const receiving = new Receiving(
      kept,
      {
        means: this.means,
        signalling: this.signal,
        pull: async (offer) => (await this.signal.command({ type: 'pull', offer, ...this.#relay() })).link,
        hangUp: (link) => this.#hangUp(link),
        linked: ({ link }, id) => {
          if (link)
            this.#links.set(id, {
              connect: link.connect.bind(link),
              hear: link.hear.bind(link),
              end: () => receiving.ended(id),
            });
        },
        // Half a file is only gone on with from the one who began to send it.
        isLive: (offer) => this.offers.get(offer)?.person === kept.by,
        news: (which, what) => this.parts.say(told(which, what)),
      },
      release,
    );
    this.receivings = [...this.receivings.filter(({ offer }) => offer !== kept.offer), receiving];
    return receiving;
  }

  #hangUp(link: LinkId): void {
    if (!this.#links.delete(link)) return;
    void this.signal.command({ type: 'hang_up', link }).catch(() => undefined);
  }

  /** Takes up what was not finished when this browser was here last. */
  async #remember(): Promise<void> {
    const all = await this.means.allKept();
    for (const kept of all) {
      if (this.means.now() - kept.at > OLD_MS) await this.means.forget(kept.offer);
      else if (kept.me === this.me) this.#kept.set(kept.offer, kept);
    }
    await this.means
      .sweep(all.filter(({ at }) => this.means.now() - at <= OLD_MS).map(({ offer }) => offer))
      .catch(() => undefined);
    for (const kept of this.#kept.values()) {
      const release = await this.means.alone(kept.offer);
      if (!release) continue;
      const receiving = this.#fetch(kept, release);
      if (kept.list) void receiving.save(false);
      else void receiving.go();
    }
  }

  #frame(frame: SignalFrame): void {
    switch (frame.type) {
      case 'stands':
        return this.#stands(frame.room, frame.grants);
      case 'offered':
        return this.#offered(frame);
      case 'closed':
        return this.#closed(frame.offer, frame.why);
      case 'pulled':
        return this.#pulled(frame.offer, frame.link, frame.person, frame.name);
      case 'refused_offer':
        return this.#refused(frame.offer, frame.name);
      case 'connected':
        return this.#links.get(frame.link)?.connect(frame);
      case 'signal':
        return this.#links.get(frame.link)?.hear(frame.signal);
      case 'ended': {
        const link = this.#links.get(frame.link);
        this.#links.delete(frame.link);
        return link?.end();
      }
      case 'waiting':
        return this.#waits(frame.room);
      case 'removed':
        this.#standing.delete(frame.room);
        this.#maySend(frame.room, false);
        for (const { offer, room } of this.offers.values()) if (room === frame.room) this.#closed(offer, 'gone');
    }
  }

  #state(state: LinkState): void {
    if (state === 'open') return;
    this.#standing.clear();
    this.#senders = new Set();
    for (const offering of this.offerings) offering.announced = false;
  }

  /** The seat there has lapsed, and with it what was offered from it: both come back when the room stands again. */
  #waits(room: RoomId): void {
    this.#standing.delete(room);
    this.#maySend(room, false);
    for (const offering of this.offerings) if (offering.room === room) offering.announced = false;
  }

  /** A room was entered, for the first time or again. What was offered there is told anew, and must be. */
  #stands(room: RoomId, grants: Grant[]): void {
    this.#maySend(room, grants.includes('send_files'));
    if (this.#standing.has(room)) return;
    this.#standing.add(room);
    for (const offering of this.offerings)
      if (offering.room === room && offering.closed === null && !offering.announced) void this.#announce(offering);
    const before = [...this.offers.values()].filter((offer) => offer.room === room);
    setTimeout(() => {
      for (const offer of before) if (this.offers.get(offer.offer) === offer) this.#closed(offer.offer, 'gone');
    }, KNOWN_MS);
  }

  #maySend(room: RoomId, may: boolean): void {
    this.#senders = new Set([...this.#senders].filter((one) => one !== room).concat(may ? [room] : []));
  }

  async #announce({ id: offer, room, files, sources, size, relayOnly }: Offering): Promise<void> {
    const what = { files, count: sources.length, size, ...(relayOnly ? { relay_only: true } : {}) };
    try {
      await this.signal.command({ type: 'offer', room, offer, ...what });
      const offering = this.offering(offer);
      if (offering) offering.announced = true;
    } catch {
      // The next time the line is made, or never if it may not be offered any more.
    }
  }

  #offered({ type: _, ...offer }: SignalFrame & { type: 'offered' }): void {
    const isNew = !this.offers.has(offer.offer);
    this.offers = new Map([...this.offers, [offer.offer, offer]]);
    const receiving = this.receiving(offer.offer);
    if (receiving) void receiving.go();
    else if (isNew && offer.person !== this.me)
      this.parts.say(
        m.transfer_news({ name: offer.name, file: shown(offer.files[0]?.name ?? ''), size: sizeText(offer.size) }),
      );
  }

  #closed(offer: OfferId, why: CloseWhy | 'gone'): void {
    this.offers = new Map([...this.offers].filter(([id]) => id !== offer));
    this.receiving(offer)?.offerClosed(why === 'gone');
    const offering = this.offering(offer);
    // Gone is what a tab is whose line was cut; this one is here and says so when the line is back.
    if (offering && why !== 'gone') offering.close(why);
  }

  #pulled(offer: OfferId, link: LinkId, person: PersonId, name: string): void {
    const offering = this.offering(offer);
    if (!offering || offering.closed !== null) return;
    const sending = offering.pulled(link, person, name);
    const { link: way } = sending;
    this.#links.set(link, { connect: way.connect.bind(way), hear: way.hear.bind(way), end: () => sending.end('lost') });
    this.parts.say(m.transfer_fetches({ name }));
  }

  #refused(offer: OfferId, name: string): void {
    const offering = this.offering(offer);
    if (!offering) return;
    offering.refused(name);
    this.parts.say(m.transfer_refused_by({ name }));
    if (this.parts.isDirect(offering.room)) void this.close(offering, 'declined');
  }

  #sent(offering: Offering, { state, name }: Sending): void {
    if (state !== 'done') return;
    this.parts.say(m.transfer_has_it({ name }));
    if (this.parts.isDirect(offering.room) && offering.closed === null) void this.close(offering, 'done');
  }

  #tick(): void {
    for (const { progress, state } of this.receivings) if (state === 'receiving') progress.tick();
    for (const { running } of this.offerings) for (const { progress } of running) progress.tick();
  }
}

function told({ kept: { files, name } }: Receiving, what: 'half' | 'done' | 'over'): string {
  const file = lastPart(files[0]?.name ?? '');
  if (what === 'half') return m.transfer_half({ file, name });
  return what === 'done' ? m.transfer_saved({ file }) : m.transfer_ended({ file });
}

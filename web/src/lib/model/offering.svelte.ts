// Files that this tab offers: to whom they are going now, who has them, who did not want them.
import type { ClosedWhy, LinkId, OfferedFile, OfferId } from '../api/signal-types';
import type { PersonId, RoomId } from '../api/types';
import type { Channel } from '../transfer/channel';
import type { Link, Signalling } from '../transfer/link';
import type { Means } from '../transfer/means';
import { Digests, Sender, type Source } from '../transfer/sender';
import type { End } from '../transfer/wire';
import { Progress } from './progress.svelte';

export interface OfferingParts {
  means: Means;
  signalling: Signalling;
  hangUp: (link: LinkId) => void;
  /** Somebody has everything now, or has ended it. */
  over: (offering: Offering, sending: Sending) => void;
  half: (sending: Sending) => void;
}

/** What was said last travels behind up to 4 MiB of files, and then needs a moment to be heard. */
const LONGEST_FLUSH_MS = 60_000;
const HEARD_MS = 1500;

/** One person who fetches. */
export class Sending {
  state = $state<'connecting' | 'sending' | 'done' | 'over'>('connecting');
  why = $state<End | 'lost' | null>(null);
  byMe = $state(false);
  readonly progress: Progress;
  readonly link: Pick<Link, 'id' | 'connect' | 'hear' | 'close'>;
  #sender: Sender | undefined;
  #channel: Channel | undefined;

  constructor(
    id: LinkId,
    readonly person: PersonId,
    readonly name: string,
    private readonly offering: Offering,
    private readonly parts: OfferingParts,
  ) {
    this.progress = new Progress(offering.size, parts.means.now, () => parts.half(this));
    this.link = parts.means.link(id, parts.signalling, {
      channel: (channel) => {
        const sender: Sender = new Sender(offering.sources, offering.digests, channel, {
          progress: (written) => {
            this.state = 'sending';
            this.progress.mark(written);
          },
          paused: (paused) => this.progress.pause(paused),
          over: (how, byMe) => this.#sender === sender && this.#over(how, byMe),
        });
        this.#sender = sender;
        this.#channel = channel;
        if (this.progress.paused.me) sender.pause(true);
      },
      // Who fetches comes back by themselves.
      failed: () => this.end('lost'),
    });
  }

  get running(): boolean {
    return this.state === 'connecting' || this.state === 'sending';
  }

  pause(on: boolean): void {
    if (this.#sender) this.#sender.pause(on);
    else this.progress.pause({ ...this.progress.paused, me: on });
  }

  cancel(): void {
    if (this.#sender) this.#sender.cancel();
    else this.end('cancelled', true);
  }

  /** The server says that it is over, or there is no way to the other one. */
  end(how: End | 'lost', byMe = false): void {
    if (this.running) this.#over(how, byMe);
    else this.link.close();
  }

  #over(how: 'done' | 'lost' | End, byMe: boolean): void {
    this.state = how === 'done' ? 'done' : 'over';
    this.why = how === 'done' ? null : how;
    this.byMe = byMe;
    this.#sender = undefined;
    this.parts.over(this.offering, this);
    void this.#letGo(how === 'lost');
  }

  /** What was said last must still arrive, else the other one takes it for a broken line and fetches again; it hangs up when it has heard. */
  async #letGo(isLost: boolean): Promise<void> {
    const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
    if (!isLost) await Promise.race([this.#channel?.flushed(), after(LONGEST_FLUSH_MS)]);
    await after(HEARD_MS);
    this.link.close();
    this.parts.hangUp(this.link.id);
  }
}

export class Offering {
  /** Known to the server since its line was made last. */
  announced = false;
  closed = $state<ClosedWhy | null>(null);
  sendings = $state.raw<Sending[]>([]);
  refusedBy = $state.raw<string[]>([]);
  readonly digests = new Digests();
  readonly size: number;

  constructor(
    readonly id: OfferId,
    readonly room: RoomId,
    readonly sources: Source[],
    /** What the server was told of them. */
    readonly files: OfferedFile[],
    readonly relayOnly: boolean,
    private readonly parts: OfferingParts,
  ) {
    this.size = sources.reduce((sum, { size }) => sum + size, 0);
  }

  running = $derived(this.sendings.filter(({ running }) => running));
  /** Who has all of it. */
  fetchedBy = $derived([...new Set(this.sendings.filter(({ state }) => state === 'done').map(({ name }) => name))]);

  pulled(link: LinkId, person: PersonId, name: string): Sending {
    // Who comes back takes the place of their broken pull, paused as it was.
    for (const one of this.sendings) if (one.person === person && one.running) one.end('lost');
    const before = this.sendings.findLast((one) => one.person === person);
    const sending = new Sending(link, person, name, this, this.parts);
    if (before?.why === 'lost' && before.progress.paused.me) sending.pause(true);
    this.sendings = [...this.sendings.filter((one) => one.person !== person || one.state === 'done'), sending];
    return sending;
  }

  refused(name: string): void {
    this.refusedBy = [...new Set([...this.refusedBy, name])];
  }

  close(why: ClosedWhy): void {
    this.closed = why;
    for (const sending of this.running) sending.cancel();
  }
}

// Files that this tab fetches: connects, goes on where it stopped when the line breaks, hands over what is whole and right.
import { codeOf, isPassing } from '../api/problem';
import type { LinkId } from '../api/signal-types';
import { m } from '../paraglide/messages';
import type { Link } from '../transfer/link';
import { shown } from '../transfer/names';
import { Receiver } from '../transfer/receiver';
import type { Signalling } from '../transfer/link';
import type { Kept } from '../transfer/kept';
import type { Means } from '../transfer/means';
import type { Stage } from '../transfer/stage';
import type { End, Listed } from '../transfer/wire';
import { Progress } from './progress.svelte';

export type ReceivingState =
  | 'connecting'
  | 'receiving'
  /** The sender is away; it goes on when they are back. */
  | 'waiting'
  /** Whole and right, being handed over. */
  | 'saving'
  /** Whole and right; where it goes must be said by a press of a button. */
  | 'ready'
  | 'done'
  | 'over';

export interface ReceivingParts {
  means: Means;
  signalling: Signalling;
  pull: (offer: string) => Promise<LinkId | undefined>;
  hangUp: (link: LinkId) => void;
  /** What is called when a link is made, so that its frames find it. */
  linked: (receiving: Receiving, link: LinkId) => void;
  isLive: (offer: string) => boolean;
  news: (receiving: Receiving, what: 'half' | 'done' | 'over') => void;
}

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 20_000;

export class Receiving {
  state = $state<ReceivingState>('connecting');
  why = $state<End | 'withdrawn' | 'not_allowed' | 'unsaved' | null>(null);
  /** Whether the person here ended it. */
  byMe = $state(false);
  readonly progress: Progress;
  /** It can be saved once more. */
  again = $state(false);
  /** Resolves, once it is over, when another try can have its place. */
  cleared: Promise<void> = Promise.resolve();
  link: Pick<Link, 'id' | 'connect' | 'hear' | 'close'> | undefined;
  #stage: Stage | undefined;
  #receiver: Receiver | undefined;
  #asking = false;
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    public kept: Kept,
    private readonly parts: ReceivingParts,
    private readonly release: () => void,
  ) {
    this.progress = new Progress(kept.size, parts.means.now, () => parts.news(this, 'half'));
    this.progress.paused = { me: kept.paused, them: false };
    if (kept.list) {
      this.state = 'ready';
      this.progress.mark(kept.size);
    }
  }

  get offer(): string {
    return this.kept.offer;
  }
  get running(): boolean {
    return ['connecting', 'receiving', 'waiting', 'saving'].includes(this.state);
  }

  /** Fetches, or goes on fetching. */
  async go(): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.running || this.state === 'saving' || this.#asking) return;
    if (!this.parts.isLive(this.offer)) return void (this.state = 'waiting');
    this.#asking = true;
    this.state = 'connecting';
    try {
      await this.#letGo();
      this.#stage ??= await this.parts.means.openStage(this.offer);
      const link = await this.parts.pull(this.offer);
      if (link) this.#connect(link);
    } catch (error) {
      if (!this.running) return;
      if (error instanceof DOMException) return this.#over('unwritable', true);
      const code = codeOf(error);
      // The sender's line is cut, or was so for long.
      const isAway = code === 'absent' || code === 'no_such_offer';
      if (!isAway && !isPassing(code)) return this.#over('not_allowed', true);
      this.#retry(isAway);
    } finally {
      this.#asking = false;
    }
  }

  pause(on: boolean): void {
    this.#remember({ paused: on });
    if (this.#receiver) this.#receiver.pause(on);
    else this.progress.pause({ ...this.progress.paused, me: on });
  }

  cancel(): void {
    if (this.#receiver) this.#receiver.cancel();
    else if (this.running || this.state === 'ready') this.#over('cancelled', true);
  }

  /** The offer is over: what was fetched so far is of no use any more, unless its sender has only gone away. */
  offerClosed(isGone: boolean): void {
    if (this.state !== 'connecting' && this.state !== 'receiving' && this.state !== 'waiting') return;
    // A sender who counts an offer as done may say so before the last bytes are on this disk.
    if (this.state === 'receiving' && this.progress.written === this.kept.size) return;
    if (isGone) this.state = 'waiting';
    else this.#over('withdrawn', false);
  }

  /** The link is over, by the server's word. */
  ended(link: LinkId): void {
    if (this.link?.id === link) this.#lost();
  }

  /** Writes it where it belongs; upon a press of a button it may be asked where. */
  async save(asking: boolean): Promise<void> {
    const { means } = this.parts;
    const list = this.kept.list ?? [];
    try {
      this.#stage ??= await means.openStage(this.offer);
      // Where it could not be written is not tried again without asking: the disk may be full, or the place gone.
      const isElsewhere = asking && this.why === 'unsaved';
      if (isElsewhere || !(await means.mayWrite(this.kept.target, asking))) {
        const target = asking ? await means.choose(list[0]?.name ?? '', list.length) : null;
        if (!target) return void (this.state = 'ready');
        this.#remember({ target });
      }
      this.state = 'saving';
      await means.handOver(this.kept.target, this.#stage, list, archiveName(list));
    } catch {
      this.state = 'ready';
      this.why = 'unsaved';
      return;
    }
    this.why = null;
    const isFirst = !this.again;
    // Whether a download has arrived cannot be known: it stays for another try until the tab is closed.
    this.again = this.kept.target.kind === 'download';
    this.state = 'done';
    if (!this.again) {
      await this.#stage.remove();
      this.#stage = undefined;
    }
    await means.forget(this.offer);
    if (!this.again) this.release();
    if (isFirst) this.parts.news(this, 'done');
  }

  /** Out of sight; nothing of it is kept. */
  async dismiss(): Promise<void> {
    await this.#letGo();
    await this.#stage?.remove();
    await this.parts.means.forget(this.offer);
    this.release();
  }

  /** The tab or the session ends: what is there stays for another time. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#letGo();
    await this.#stage?.close();
    this.release();
  }

  #connect(id: LinkId): void {
    const link = this.parts.means.link(id, this.parts.signalling, {
      channel: (channel) => {
        void this.#receiver?.rest();
        const receiver: Receiver = new Receiver(this.kept, this.#sink(), channel, {
          progress: (written) => {
            this.#tries = 0;
            this.state = 'receiving';
            this.progress.mark(written);
          },
          paused: (paused) => this.progress.pause(paused),
          over: (how, byMe) => this.#receiver === receiver && this.#heardEnd(how, byMe),
        });
        this.#receiver = receiver;
      },
      failed: () => this.link === link && this.#lost(),
    });
    this.link = link;
    // Whether the sender pauses is told anew on the new line.
    this.progress.pause({ me: this.kept.paused, them: false });
    this.parts.linked(this, id);
  }

  #sink() {
    const stage = this.#stage as Stage;
    return {
      begin: async (files: Listed[]) => {
        const place = await stage.begin(files);
        this.#list = files;
        if (this.kept.paused) this.#receiver?.pause(true);
        return place;
      },
      write: stage.write.bind(stage),
      end: stage.end.bind(stage),
    };
  }
  #list: Listed[] = [];

  #heardEnd(how: 'done' | 'lost' | End, byMe: boolean): void {
    if (how === 'lost') return this.#lost();
    if (how !== 'done') return this.#over(how, byMe);
    this.#remember({ list: this.#list });
    this.progress.mark(this.kept.size);
    this.state = 'saving';
    const { link } = this;
    this.#receiver = undefined;
    if (link) setTimeout(() => this.#hangUp(link), 1500);
    void this.save(false);
  }

  #lost(): void {
    if (this.state !== 'connecting' && this.state !== 'receiving') return;
    void this.#letGo();
    this.#retry(!this.parts.isLive(this.offer));
  }

  #retry(isAway: boolean): void {
    this.state = isAway ? 'waiting' : 'connecting';
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#tries++);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.go(), pause);
  }

  #over(how: End | 'withdrawn' | 'not_allowed', byMe: boolean): void {
    clearTimeout(this.#timer);
    [this.state, this.why, this.byMe] = ['over', how, byMe];
    const { link } = this;
    this.#receiver = undefined;
    if (link) setTimeout(() => this.#hangUp(link), 1500);
    // What does not agree must be fetched from the start, and what is not wanted goes.
    const stage = this.#stage;
    this.#stage = undefined;
    this.cleared = Promise.all([stage?.remove(), this.parts.means.forget(this.offer)]).then(() => this.release());
    this.parts.news(this, 'over');
  }

  async #letGo(): Promise<void> {
    const { link } = this;
    const receiver = this.#receiver;
    this.link = this.#receiver = undefined;
    if (link) this.#hangUp(link);
    await receiver?.rest();
  }

  #hangUp(link: Pick<Link, 'id' | 'close'>): void {
    link.close();
    this.parts.hangUp(link.id);
  }

  #remember(more: Partial<Kept>): void {
    this.kept = { ...this.kept, ...more };
    void this.parts.means.keep(this.kept);
  }
}

/** After the folder that holds everything, where there is one. */
function archiveName(list: Listed[]): string {
  const tops = new Set(list.map(({ name }) => (name.includes('/') ? shown(name).split('/')[0] : '')));
  const [top] = tops;
  return `${(tops.size === 1 && top) || m.transfer_archive()}.zip`;
}

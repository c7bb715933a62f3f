// One browser's side of a pull: gives the files from where the other asks, never further ahead than the other has written.
import type { Channel } from './channel';
import { digestOf, digestOfAll, endOfBlock, hex, type Digest } from './digest';
import { BLOCK, pages, read, WINDOW, type End, type Listed, type Word } from './wire';

/** A file that is offered. */
export interface Source extends Listed {
  read(from: number, to: number): Promise<ArrayBuffer>;
}

export interface SenderEars {
  /** So many bytes of all files are on the other's disk. */
  progress(written: number): void;
  paused(by: { me: boolean; them: boolean }): void;
  /** `lost`: the line broke; another pull may go on from there. */
  over(how: 'done' | 'lost' | End, byMe: boolean): void;
}

export class Sender {
  #sent = 0;
  #written = 0;
  /** What the other had before this pull. */
  #before = 0;
  #listed = false;
  #started = false;
  #all = false;
  #over = false;
  #paused = { me: false, them: false };
  #wake: (() => void) | undefined;

  constructor(
    private readonly files: Source[],
    private readonly digests: Digests,
    private readonly channel: Channel,
    private readonly ears: SenderEars,
  ) {
    channel.listen({
      // Whoever paused before the line was there, or before it broke, still does.
      open: () => this.#paused.me && this.#say({ type: 'pause', on: true }),
      heard: (data) => this.#heard(data),
      closed: () => this.#end('lost', false),
    });
  }

  pause(on: boolean): void {
    if (this.#over) return;
    this.#say({ type: 'pause', on });
    this.#setPaused({ ...this.#paused, me: on });
  }

  cancel(why: End = 'cancelled'): void {
    if (this.#over) return;
    this.#say({ type: 'cancel', why });
    this.#end(why, true);
  }

  #heard(data: string | ArrayBuffer): void {
    if (this.#over) return;
    const word = typeof data === 'string' ? read(data) : null;
    switch (word?.type) {
      case 'list':
        return this.#list();
      case 'get':
        return this.#get(word.file, word.offset);
      case 'written':
        if (word.bytes < this.#written || word.bytes > this.#sent) return this.cancel('broken');
        this.#written = word.bytes;
        this.ears.progress(this.#before + word.bytes);
        return this.#wake?.();
      case 'pause':
        return this.#setPaused({ ...this.#paused, them: word.on });
      case 'done':
        return this.#all && this.#written === this.#sent ? this.#end('done', false) : this.cancel('broken');
      case 'cancel':
        return this.#end(word.why, false);
      default:
        this.cancel('broken');
    }
  }

  /** Said once: each time it costs this browser as much memory as the list is long. */
  #list(): void {
    if (this.#listed) return this.cancel('broken');
    this.#listed = true;
    for (const page of pages(this.files)) this.#say(page);
  }

  #get(file: number, offset: number): void {
    const size = this.files[file]?.size;
    const isEnd = file === this.files.length && offset === 0;
    const isPlace = size !== undefined && offset <= size && (offset % BLOCK === 0 || offset === size);
    if (this.#started || !(isPlace || isEnd)) return this.cancel('broken');
    this.#started = true;
    this.#before = this.files.slice(0, file).reduce((sum, { size }) => sum + size, 0) + offset;
    this.ears.progress(this.#before);
    this.#run(file, offset).catch((error: unknown) => this.cancel(error instanceof Changed ? 'changed' : 'unreadable'));
  }

  async #run(first: number, offset: number): Promise<void> {
    for (let n = first; n < this.files.length; n++) {
      if (!(await this.#file(n, n === first ? offset : 0))) return;
    }
    this.#all = true;
  }

  async #file(n: number, from: number): Promise<boolean> {
    const source = this.files[n] as Source;
    let coming = this.#load(n, source, from);
    for (let at = from; at < source.size;) {
      const to = endOfBlock(at, source.size);
      await this.#allowed(to - at);
      const block = await coming;
      if (!block || this.#over) return false;
      // The next block is read while this one travels.
      coming = this.#load(n, source, to);
      this.#say({ type: 'block', file: n, offset: at, size: to - at, sha256: hex(block.digest) });
      await this.#pour(block.bytes);
      at = to;
    }
    const digest = await this.digests.whole(n, source);
    if (this.#over) return false;
    this.#say({ type: 'end', file: n, sha256: hex(digest) });
    return true;
  }

  async #load(n: number, source: Source, from: number): Promise<{ bytes: ArrayBuffer; digest: Digest } | null> {
    if (from >= source.size) return null;
    const to = endOfBlock(from, source.size);
    try {
      const bytes = await source.read(from, to);
      if (bytes.byteLength === to - from) return { bytes, digest: await this.digests.keep(n, from, bytes) };
      this.cancel('changed');
    } catch (error) {
      this.cancel(error instanceof Changed ? 'changed' : 'unreadable');
    }
    return null;
  }

  async #pour(bytes: ArrayBuffer): Promise<void> {
    const most = this.channel.mostBytes;
    for (let at = 0; at < bytes.byteLength; at += most) {
      await this.channel.room().catch(() => this.#end('lost', false));
      if (this.#over) return;
      const part = new Uint8Array(bytes, at, Math.min(most, bytes.byteLength - at));
      this.channel.send(part);
      this.#sent += part.byteLength;
    }
  }

  /** Waits until nobody pauses and the other has written enough. */
  async #allowed(next: number): Promise<void> {
    const may = () => !this.#paused.me && !this.#paused.them && this.#sent + next - this.#written <= WINDOW;
    while (!this.#over && !may()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  #setPaused(paused: { me: boolean; them: boolean }): void {
    this.#paused = paused;
    this.ears.paused(paused);
    this.#wake?.();
  }

  #say(word: Word): void {
    this.channel.send(JSON.stringify(word));
  }

  #end(how: 'done' | 'lost' | End, byMe: boolean): void {
    if (this.#over) return;
    this.#over = true;
    this.#wake?.();
    this.ears.over(how, byMe);
  }
}

/** The file is no longer what it was when it was offered. */
export class Changed extends Error {}

/** The digests of the blocks of an offer, kept for those who fetch it later or go on in the middle. */
export class Digests {
  readonly #blocks = new Map<number, Digest[]>();

  async keep(file: number, offset: number, bytes: ArrayBuffer): Promise<Digest> {
    const blocks = this.#of(file);
    const digest = await digestOf(bytes);
    const before = blocks[offset / BLOCK];
    if (before && hex(before) !== hex(digest)) throw new Changed();
    blocks[offset / BLOCK] = digest;
    return digest;
  }

  /** Of the whole file; what was never sent is read for it. */
  async whole(file: number, source: Source): Promise<Digest> {
    const blocks = this.#of(file);
    for (let at = 0; at < source.size; at += BLOCK) {
      if (!blocks[at / BLOCK]) await this.keep(file, at, await source.read(at, endOfBlock(at, source.size)));
    }
    return digestOfAll(blocks);
  }

  #of(file: number): Digest[] {
    const blocks = this.#blocks.get(file) ?? [];
    this.#blocks.set(file, blocks);
    return blocks;
  }
}

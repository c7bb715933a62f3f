// The other browser's side of a pull: asks from where it stands, takes only what it expects, and says what is on disk. Nothing that the
// sender claims is believed before it was checked.
import type { Channel } from './channel';
import { digestOf, digestOfAll, endOfBlock, hex, type Digest } from './digest';
import { MOST_FILES, read, WINDOW, BLOCK, type End, type Listed, type Word } from './wire';

/** What was offered: the list that comes must be that. `files` are the first of it. */
export interface Promised {
  files: Listed[];
  count: number;
  size: number;
}

/** How far it has come: the file that is being written, and the digests of what is written of it. */
export interface Place {
  file: number;
  offset: number;
  digests: Digest[];
}

/** Where the files go. */
export interface Sink {
  /** The list is known: everything has its place. Answers how much of it is there already. */
  begin(files: Listed[]): Promise<Place>;
  /** Resolves once it is on disk, to the bytes if they may be used again. An empty file is written by a write of nothing. */
  write(file: number, offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | null>;
  /** The file is whole and right. */
  end(file: number): Promise<void>;
}

export interface ReceiverEars {
  progress(written: number): void;
  paused(by: { me: boolean; them: boolean }): void;
  over(how: 'done' | 'lost' | End, byMe: boolean): void;
}

interface Block {
  offset: number;
  sha256: string;
  bytes: Uint8Array<ArrayBuffer>;
  filled: number;
}

export class Receiver {
  #files: Listed[] = [];
  #place: Place | undefined;
  /** Where the next block must begin; the disk may be behind. */
  #next = { file: 0, offset: 0 };
  #block: Block | undefined;
  /** Memory of blocks that are written: browsers are in no hurry to take back what is no longer used. */
  #spare: Uint8Array<ArrayBuffer>[] = [];
  #before = 0;
  #received = 0;
  #written = 0;
  #total = 0;
  #over = false;
  #paused = { me: false, them: false };
  /** What was received is checked and written one after the other. */
  #work: Promise<void> = Promise.resolve();

  constructor(
    private readonly promised: Promised,
    private readonly sink: Sink,
    private readonly channel: Channel,
    private readonly ears: ReceiverEars,
  ) {
    channel.listen({
      open: () => this.#say({ type: 'list' }),
      heard: (data) => !this.#over && (typeof data === 'string' ? this.#word(data) : this.#bytes(data)),
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

  /** Resolves once nothing is being written any more. */
  async rest(): Promise<void> {
    this.#end('lost', true);
    await this.#work;
  }

  #word(text: string): void {
    const word = read(text);
    switch (word?.type) {
      case 'files':
        return this.#list(word.files, word.last);
      case 'block':
        return this.#begin(word);
      case 'end':
        return this.#fileEnds(word.file, word.sha256);
      case 'pause':
        return this.#setPaused({ ...this.#paused, them: word.on });
      case 'cancel':
        return this.#end(word.why, false);
      default:
        this.cancel('broken');
    }
  }

  #list(files: Listed[], last: boolean): void {
    if (this.#place || this.#files.length + files.length > MOST_FILES) return this.cancel('broken');
    this.#files.push(...files);
    if (!last) return files.length === 0 ? this.cancel('broken') : undefined;
    if (!keepsPromise(this.#files, this.promised)) return this.cancel('broken');
    this.#place = { file: 0, offset: 0, digests: [] };
    this.#do(async () => {
      const place = await this.sink.begin(this.#files);
      this.#place = place;
      this.#next = { file: place.file, offset: place.offset };
      this.#before = this.#files.slice(0, place.file).reduce((sum, { size }) => sum + size, 0) + place.offset;
      this.#total = this.promised.size - this.#before;
      this.ears.progress(this.#before);
      this.#say({ type: 'get', file: place.file, offset: place.offset });
      if (place.file === this.#files.length) this.#finish();
    });
  }

  #begin(word: Word & { type: 'block' }): void {
    const { file, offset } = this.#next;
    const size = this.#files[file]?.size ?? 0;
    const isNext = !this.#block && word.file === file && word.offset === offset && offset < size;
    if (!isNext || word.size !== endOfBlock(offset, size) - offset) return this.cancel('broken');
    if (this.#received + word.size - this.#written > WINDOW + BLOCK) return this.cancel('broken');
    const spare = word.size === BLOCK ? this.#spare.pop() : undefined;
    this.#block = { offset, sha256: word.sha256, bytes: spare ?? new Uint8Array(word.size), filled: 0 };
  }

  #bytes(data: ArrayBuffer): void {
    const block = this.#block;
    if (!block || block.filled + data.byteLength > block.bytes.length || data.byteLength === 0)
      return this.cancel('broken');
    block.bytes.set(new Uint8Array(data), block.filled);
    block.filled += data.byteLength;
    this.#received += data.byteLength;
    if (block.filled < block.bytes.length) return;
    this.#block = undefined;
    this.#next.offset += block.filled;
    const { file } = this.#next;
    this.#do(() => this.#write(file, block));
  }

  async #write(file: number, { offset, bytes, sha256 }: Block): Promise<void> {
    const digest = await digestOf(bytes);
    if (hex(digest) !== sha256) return this.cancel('mismatch');
    const { length } = bytes;
    const free = await this.sink.write(file, offset, bytes);
    if (free?.length === BLOCK) this.#spare.push(free);
    this.#place?.digests.push(digest);
    this.#written += length;
    if (this.#over) return;
    this.#say({ type: 'written', bytes: this.#written });
    this.ears.progress(this.#before + this.#written);
  }

  #fileEnds(file: number, sha256: string): void {
    const size = this.#files[file]?.size;
    const isAll = !this.#block && file === this.#next.file && this.#next.offset === size;
    if (!isAll) return this.cancel('broken');
    this.#next = { file: file + 1, offset: 0 };
    this.#do(async () => {
      if (size === 0) await this.sink.write(file, 0, new Uint8Array());
      if (hex(await digestOfAll(this.#place?.digests ?? [])) !== sha256) return this.cancel('mismatch');
      await this.sink.end(file);
      this.#place = { file: file + 1, offset: 0, digests: [] };
      if (file + 1 === this.#files.length) this.#finish();
    });
  }

  #finish(): void {
    if (this.#over) return;
    if (this.#written !== this.#total) return this.cancel('broken');
    this.#say({ type: 'done' });
    this.#end('done', false);
  }

  /** Work after what came before it; whoever cannot write says so. */
  #do(work: () => Promise<void>): void {
    this.#work = this.#work
      .then(() => (this.#over ? undefined : work()))
      .catch((error: unknown) => this.cancel(isFull(error) ? 'full' : 'unwritable'));
  }

  #setPaused(paused: { me: boolean; them: boolean }): void {
    this.#paused = paused;
    this.ears.paused(paused);
  }

  #say(word: Word): void {
    this.channel.send(JSON.stringify(word));
  }

  #end(how: 'done' | 'lost' | End, byMe: boolean): void {
    if (this.#over) return;
    this.#over = true;
    this.ears.over(how, byMe);
  }
}

function keepsPromise(files: Listed[], { files: first, count, size }: Promised): boolean {
  const isSame = (file: Listed, n: number) => file.name === files[n]?.name && file.size === files[n]?.size;
  return files.length === count && files.reduce((sum, file) => sum + file.size, 0) === size && first.every(isSame);
}

function isFull(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError';
}

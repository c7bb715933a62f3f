// Two ends of a line in memory, files that exist only as a rule, and a disk that keeps what it was given.
import type { Channel, Ears } from '../src/lib/transfer/channel';
import type { Digest } from '../src/lib/transfer/digest';
import type { Sink } from '../src/lib/transfer/receiver';
import { Changed, type Source } from '../src/lib/transfer/sender';
import { MESSAGE } from '../src/lib/transfer/wire';

type Data = string | ArrayBuffer;

/** One end; what is sent arrives at the other in order and later. */
export class End implements Channel {
  mostBytes = MESSAGE;
  other: End | undefined;
  /** What has passed through here to the other. */
  sent: Data[] = [];
  /** Bytes on their way. */
  buffered = 0;
  mostBuffered = 0;
  /** May change or swallow what is sent. */
  bend: (data: Data) => Data | null = (data) => data;
  #ears: Ears | undefined;
  #open = true;
  #waiting: (() => void)[] = [];
  /** What is held back, while the line is slow. */
  #held: (() => void)[] | undefined;

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (!this.#open) return;
    const copy = typeof data === 'string' ? data : data.slice().buffer;
    const bent = this.bend(copy);
    if (bent === null) return;
    this.sent.push(bent);
    const size = typeof bent === 'string' ? bent.length : bent.byteLength;
    this.buffered += size;
    this.mostBuffered = Math.max(this.mostBuffered, this.buffered);
    const arrive = () => {
      this.buffered -= size;
      if (this.#open) this.other?.hear(bent);
      for (const wake of this.#waiting.splice(0)) wake();
    };
    if (this.#held) this.#held.push(arrive);
    else setImmediate(arrive);
  }

  /** Nothing arrives any more until what is returned is called. */
  slowDown(): () => void {
    const held: (() => void)[] = [];
    this.#held = held;
    return () => {
      this.#held = undefined;
      for (const arrive of held) setImmediate(arrive);
    };
  }

  async room(): Promise<void> {
    while (this.#open && this.buffered >= 4 * 1024 * 1024)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (!this.#open) throw new Error('closed');
  }

  async flushed(): Promise<void> {
    while (this.#open && this.buffered > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  listen(ears: Ears): void {
    this.#ears = ears;
    setImmediate(() => ears.open());
  }

  hear(data: Data): void {
    if (this.#open) this.#ears?.heard(data);
  }

  /** The words among what was sent. */
  get words(): { type: string }[] {
    return this.sent.filter((data) => typeof data === 'string').map((text) => JSON.parse(text) as { type: string });
  }

  close(): void {
    this.#open = false;
    for (const wake of this.#waiting.splice(0)) wake();
    this.#ears?.closed();
  }

  cut(): void {
    this.other?.close();
    this.close();
  }
}

export function line(): [End, End] {
  const [a, b] = [new End(), new End()];
  [a.other, b.other] = [b, a];
  return [a, b];
}

/** The byte at a place of a file: no two places near each other are alike. */
const byteAt = (seed: number, at: number) => (Math.imul(at + seed, 2654435761) >>> 13) & 255;

export function bytesOf(seed: number, from: number, to: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: to - from }, (_, n) => byteAt(seed, from + n));
}

export function source(name: string, size: number, seed = size): Source & { reads: number; spoilt: boolean } {
  return {
    name,
    size,
    kind: '',
    reads: 0,
    spoilt: false,
    read(from, to) {
      this.reads += 1;
      if (this.spoilt) return Promise.reject(new Changed());
      return Promise.resolve(bytesOf(seed, from, to).buffer);
    },
  };
}

/** Keeps everything; `hold` makes each write wait until it is let go. */
export class Disk implements Sink {
  files: Uint8Array<ArrayBuffer>[] = [];
  ended: number[] = [];
  begun = { file: 0, offset: 0, digests: [] as Digest[] };
  hold: Promise<void> | undefined;
  most = Infinity;

  begin(): Promise<{ file: number; offset: number; digests: Digest[] }> {
    return Promise.resolve({ ...this.begun, digests: [...this.begun.digests] });
  }

  async write(file: number, offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    await this.hold;
    if (offset + bytes.length > this.most) throw new DOMException('no room', 'QuotaExceededError');
    const before = this.files[file] ?? new Uint8Array();
    const after = new Uint8Array(offset + bytes.length);
    after.set(before.subarray(0, offset));
    after.set(bytes, offset);
    this.files[file] = after;
    // Whoever uses them again must not find the old ones where they were.
    return bytes;
  }

  end(file: number): Promise<void> {
    this.ended.push(file);
    return Promise.resolve();
  }
}

// Where files wait until they are whole and right: on this site's own part of the disk, so that a broken pull goes on from there, also
// after the tab was closed; in memory, within a limit, where a browser has no such part (private windows of some).
import { crcOf } from './crc32';
import { digestOf, type Digest } from './digest';
import type { Place, Sink } from './receiver';
import { BLOCK, type Listed } from './wire';
import type { Done, Order } from './stage-worker';

export interface Stage extends Sink {
  /** The files, once they are whole. */
  content(file: number): Promise<Blob>;
  crc(file: number): Promise<number>;
  /** Into a file that the person has chosen. */
  copy(file: number, to: FileSystemFileHandle): Promise<void>;
  /** What is there stays. */
  close(): Promise<void>;
  /** What is there goes. */
  remove(): Promise<void>;
}

const FOLDER = 'transfers';
/** Without a disk, no more than this is taken. */
export const MEMORY = 48 * 1024 * 1024;

/** How much can be taken now. */
export async function spaceLeft(): Promise<number> {
  if (!(await hasDisk())) return MEMORY;
  const { quota = 0, usage = 0 } = await navigator.storage.estimate();
  return Math.max(0, quota - usage);
}

async function hasDisk(): Promise<boolean> {
  try {
    await navigator.storage.getDirectory();
    return typeof FileSystemFileHandle !== 'undefined' && 'getFile' in FileSystemFileHandle.prototype;
  } catch {
    return false;
  }
}

export async function openStage(offer: string): Promise<Stage> {
  if (!(await hasDisk())) return new MemoryStage();
  const stage = new DiskStage(offer);
  await stage.open();
  return stage;
}

/** Forgets what waits there of offers that are not among these. */
export async function sweep(kept: string[]): Promise<void> {
  if (!(await hasDisk())) return;
  const all = await (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
  for await (const name of all.keys())
    if (!kept.includes(name)) await all.removeEntry(name, { recursive: true }).catch(() => undefined);
}

class DiskStage implements Stage {
  readonly #worker = new Worker(new URL('./stage-worker.ts', import.meta.url), { type: 'module', name: 'transfer' });
  readonly #waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  #last = 0;
  /** Nothing answers any more. */
  #ended = false;

  constructor(private readonly folder: string) {
    this.#worker.onmessage = ({ data: { id, result, error } }: MessageEvent<Done>) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) waiting?.reject(new DOMException(error.message, error.name));
      else waiting?.resolve(result as never);
    };
    this.#worker.onerror = () => {
      this.#ended = true;
      for (const { reject } of this.#waiting.values()) reject(new Error('the worker has failed'));
      this.#waiting.clear();
    };
  }

  open(): Promise<void> {
    return this.#ask({ do: 'open', folder: this.folder });
  }

  begin(files: Listed[]): Promise<Place> {
    return this.#ask({ do: 'reached', sizes: files.map(({ size }) => size) });
  }

  write(file: number, offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    return this.#ask({ do: 'write', file, offset, bytes }, [bytes.buffer]);
  }

  end(file: number): Promise<void> {
    return this.#ask({ do: 'end', file });
  }

  async content(file: number): Promise<Blob> {
    const all = await (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER);
    return (await (await all.getDirectoryHandle(this.folder)).getFileHandle(String(file))).getFile();
  }

  crc(file: number): Promise<number> {
    return this.#ask({ do: 'crc', file });
  }

  copy(file: number, to: FileSystemFileHandle): Promise<void> {
    return this.#ask({ do: 'copy', file, to });
  }

  async close(): Promise<void> {
    await this.#ask({ do: 'close' }).catch(() => undefined);
    this.#ended = true;
    this.#worker.terminate();
  }

  async remove(): Promise<void> {
    await this.close();
    const all = await (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
    await all.removeEntry(this.folder, { recursive: true }).catch(() => undefined);
  }

  #ask<Result>(order: Order, transfer: Transferable[] = []): Promise<Result> {
    if (this.#ended) return Promise.reject(new Error('the worker has ended'));
    const id = ++this.#last;
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, order }, transfer);
    });
  }
}

export class MemoryStage implements Stage {
  #files: { parts: Uint8Array<ArrayBuffer>[]; size: number; isWhole: boolean }[] = [];

  async begin(files: Listed[]): Promise<Place> {
    if (files.reduce((sum, { size }) => sum + size, 0) > MEMORY)
      throw new DOMException('too much for memory', 'QuotaExceededError');
    const file = this.#files.findLastIndex(({ isWhole }) => isWhole) + 1;
    const { parts, size } = this.#files[file] ?? { parts: [], size: 0 };
    const digests: Digest[] = [];
    for (const part of parts) digests.push(await digestOf(part));
    return { file, offset: size, digests };
  }

  write(file: number, offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<null> {
    const known = (this.#files[file] ??= { parts: [], size: 0, isWhole: false });
    known.parts.length = Math.ceil(offset / BLOCK);
    if (bytes.length > 0) known.parts.push(bytes);
    known.size = offset + bytes.length;
    return Promise.resolve(null);
  }

  end(file: number): Promise<void> {
    const known = this.#files[file];
    if (known) known.isWhole = true;
    return Promise.resolve();
  }

  content(file: number): Promise<Blob> {
    return Promise.resolve(new Blob(this.#files[file]?.parts ?? []));
  }

  async crc(file: number): Promise<number> {
    return crcOf(await this.content(file));
  }

  async copy(file: number, to: FileSystemFileHandle): Promise<void> {
    const out = await to.createWritable();
    await out.write(await this.content(file));
    await out.close();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  remove(): Promise<void> {
    this.#files = [];
    return Promise.resolve();
  }
}

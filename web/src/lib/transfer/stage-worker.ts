// Writes what arrives into this site's own part of the disk (OPFS), and copies it from there when it is whole. A worker, because only there
// one can read and write in place: what is written stays when the tab is closed, so that it can go on from there.
import { crcOf } from './crc32';
import { digestOf, endOfBlock, type Digest } from './digest';
import type { Place } from './receiver';

export type Order =
  | { do: 'open'; folder: string }
  | { do: 'reached'; sizes: number[] }
  | { do: 'write'; file: number; offset: number; bytes: Uint8Array<ArrayBuffer> }
  | { do: 'end'; file: number }
  | { do: 'crc'; file: number }
  | { do: 'copy'; file: number; to: FileSystemFileHandle }
  | { do: 'close' };
export interface Done {
  id: number;
  result?: unknown;
  error?: { name: string; message: string };
}

/** So much may be lost when the machine stops; it is found out and fetched again. */
const FLUSH = 32 * 1024 * 1024;
const PIECE = 1024 * 1024;

let folder: FileSystemDirectoryHandle;
let open: { file: number; handle: FileSystemSyncAccessHandle; unflushed: number } | undefined;

function close(): void {
  open?.handle.flush();
  open?.handle.close();
  open = undefined;
}

async function handleOf(file: number): Promise<FileSystemSyncAccessHandle> {
  if (open?.file !== file) {
    close();
    const entry = await folder.getFileHandle(String(file), { create: true });
    open = { file, handle: await entry.createSyncAccessHandle(), unflushed: 0 };
  }
  return open.handle;
}

async function sizesThere(): Promise<Map<number, number>> {
  const there = new Map<number, number>();
  for await (const [name, entry] of folder.entries()) {
    if (entry.kind === 'file') there.set(Number(name), (await (entry as FileSystemFileHandle).getFile()).size);
  }
  return there;
}

/** How much is there already. What is there of the last file is read again: its digests are needed, and it may be spoilt. */
async function reached(sizes: number[]): Promise<Place> {
  const there = await sizesThere();
  const file = Math.max(0, ...there.keys());
  const size = sizes[file] ?? 0;
  const whole = Math.min(there.get(file) ?? 0, size);
  const isGap = sizes.slice(0, file).some((size, n) => there.get(n) !== size);
  if (there.size === 0 || isGap) return { file: 0, offset: 0, digests: [] };
  const handle = await handleOf(file);
  const digests: Digest[] = [];
  let offset = 0;
  while (offset < whole) {
    const to = endOfBlock(offset, size);
    if (to > whole) break;
    const bytes = new Uint8Array(to - offset);
    handle.read(bytes, { at: offset });
    digests.push(await digestOf(bytes));
    offset = to;
  }
  handle.truncate(offset);
  return { file, offset, digests };
}

async function write({ file, offset, bytes }: Order & { do: 'write' }): Promise<Uint8Array<ArrayBuffer>> {
  const handle = await handleOf(file);
  if (handle.write(bytes, { at: offset }) !== bytes.length) throw new DOMException('short write', 'QuotaExceededError');
  if (open) open.unflushed += bytes.length;
  if (open && open.unflushed >= FLUSH) {
    handle.flush();
    open.unflushed = 0;
  }
  return bytes;
}

/** In small steps through one piece of memory, each written before the next is read: given more at a time, browsers keep it in memory. */
async function copy(file: number, to: FileSystemFileHandle): Promise<void> {
  const from = await handleOf(file);
  const size = from.getSize();
  const piece = new Uint8Array(Math.min(PIECE, size));
  const out = await to.createWritable();
  try {
    for (let at = 0; at < size;) {
      const read = from.read(piece.subarray(0, Math.min(PIECE, size - at)), { at });
      if (read === 0) throw new DOMException('short read', 'NotReadableError');
      await out.write(piece.subarray(0, read));
      at += read;
    }
    await out.close();
  } catch (error) {
    await out.abort().catch(() => undefined);
    throw error;
  }
}

async function obey(order: Order): Promise<unknown> {
  switch (order.do) {
    case 'open': {
      const root = await navigator.storage.getDirectory();
      const all = await root.getDirectoryHandle('transfers', { create: true });
      folder = await all.getDirectoryHandle(order.folder, { create: true });
      return;
    }
    case 'reached':
      return reached(order.sizes);
    case 'write':
      return write(order);
    case 'end':
      return close();
    case 'crc': {
      close();
      return crcOf(await (await folder.getFileHandle(String(order.file))).getFile());
    }
    case 'copy':
      await copy(order.file, order.to);
      return close();
    case 'close':
      return close();
  }
}

let work: Promise<void> = Promise.resolve();
self.onmessage = ({ data: { id, order } }: MessageEvent<{ id: number; order: Order }>) => {
  work = work.then(async () => {
    let done: Done;
    try {
      done = { id, result: await obey(order) };
    } catch (error) {
      const { name, message } = error as Error;
      done = { id, error: { name, message } };
    }
    const { result } = done;
    self.postMessage(done, { transfer: result instanceof Uint8Array ? [result.buffer] : [] });
  });
};

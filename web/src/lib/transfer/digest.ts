// SHA-256 of what travels. The browser's own digest is many times as fast as one written in JavaScript, but takes only what is in memory:
// so each block has a digest, and a file has the digest of the digests of its blocks.
import { BLOCK } from './wire';

export type Digest = Uint8Array<ArrayBuffer>;

export async function digestOf(bytes: BufferSource): Promise<Digest> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

/** The digest of a whole file from those of its blocks. */
export function digestOfAll(blocks: Digest[]): Promise<Digest> {
  const all = new Uint8Array(blocks.length * 32);
  blocks.forEach((block, n) => all.set(block, n * 32));
  return digestOf(all);
}

export function hex(digest: Digest): string {
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Where the block that begins at `offset` ends in a file of this size. */
export function endOfBlock(offset: number, size: number): number {
  return Math.min(offset + BLOCK, size);
}

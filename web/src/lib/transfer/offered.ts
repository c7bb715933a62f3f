// How an offer is described to the server: the first files by name, as many as its limits allow, and all of them by count and size.
import type { OfferedFile } from '../api/signal-types';
import type { Listed } from './wire';

export interface Described {
  files: OfferedFile[];
  count: number;
  size: number;
}

/** What the frame needs beside the files. */
const BESIDE = 1024;

export function offered(files: Listed[], most: number, frameBytes: number): Described {
  const first: OfferedFile[] = [];
  let left = frameBytes - BESIDE;
  for (const { name, size, kind } of files.slice(0, most)) {
    const file = { name, size, kind };
    left -= new TextEncoder().encode(JSON.stringify(file)).length + 1;
    if (left < 0) break;
    first.push(file);
  }
  return { files: first, count: files.length, size: files.reduce((sum, { size }) => sum + size, 0) };
}

// Several files as one ZIP archive without copying them: what stands between them is written here, they stay where they are. Nothing is
// compressed. Sizes and places beyond 4 GiB take the form of ZIP64 (APPNOTE 6.3, 4.3 and 4.5.3).

export interface Packed {
  path: string;
  content: Blob;
  crc: number;
}

const LIMIT = 0xffffffff;
const UTF8_NAMES = 0x0800;
/** 1 January 1980, the first day ZIP knows: when a file was changed is not sent. */
const DAY = 0x0021;

class Bytes {
  readonly parts: number[] = [];

  short(...values: number[]): this {
    for (const value of values) this.parts.push(value & 255, (value >>> 8) & 255);
    return this;
  }
  long(...values: number[]): this {
    for (const value of values) this.short(value % 65536, Math.floor(value / 65536) % 65536);
    return this;
  }
  huge(...values: number[]): this {
    for (const value of values) this.long(value % 2 ** 32, Math.floor(value / 2 ** 32));
    return this;
  }
  add(bytes: Iterable<number>): this {
    for (const byte of bytes) this.parts.push(byte);
    return this;
  }
  done(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.parts);
  }
}

const capped = (value: number) => Math.min(value, LIMIT);

function localHead({ content: { size }, crc }: Packed, name: Uint8Array): Uint8Array<ArrayBuffer> {
  const isLarge = size >= LIMIT;
  const extra = isLarge ? new Bytes().short(1, 16).huge(size, size).parts : [];
  return new Bytes()
    .long(0x04034b50)
    .short(isLarge ? 45 : 20, UTF8_NAMES, 0, 0, DAY)
    .long(crc, capped(size), capped(size))
    .short(name.length, extra.length)
    .add(name)
    .add(extra)
    .done();
}

function entry({ content: { size }, crc }: Packed, name: Uint8Array, at: number): Uint8Array<ArrayBuffer> {
  const isLarge = size >= LIMIT;
  const large = [...(isLarge ? [size, size] : []), ...(at >= LIMIT ? [at] : [])];
  const extra = large.length > 0 ? new Bytes().short(1, large.length * 8).huge(...large).parts : [];
  return new Bytes()
    .long(0x02014b50)
    .short(45, large.length > 0 ? 45 : 20, UTF8_NAMES, 0, 0, DAY)
    .long(crc, capped(size), capped(size))
    .short(name.length, extra.length, 0, 0, 0)
    .long(0, capped(at))
    .add(name)
    .add(extra)
    .done();
}

function tail(count: number, size: number, at: number): Uint8Array<ArrayBuffer> {
  const bytes = new Bytes();
  if (count >= 0xffff || at >= LIMIT || size >= LIMIT) {
    bytes.long(0x06064b50).huge(44).short(45, 45).long(0, 0).huge(count, count, size, at);
    bytes
      .long(0x07064b50, 0)
      .huge(at + size)
      .long(1);
  }
  const few = Math.min(count, 0xffff);
  return bytes.long(0x06054b50).short(0, 0, few, few).long(capped(size), capped(at)).short(0).done();
}

export function zip(files: Packed[]): Blob {
  const parts: BlobPart[] = [];
  const entries: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  for (const file of files) {
    const name = new TextEncoder().encode(file.path);
    const head = localHead(file, name);
    parts.push(head, file.content);
    entries.push(entry(file, name, at));
    at += head.length + file.content.size;
  }
  const size = entries.reduce((sum, { length }) => sum + length, 0);
  return new Blob([...parts, ...entries, tail(files.length, size, at)], { type: 'application/zip' });
}

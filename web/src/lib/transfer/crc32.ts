// CRC-32 as ZIP wants it (ISO 3309), eight bytes at a time.

const TABLES = (() => {
  const tables = Array.from({ length: 8 }, () => new Uint32Array(256));
  const [first] = tables as [Uint32Array];
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    first[n] = c >>> 0;
  }
  for (let t = 1; t < 8; t++) {
    for (let n = 0; n < 256; n++) {
      const before = (tables[t - 1] as Uint32Array)[n] as number;
      (tables[t] as Uint32Array)[n] = ((before >>> 8) ^ (first[before & 255] as number)) >>> 0;
    }
  }
  return tables;
})();

/** The sum so far with these bytes added; it begins with 0. */
export function crc32(sum: number, bytes: Uint8Array): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  const at = (table: Uint32Array, n: number) => table[n & 255] as number;
  const byte = (n: number) => bytes[n] as number;
  let c = ~sum;
  let i = 0;
  for (; i + 8 <= bytes.length; i += 8) {
    c ^= byte(i) | (byte(i + 1) << 8) | (byte(i + 2) << 16) | (byte(i + 3) << 24);
    c =
      at(t7, c) ^
      at(t6, c >>> 8) ^
      at(t5, c >>> 16) ^
      at(t4, c >>> 24) ^
      at(t3, byte(i + 4)) ^
      at(t2, byte(i + 5)) ^
      at(t1, byte(i + 6)) ^
      at(t0, byte(i + 7));
  }
  for (; i < bytes.length; i++) c = (c >>> 8) ^ at(t0, c ^ byte(i));
  return ~c >>> 0;
}

/** Of what is on disk or in memory, read piece by piece. */
export async function crcOf(blob: Blob): Promise<number> {
  const piece = 4 * 1024 * 1024;
  let sum = 0;
  for (let at = 0; at < blob.size; at += piece)
    sum = crc32(sum, new Uint8Array(await blob.slice(at, at + piece).arrayBuffer()));
  return sum;
}

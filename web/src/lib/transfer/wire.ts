// The language of the data channel on which files go from one browser to another: a closed set of words, each with its limits. What
// comes from the other side is read here and nowhere else; lib/rtc/README.md tells the same to people.

/** Files travel and are checked in blocks of so many bytes. */
export const BLOCK = 1024 * 1024;
/** The largest message, measured as the best one. */
export const MESSAGE = 64 * 1024;
/** So much may be under way beyond what the receiver has on disk. */
export const WINDOW = 8 * 1024 * 1024;
export const MOST_FILES = 10_000;
/** Longest name with its folders, in UTF-16 units. */
export const NAME = 1024;
const KIND = 100;
const WORD = 60_000;
const LARGEST = Number.MAX_SAFE_INTEGER;

export interface Listed {
  /** Folders are separated by "/". */
  name: string;
  size: number;
  kind: string;
}

/** Why one side ends it. */
export const ENDS = ['cancelled', 'unreadable', 'changed', 'full', 'unwritable', 'mismatch', 'broken'] as const;
export type End = (typeof ENDS)[number];

export type Word =
  /** Receiver: what is there? */
  | { type: 'list' }
  /** Sender: the next files; `last` with the last of them. */
  | { type: 'files'; files: Listed[]; last: boolean }
  /** Receiver: send from here on, to the last byte of the last file. */
  | { type: 'get'; file: number; offset: number }
  /** Sender: so many bytes follow in binary messages, and this is their SHA-256. */
  | { type: 'block'; file: number; offset: number; size: number; sha256: string }
  /** Sender: this was all of the file; the SHA-256 of the digests of its blocks. */
  | { type: 'end'; file: number; sha256: string }
  /** Receiver: so many bytes of this channel are on disk. */
  | { type: 'written'; bytes: number }
  | { type: 'pause'; on: boolean }
  /** Receiver: everything is here and right. */
  | { type: 'done' }
  | { type: 'cancel'; why: End };

type Fields = Record<string, unknown>;

const isWhole = (value: unknown, most = LARGEST): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
const isText = (value: unknown, most: number): value is string => typeof value === 'string' && value.length <= most;
const isDigest = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isListed = (value: unknown): value is Listed => {
  const { name, size, kind } = (value ?? {}) as Fields;
  return isText(name, NAME) && isWhole(size) && isText(kind, KIND);
};

const shapes: { [Type in Word['type']]: (word: Fields) => boolean } = {
  list: () => true,
  files: ({ files, last }) => Array.isArray(files) && files.every(isListed) && typeof last === 'boolean',
  get: ({ file, offset }) => isWhole(file, MOST_FILES) && isWhole(offset),
  block: ({ file, offset, size, sha256 }) =>
    isWhole(file, MOST_FILES) && isWhole(offset) && isWhole(size, BLOCK) && size > 0 && isDigest(sha256),
  end: ({ file, sha256 }) => isWhole(file, MOST_FILES) && isDigest(sha256),
  written: ({ bytes }) => isWhole(bytes),
  pause: ({ on }) => typeof on === 'boolean',
  done: () => true,
  cancel: ({ why }) => ENDS.includes(why as End),
};

/** A word as it was sent, or null for anything else. */
export function read(text: string): Word | null {
  if (text.length > WORD) return null;
  try {
    const word = JSON.parse(text) as Fields | null;
    const type = word?.['type'];
    if (!word || typeof type !== 'string' || !Object.hasOwn(shapes, type)) return null;
    return shapes[type as Word['type']](word) ? (word as Word) : null;
  } catch {
    return null;
  }
}

/** The list of files in as many words as it needs. */
export function pages(files: Listed[]): Word[] {
  const words: { type: 'files'; files: Listed[]; last: boolean }[] = [];
  let room = 0;
  for (const { name, size, kind } of files) {
    const file = { name, size, kind };
    const length = JSON.stringify(file).length + 1;
    if (room < length) {
      words.push({ type: 'files', files: [], last: false });
      room = WORD - 100;
    }
    room -= length;
    words.at(-1)?.files.push(file);
  }
  if (words.length === 0) words.push({ type: 'files', files: [], last: false });
  words[words.length - 1] = { ...(words.at(-1) as (typeof words)[0]), last: true };
  return words;
}

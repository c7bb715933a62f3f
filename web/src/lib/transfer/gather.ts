// Files as people give them: chosen, dropped or pasted, folders with what is in them. Their content is read only when it is sent.
import { shortPath } from './names';
import { Changed, type Source } from './sender';
import { MOST_FILES } from './wire';

/** The longest name the server takes, in bytes. */
const NAME = 255;
const KIND = 100;

/** More files than can be offered at once. */
export class TooMany extends Error {}

export function sourceOf(file: File, path = file.webkitRelativePath || file.name): Source {
  const { size, type, lastModified } = file;
  return {
    name: shortPath(path, NAME) || 'file',
    size,
    kind: type.slice(0, KIND),
    async read(from, to) {
      const bytes = await file.slice(from, to).arrayBuffer();
      if (file.lastModified !== lastModified) throw new Changed();
      return bytes;
    },
  };
}

export function fromList(files: Iterable<File>): Source[] {
  const all = [...files];
  if (all.length > MOST_FILES) throw new TooMany();
  return inOrder(all.map((file) => sourceOf(file)));
}

/** What was dropped or pasted. Must be called at once: the browser forgets it when the event is over. */
export async function fromTransfer(data: DataTransfer): Promise<Source[]> {
  const entries = [...data.items].filter(({ kind }) => kind === 'file').map((item) => item.webkitGetAsEntry());
  const files = [...data.files];
  // Pictures that are pasted are no entries.
  if (entries.length === 0 || entries.some((entry) => !entry)) return fromList(files);
  return walk(entries.filter((entry) => entry !== null));
}

async function walk(entries: FileSystemEntry[]): Promise<Source[]> {
  const found: Source[] = [];
  const ahead = [...entries];
  for (let entry = ahead.shift(); entry; entry = ahead.shift()) {
    if (entry.isDirectory) ahead.unshift(...(await inside(entry as FileSystemDirectoryEntry)));
    else found.push(sourceOf(await fileOf(entry as FileSystemFileEntry), entry.fullPath.replace(/^\//, '')));
    if (found.length + ahead.length > MOST_FILES) throw new TooMany();
  }
  return inOrder(found);
}

/** As people count: browsers give what is in a folder in no order at all. */
function inOrder(sources: Source[]): Source[] {
  const { compare } = new Intl.Collator(undefined, { numeric: true });
  return sources.sort((one, other) => compare(one.name, other.name));
}

const fileOf = (entry: FileSystemFileEntry) => new Promise<File>((resolve, reject) => entry.file(resolve, reject));

/** A browser gives at most a hundred at a time, and none when it is done. */
async function inside(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
    if (all.length > MOST_FILES) throw new TooMany();
  }
}

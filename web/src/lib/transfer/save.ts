// Hands over what is whole and right: into the file or folder a person has chosen, where the browser lets them choose; else as a
// download, several files as one ZIP archive. Nothing passes through memory as a whole.
import { numbered, uniquePaths } from './names';
import type { Stage } from './stage';
import type { Listed } from './wire';
import { zip } from './zip';

export type Target =
  | { kind: 'file'; handle: FileSystemFileHandle }
  | { kind: 'folder'; handle: FileSystemDirectoryHandle }
  | { kind: 'download' };

/** What only some browsers have. */
interface Pickers {
  showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
  showDirectoryPicker?: (options: { mode: 'readwrite'; id: string }) => Promise<FileSystemDirectoryHandle>;
}
interface Permissions {
  queryPermission?: (wish: { mode: 'readwrite' }) => Promise<PermissionState>;
  requestPermission?: (wish: { mode: 'readwrite' }) => Promise<PermissionState>;
}

/** Asks where it shall go, where that can be asked; null when the person thought better of it. To be called upon a press of a button. */
export async function choose(first: string, count: number): Promise<Target | null> {
  const { showSaveFilePicker, showDirectoryPicker } = window as Pickers;
  try {
    if (count === 1 && showSaveFilePicker) {
      const [[name]] = [uniquePaths([first])[0]?.slice(-1) ?? []] as [[string]];
      return { kind: 'file', handle: await showSaveFilePicker.call(window, { suggestedName: name }) };
    }
    if (count > 1 && showDirectoryPicker)
      return { kind: 'folder', handle: await showDirectoryPicker.call(window, { mode: 'readwrite', id: 'transfers' }) };
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    // The browser forbids to ask here: then it is a download.
  }
  return { kind: 'download' };
}

/** Whether one may write there now; `asking` only upon a press of a button. */
export async function mayWrite(target: Target, asking: boolean): Promise<boolean> {
  if (target.kind === 'download') return true;
  const handle = target.handle as Permissions;
  const wish = { mode: 'readwrite' } as const;
  if (!handle.queryPermission || (await handle.queryPermission(wish)) === 'granted') return true;
  return asking && (await handle.requestPermission?.(wish)) === 'granted';
}

/** Resolves once everything is where it belongs; for a download, once the browser has been given it. */
export async function handOver(target: Target, stage: Stage, files: Listed[], archive: string): Promise<void> {
  if (target.kind === 'file') return stage.copy(0, target.handle);
  const paths = uniquePaths(files.map(({ name }) => name));
  if (target.kind === 'folder') {
    for (const [n, path] of paths.entries()) await stage.copy(n, await place(target.handle, path));
  } else if (files.length === 1) download(await stage.content(0), paths[0]?.at(-1) ?? 'file');
  else {
    const packed = paths.map(async (path, n) => ({
      path: path.join('/'),
      content: await stage.content(n),
      crc: await stage.crc(n),
    }));
    download(zip(await Promise.all(packed)), archive);
  }
}

/** Makes a file. What is there already is not overwritten: nobody was asked about it. */
async function place(folder: FileSystemDirectoryHandle, path: string[]): Promise<FileSystemFileHandle> {
  let at = folder;
  for (const name of path.slice(0, -1)) at = await at.getDirectoryHandle(name, { create: true });
  const wanted = path.at(-1) ?? 'file';
  let name = wanted;
  for (let n = 2; await isTaken(at, name); n++) name = numbered(wanted, n);
  return at.getFileHandle(name, { create: true });
}

async function isTaken(folder: FileSystemDirectoryHandle, name: string): Promise<boolean> {
  try {
    await folder.getFileHandle(name);
    return true;
  } catch (error) {
    return error instanceof DOMException && error.name === 'TypeMismatchError';
  }
}

/** How long the browser may take to begin a download. */
const FORGET_MS = 3_600_000;

function download(content: Blob, name: string): void {
  // Of no type: shown by no browser, whatever it is.
  const at = URL.createObjectURL(new Blob([content], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = at;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(at), FORGET_MS);
}

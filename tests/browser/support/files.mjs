// Files as people offer and fetch them: choosing, accepting, what is on the card, what has arrived.
import { createHash, randomFillSync } from 'node:crypto';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export const MiB = 1024 * 1024;

/** A folder for the files of a test, gone when it is over. */
export async function folderFor(test) {
  const folder = await mkdtemp(join(tmpdir(), 'files-'));
  test.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A file of so many random bytes, and its print. */
export async function makeFile(folder, name, size) {
  const path = join(folder, name);
  const file = await open(path, 'w');
  const print = printer();
  const block = Buffer.alloc(MiB);
  for (let at = 0; at < size; at += MiB) {
    const part = randomFillSync(block).subarray(0, Math.min(MiB, size - at));
    print.add(part);
    await file.write(part);
  }
  await file.close();
  return { name, path, size, print: print.done() };
}

/** The print of bytes: SHA-256 over the SHA-256 of each MiB, so that a page can take it of a file it cannot hold in memory. */
export function printOf(bytes) {
  const print = printer();
  for (let at = 0; at < bytes.length; at += MiB) print.add(bytes.subarray(at, at + MiB));
  return print.done();
}

function printer() {
  const all = createHash('sha256');
  return { add: (part) => all.update(createHash('sha256').update(part).digest()), done: () => all.digest('hex') };
}

/** In place of the browser's pickers, which no story can press: what is picked is a folder of the page's own disk. Run before the page's scripts. */
export function pickInside() {
  const picked = async () => (await navigator.storage.getDirectory()).getDirectoryHandle('picked', { create: true });
  window.showDirectoryPicker = picked;
  window.showSaveFilePicker = async ({ suggestedName }) => (await picked()).getFileHandle(suggestedName, { create: true });
}

/** What stands in the folder that was picked: path, size and print of each file, by path. */
export function saved(page) {
  return page.evaluate(async () => {
    const MiB = 1024 * 1024;
    const digest = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    const found = [];
    const look = async (folder, path) => {
      for await (const [name, entry] of folder.entries()) {
        if (entry.kind === 'directory') await look(entry, `${path}${name}/`);
        else {
          const file = await entry.getFile();
          const digests = new Uint8Array(Math.ceil(file.size / MiB) * 32);
          for (let at = 0; at < file.size; at += MiB) digests.set(await digest(await file.slice(at, at + MiB).arrayBuffer()), (at / MiB) * 32);
          const print = Array.from(await digest(digests), (byte) => byte.toString(16).padStart(2, '0')).join('');
          found.push({ path: `${path}${name}`, size: file.size, print });
        }
      }
    };
    await look(await (await navigator.storage.getDirectory()).getDirectoryHandle('picked', { create: true }), '');
    return found.sort((one, other) => (one.path < other.path ? -1 : 1));
  });
}

/** The bytes of a file that a browser downloads, once it is whole. */
export async function downloaded(path, size) {
  for (const deadline = Date.now() + 15_000; Date.now() < deadline; await pause(100)) {
    const bytes = await readFile(path).catch(() => null);
    if (bytes?.length === size) return bytes;
  }
  throw new Error(`${path} was not downloaded`);
}

/** The names of what waits on the page's own disk for a transfer to go on. */
export function staged(page) {
  return page.evaluate(async () => {
    const all = await (await navigator.storage.getDirectory()).getDirectoryHandle('transfers', { create: true });
    const names = [];
    for await (const name of all.keys()) names.push(name);
    return names;
  });
}

/** Offers files in the room on screen; `files`: paths, or what playwright makes files of. */
export async function offer(page, files, { hidden = false } = {}) {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), chooseFiles(page)]);
  await chooser.setFiles(files);
  const sheet = page.getByRole('dialog', { name: /^Offer / });
  if (hidden) await sheet.getByRole('checkbox', { name: /Hide my network address/ }).check();
  await sheet.getByRole('button', { name: 'Offer', exact: true }).click();
  await sheet.waitFor({ state: 'detached' });
}

async function chooseFiles(page) {
  await attach(page).click();
  await page.getByRole('menuitem', { name: 'Files…' }).click();
}

/** The button with which one offers files. */
export function attach(page) {
  return page.getByRole('button', { name: 'Send files' });
}

/** The card of an offer in the conversation, by the name of its file. */
export function card(page, name) {
  return page.getByRole('list', { name: 'Messages' }).getByRole('article', { name });
}

export async function accept(page, name) {
  await card(page, name).getByRole('button', { name: /^Accept/ }).click();
}

/** Waits until a card says a sentence. */
export function says(page, name, sentence, timeout = 15_000) {
  return card(page, name).getByText(sentence).first().waitFor({ timeout });
}

/** Waits until so much has arrived, as the card says it. */
export async function hasArrived(page, name, share) {
  const bar = card(page, name).getByRole('progressbar');
  for (const deadline = Date.now() + 20_000; ; await pause(50)) {
    const percent = Number((await bar.getAttribute('value', { timeout: 20_000 })) ?? 0);
    if (percent >= share * 100) return;
    if (Date.now() > deadline) throw new Error(`${percent} % of ${name} have arrived`);
  }
}

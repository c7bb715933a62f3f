// Tells the stories of the files it is given, or of all, one after the other in one process: one Sympa, one Chromium.
// Without names, what depends neither on Sympa's database nor on the form of Symposium is told with SQLite only, and what depends on
// the form alone not with MariaDB.
import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const toldOnce = ['a-long-talk', 'by-keyboard-alone', 'everybody-can-use-it', 'the-demo', 'the-web-server-before-it', 'words-that-are-programs'];
const toldInEachForm = [
  'a-call-over-two-networks',
  'a-call-through-a-relay',
  'a-call-with-firefox',
  'a-line-of-a-call-is-cut',
  'a-line-of-a-transfer-is-cut',
  'files-from-browser-to-browser',
];
const kind = process.env.SYMPA_KIND ?? 'sqlite';
const elsewhere = { sqlite: [], postgresql: toldOnce, mysql: [...toldOnce, ...toldInEachForm] }[kind];

const here = fileURLToPath(new URL('.', import.meta.url));
const all = (await readdir(here)).filter((file) => file.endsWith('.test.mjs')).sort();
const wanted = all.filter((file) => !elsewhere.includes(file.replace('.test.mjs', '')));
const named = process.argv.slice(2);
for (const file of named.length > 0 ? named : wanted) {
  try {
    await import(pathToFileURL(resolve(here, file)).href);
  } catch (error) {
    // Stories of other files may be under way: the runner would only mention it, and pass.
    test(`${file} can be read`, () => Promise.reject(error));
  }
}

// Tells the stories of the files it is given, or of all, one after the other in one process: one Sympa, one Chromium.
import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const named = process.argv.slice(2);
const all = (await readdir(here)).filter((file) => file.endsWith('.test.mjs')).sort();
for (const file of named.length > 0 ? named : all) await import(pathToFileURL(resolve(here, file)).href);

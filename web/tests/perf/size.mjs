// What a first visit loads as JavaScript, compressed: `npm run size` builds and checks it. Ends with 1 above the budget.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const MOST = 120_000;
const dist = new URL('../../dist/', import.meta.url);
const page = readFileSync(new URL('index.html', dist), 'utf8');
const files = [...page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(([, file]) => file);
const size = files.reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, dist))).length, 0);
const kept = files.length > 0 && size <= MOST;
console.log(
  `${kept ? 'ok    ' : 'MISSED'} initial JavaScript: ${size} bytes compressed, in ${files.length} file(s) (at most ${MOST})`,
);
process.exit(kept ? 0 : 1);

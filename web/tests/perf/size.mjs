// What a first visit loads as JavaScript, compressed: `npm run size` builds and checks it, and that what is compressed ahead is
// what stands beside it. Ends with 1 above the budget.
import { readdirSync, readFileSync } from 'node:fs';
import { brotliDecompressSync, gzipSync } from 'node:zlib';

const MOST = 120_000;
const dist = new URL('../../dist/', import.meta.url);
const page = readFileSync(new URL('index.html', dist), 'utf8');
const files = [...page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(([, file]) => file);
const size = files.reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, dist))).length, 0);
const kept = files.length > 0 && size <= MOST;
console.log(
  `${kept ? 'ok    ' : 'MISSED'} initial JavaScript: ${size} bytes compressed, in ${files.length} file(s) (at most ${MOST})`,
);
const assets = new URL('assets/', dist);
const small = readdirSync(assets).filter((name) => name.endsWith('.br'));
const whole = (name) => brotliDecompressSync(readFileSync(new URL(name, assets)));
const wrong = small.filter((name) => !whole(name).equals(readFileSync(new URL(name.slice(0, -3), assets))));
if (small.length === 0 || wrong.length > 0) console.log(`MISSED compressed ahead: ${wrong.join(', ') || 'nothing'}`);
process.exit(kept && small.length > 0 && wrong.length === 0 ? 0 : 1);

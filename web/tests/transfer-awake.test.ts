// The screen stays on while something travels, and no longer.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { stayAwake } from '../src/lib/transfer/awake';

class Lock {
  released = false;
  release = vi.fn(() => Promise.resolve(void (this.released = true)));
}

let locks: Lock[] = [];
let refused = false;
const turn = () => new Promise((resolve) => setTimeout(resolve));
function page(state: 'visible' | 'hidden'): Promise<unknown> {
  Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
  if (state === 'hidden') for (const lock of locks) lock.released = true;
  document.dispatchEvent(new Event('visibilitychange'));
  return turn();
}

beforeEach(async () => {
  [locks, refused] = [[], false];
  const request = () => {
    if (refused) return Promise.reject(new DOMException('low battery', 'NotAllowedError'));
    locks.push(new Lock());
    return Promise.resolve(locks.at(-1));
  };
  vi.stubGlobal('navigator', { wakeLock: { request } });
  await page('visible');
});
afterEach(() => vi.unstubAllGlobals());

it('is asked for once, again when the page comes back, and let go of', async () => {
  const release = stayAwake();
  await turn();
  await page('visible');
  expect(locks).toHaveLength(1);
  await page('hidden');
  await page('visible');
  expect(locks).toHaveLength(2);
  release();
  expect(locks.at(-1)?.released).toBe(true);
  await page('hidden');
  await page('visible');
  expect(locks).toHaveLength(2);
});

it('is let go of when it is given too late', async () => {
  stayAwake()();
  await turn();
  expect(locks.map(({ released }) => released)).toEqual([true]);
});

it('is done without where the browser refuses or does not know it', async () => {
  refused = true;
  stayAwake()();
  vi.stubGlobal('navigator', {});
  stayAwake()();
  await turn();
  expect(locks).toEqual([]);
});

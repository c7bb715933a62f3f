// Which language somebody reads: what was chosen on this device, else the account's, else the browser's.
import { expect, test } from 'vitest';
import { Settings } from '../src/lib/model/settings.svelte';
import type { Store } from '../src/lib/model/store';

function memory(): Store {
  const kept = new Map<string, unknown>();
  return {
    read: (key: string, otherwise: unknown) => kept.get(key) ?? otherwise,
    write: (key: string, value: unknown) => kept.set(key, value),
  } as unknown as Store;
}

test('somebody whom Sympa knows to read French reads French at once, until they choose here', () => {
  const settings = new Settings(memory(), 'en');
  expect(settings.language).toBe('en');
  settings.account = () => 'fr';
  expect(settings.language).toBe('fr');
  settings.change({ language: 'en' });
  expect(settings.language).toBe('en');
});

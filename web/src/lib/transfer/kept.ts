// What this browser remembers of pulls that are not finished, so that they go on after the tab was closed (IndexedDB, because the
// place a person has chosen can be kept nowhere else). Without it they go on only as long as the tab is open.
import type { Promised } from './receiver';
import type { Target } from './save';
import type { Listed } from './wire';

export interface Kept extends Promised {
  offer: string;
  /** Whose browser fetches it: others may sign in at the same one. */
  me: string;
  room: string;
  by: string;
  name: string;
  at: number;
  target: Target;
  paused: boolean;
  /** Everything is here and waits to be handed over. */
  list?: Listed[];
}

const NAME = 'symposium-transfers';
const STORE = 'pulls';

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: 'offer' });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error('no storage'));
  });
}

async function run<Result>(
  mode: IDBTransactionMode,
  how: (store: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  const base = await open();
  try {
    return await new Promise<Result>((resolve, reject) => {
      const asked = how(base.transaction(STORE, mode).objectStore(STORE));
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error ?? new Error('no storage'));
    });
  } finally {
    base.close();
  }
}

export const allKept = (): Promise<Kept[]> => run<Kept[]>('readonly', (store) => store.getAll()).catch(() => []);

export async function keep(pull: Kept): Promise<void> {
  await run('readwrite', (store) => store.put(pull)).catch(() => undefined);
}

export async function forget(offer: string): Promise<void> {
  await run('readwrite', (store) => store.delete(offer)).catch(() => undefined);
}

// Finding emoji by name; the names are loaded when somebody first looks for one.
import type { Emoji } from './emoji-data';
import { fold } from './complete';

export type { Emoji };

export const QUICK = ['👍', '❤️', '😄', '🎉', '🙏', '👀'];

let loaded: Promise<Emoji[]> | undefined;

export function load(): Promise<Emoji[]> {
  loaded ??= import('./emoji-data').then(
    ({ emoji }) => emoji,
    (error: unknown) => {
      // Without a line now, there may be one next time.
      loaded = undefined;
      throw error;
    },
  );
  return loaded;
}

export function find(all: Emoji[], query: string, most = Infinity): Emoji[] {
  const wanted = fold(query.replaceAll('_', ' ').trim());
  if (wanted === '') return all.slice(0, most);
  const hits = all.filter(({ en, fr }) => ` ${fold(en)} ${fold(fr)}`.includes(` ${wanted}`));
  return hits.slice(0, most);
}

// Several people in a sentence: the first ones by name, the others by their number.
import { m } from '../paraglide/messages';
import { getLocale } from '../paraglide/runtime';

const MOST = 3;

/** "Anna", "Anna and Li", "Anna, Li, Bob and 4 others". `count`: of all, where not all are named. */
export function namesOf(names: readonly string[], count = names.length): string {
  const shown = names.length === count && count <= MOST ? names : names.slice(0, MOST);
  if (shown.length < count) return m.conference_names_more({ names: shown.join(', '), count: count - shown.length });
  const language = getLocale();
  return new Intl.ListFormat(language === 'en' ? 'en-GB' : language, { type: 'conjunction' }).format(shown);
}

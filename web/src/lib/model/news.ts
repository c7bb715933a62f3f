// What is news to a person, and what addresses them; the server counts in the same way. Pure.
import type { Item, NewLine, PersonId } from '../api/types';

/** Messages and files of others are; of calls those that were missed; not the call of a room that is over. */
export function isNews(line: Item | NewLine, me: PersonId): boolean {
  if (line.kind === 'call' || line.kind === 'called') return line.outcome === 'missed' && line.to === me;
  return line.by !== me && line.kind !== 'conference' && line.kind !== 'conferred';
}

/** Whether a line that is news addresses this person. */
export function addresses(line: NewLine, me: PersonId): boolean {
  if (line.kind === 'called') return line.to === me;
  return line.kind === 'said' && ((line.mention_all ?? false) || (line.mentions?.includes(me) ?? false));
}

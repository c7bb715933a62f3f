// Who is in a conference, made out of what the server says of it. Pure: no browser, no clock.
import type { News, Participant } from '../api/conference-types';
import type { PersonId } from '../api/types';

/** In the order of coming. */
export type People = readonly Participant[];

/** What has happened that is worth a word. */
export type Happened = 'came' | 'left' | 'lost' | 'hand-up' | 'screen-on' | 'screen-off';

export function after(people: People, news: News): People {
  switch (news.kind) {
    case 'joined':
      return news.people;
    case 'person': {
      const { kind: _, ...now } = news;
      const known = people.some(({ person }) => person === now.person);
      return known ? people.map((one) => (one.person === now.person ? now : one)) : [...people, now];
    }
    case 'left':
      return people.filter(({ person }) => person !== news.person);
    default:
      return people;
  }
}

/** What others should hear of the news, if anything, and of whom. */
export function told(people: People, news: News): { what: Happened; who: Participant } | undefined {
  if (news.kind === 'left') {
    const who = find(people, news.person);
    return who && { what: news.why === 'lost' ? 'lost' : 'left', who };
  }
  if (news.kind !== 'person') return undefined;
  const before = find(people, news.person);
  if (!before) return { what: 'came', who: news };
  if (before.shows.screen !== news.shows.screen)
    return { what: news.shows.screen ? 'screen-on' : 'screen-off', who: news };
  return !before.hand && news.hand ? { what: 'hand-up', who: news } : undefined;
}

/** Whether somebody has taken a place, the first time or again: what was wanted of them before is forgotten by the server. */
export function takesPlace(people: People, news: News): boolean {
  if (news.kind !== 'person') return false;
  const { kind: _, ...now } = news;
  const before = find(people, now.person);
  if (!before) return true;
  // A change is told when there is one, and each new place.
  return (before.away && !now.away) || JSON.stringify(before) === JSON.stringify(now);
}

export function find(people: People, person: PersonId): Participant | undefined {
  return people.find((one) => one.person === person);
}

/** Whose hand is up, whoever has waited longest first. */
export function hands(people: People): Participant[] {
  return people.filter(({ hand }) => hand).sort((a, b) => Number(a.hand) - Number(b.hand));
}

/** Hands in their order first, then everybody else in the order of coming. */
export function handsFirst(people: People): Participant[] {
  return [...hands(people), ...people.filter(({ hand }) => !hand)];
}

/** How many have their hand up before somebody, counted from one; nothing without a hand. */
export function turn(people: People, person: PersonId): number | null {
  const at = hands(people).findIndex((one) => one.person === person);
  return at < 0 ? null : at + 1;
}

const REMEMBERED = 8;

/** Who spoke last, the newest first. */
export function spokeLast(before: readonly PersonId[], now: PersonId): PersonId[] {
  return [now, ...before.filter((person) => person !== now)].slice(0, REMEMBERED);
}

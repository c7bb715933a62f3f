// What a completion offers: members by name, everyone where allowed, emoji by name.
import type { RoomModel } from '../../lib/model/room.svelte';
import { m } from '../../lib/paraglide/messages';
import { matches, type Wanted } from '../../lib/text/complete';
import { find, load, type Emoji } from '../../lib/text/emoji';

export interface Choice {
  key: string;
  name: string;
  insert: string;
  hint: string;
  person?: string;
}

const MOST = 8;

export class Choices {
  #emoji = $state.raw<Emoji[]>([]);

  /** Begins to load what will be needed; asking again costs nothing. */
  prepare(room: RoomModel, { kind }: Wanted): void {
    if (kind === 'mention') void room.members.load();
    else
      load().then(
        (all) => (this.#emoji = all),
        () => undefined,
      );
  }

  offer(room: RoomModel, me: string, language: 'en' | 'fr', { kind, query }: Wanted): Choice[] {
    return kind === 'mention' ? people(room, me, query) : this.#signs(query, language);
  }

  #signs(query: string, language: 'en' | 'fr'): Choice[] {
    return find(this.#emoji, query, MOST).map((one) => ({
      key: one.char,
      name: one.char,
      insert: one.char,
      hint: one[language],
    }));
  }
}

function people(room: RoomModel, me: string, query: string): Choice[] {
  const members = room.members.list.filter(({ person, name }) => person !== me && matches(name, query));
  const here = new Set(room.presence.here?.map(({ person }) => person));
  const choices = members
    .sort((a, b) => Number(here.has(b.person)) - Number(here.has(a.person)) || a.name.localeCompare(b.name))
    .slice(0, MOST)
    .map(({ person, name }) => ({
      key: person,
      name,
      insert: `@${name}`,
      hint: here.has(person) ? m.is_here() : '',
      person,
    }));
  const word = m.all_word();
  if (!room.may('mention_all') || !matches(word, query)) return choices;
  return [...choices, { key: 'all', name: word, insert: `@${word}`, hint: m.everyone_here() }];
}

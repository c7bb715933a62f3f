// The mirror of the server's law: applying events in order to what `entered` gave is the same as a fresh fetch. Pure.
import type { Event, Item, PersonName, Reaction, Seq } from '../api/types';

export interface State {
  seq: Seq;
  items: Item[];
}

/** Events already known are skipped, so that the same event twice changes nothing. */
export function apply(state: State, event: Event): State {
  if (event.seq <= state.seq) return state;
  return { seq: event.seq, items: change(state.items, event) };
}

/** What one event does to a run of items; the same event twice does it once. Targets outside the run are nobody's business. */
export function change(items: Item[], event: Event): Item[] {
  switch (event.kind) {
    case 'said':
      return items.some((item) => item.seq === event.seq) ? items : [...items, said(event)];
    case 'edited':
      return touch(items, event.target, (item) => edited(item, event));
    case 'deleted':
      return touch(items, event.target, (item) => deleted(item, event));
    case 'reacted':
      return touch(items, event.target, (item) =>
        reacted(item, event.emoji, { person: event.by, name: event.name }, event.on),
      );
    default:
      return items;
  }
}

function said({ seq, at, by, name, nonce, body, reply_to, mentions, mention_all }: Event & { kind: 'said' }): Item {
  return {
    kind: 'message',
    seq,
    at,
    by,
    name,
    body,
    nonce,
    ...(reply_to === undefined ? {} : { reply_to }),
    ...(mentions?.length ? { mentions } : {}),
    ...(mention_all ? { mention_all } : {}),
  };
}

function edited(item: Item, event: Event & { kind: 'edited' }): Item {
  if (item.deleted) return item;
  const { mentions: _former, ...rest } = item;
  return {
    ...rest,
    body: event.body,
    edited_at: event.at,
    ...(event.mentions?.length ? { mentions: event.mentions } : {}),
  };
}

function deleted(item: Item, event: Event & { kind: 'deleted' }): Item {
  const { reactions: _gone, mentions: _nobody, mention_all: _all, edited_at: _then, ...rest } = item;
  return { ...rest, body: '', deleted: { at: event.at, moderated: event.moderated } };
}

function reacted(item: Item, emoji: string, who: PersonName, on: boolean): Item {
  if (item.deleted) return item;
  const before = item.reactions ?? [];
  const known = before.some((reaction) => reaction.emoji === emoji);
  const all = on && !known ? [...before, { emoji, by: [] }] : before;
  const reactions = all.map((r) => (r.emoji === emoji ? withPerson(r, who, on) : r)).filter((r) => r.by.length > 0);
  const { reactions: _former, ...rest } = item;
  return reactions.length > 0 ? { ...rest, reactions } : rest;
}

function withPerson(reaction: Reaction, who: PersonName, on: boolean): Reaction {
  const has = reaction.by.some(({ person }) => person === who.person);
  if (has === on) return reaction;
  const by = on ? [...reaction.by, who] : reaction.by.filter(({ person }) => person !== who.person);
  return { ...reaction, by };
}

function touch(items: Item[], target: Seq, how: (item: Item) => Item): Item[] {
  const index = items.findLastIndex(({ seq }) => seq === target);
  const item = items[index];
  return item ? items.with(index, how(item)) : items;
}

// The mirror of the server's law: applying events in order to what `entered` gave is the same as a fresh fetch. Pure.
import type { Event, Item, Reaction, Reactor, Seq } from '../api/types';

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
        reacted(item, event.emoji, { person: event.by, name: event.name, seq: event.seq }, event.on),
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
    ...(reply_to ? { reply_to } : {}),
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
  const { reactions: _gone, mentions: _nobody, mention_all: _all, ...rest } = item;
  return { ...rest, body: '', deleted: { at: event.at, moderated: event.moderated } };
}

// Whoever reacts again moves to the end; emoji stand in the order of their first reaction.
function reacted(item: Item, emoji: string, who: Reactor, on: boolean): Item {
  if (item.deleted) return item;
  const before = item.reactions ?? [];
  const known = before.some((reaction) => reaction.emoji === emoji);
  const all = on && !known ? [...before, { emoji, by: [] }] : before;
  const reactions = all
    .map((one): Reaction => (one.emoji === emoji ? { emoji, by: withPerson(one.by, who, on) } : one))
    .filter(({ by }) => by.length > 0)
    .sort((a, b) => (a.by[0]?.seq ?? 0) - (b.by[0]?.seq ?? 0));
  const { reactions: _former, ...rest } = item;
  return reactions.length > 0 ? { ...rest, reactions } : rest;
}

function withPerson(by: Reactor[], who: Reactor, on: boolean): Reactor[] {
  const others = by.filter(({ person }) => person !== who.person);
  return on ? [...others, who].sort((a, b) => a.seq - b.seq) : others;
}

function touch(items: Item[], target: Seq, how: (item: Item) => Item): Item[] {
  const index = items.findLastIndex(({ seq }) => seq === target);
  const item = items[index];
  return item ? items.with(index, how(item)) : items;
}

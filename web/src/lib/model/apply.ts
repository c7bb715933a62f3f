// The mirror of the server's law: applying events in order to what `entered` gave is the same as a fresh fetch. Pure.
import type { Event, Item, Message, NewLine, Reaction, Reactor, Seq } from '../api/types';

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
    case 'called':
    case 'conferred':
    case 'offered':
      return items.some((item) => item.seq === event.seq) ? items : [...items, line(event)];
    case 'edited':
      return touch(items, event.target, (item) => (item.kind === 'message' ? edited(item, event) : item));
    case 'deleted':
      return touch(items, event.target, (item) => deleted(item, event));
    case 'reacted': {
      const who = { person: event.by, name: event.name, seq: event.seq };
      return touch(items, event.target, (item) =>
        item.kind === 'message' ? reacted(item, event.emoji, who, event.on) : item,
      );
    }
    case 'closed': {
      const closed = { at: event.at, why: event.why };
      return touch(items, event.target, (item) => (item.kind === 'offer' ? { ...item, closed } : item));
    }
    default:
      return items;
  }
}

/** Whether an event is a new line of its own, and no change to another. */
export function isLine(event: Event): event is NewLine {
  return ['said', 'called', 'conferred', 'offered'].includes(event.kind);
}

function line(event: NewLine): Item {
  if (event.kind === 'called') return { ...event, kind: 'call' };
  if (event.kind === 'conferred') return { ...event, kind: 'conference' };
  return event.kind === 'offered' ? { ...event, kind: 'offer' } : said(event);
}

function said({
  seq,
  at,
  by,
  name,
  nonce,
  body,
  reply_to,
  mentions,
  mention_all,
}: NewLine & { kind: 'said' }): Message {
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

function edited(item: Message, event: Event & { kind: 'edited' }): Message {
  if (item.deleted) return item;
  const { mentions: _former, ...rest } = item;
  return {
    ...rest,
    body: event.body,
    edited_at: event.at,
    ...(event.mentions?.length ? { mentions: event.mentions } : {}),
  };
}

function deleted(item: Item, { at, moderated }: Event & { kind: 'deleted' }): Item {
  if (item.kind === 'call' || item.kind === 'conference') return item;
  if (item.kind === 'offer') return { ...item, files: [], deleted: { at, moderated } };
  const { reactions: _gone, mentions: _nobody, mention_all: _all, ...rest } = item;
  return { ...rest, body: '', deleted: { at, moderated } };
}

// Whoever reacts again moves to the end; emoji stand in the order of their first reaction.
function reacted(item: Message, emoji: string, who: Reactor, on: boolean): Message {
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

// How messages are laid out as a document: days, the line before what is new, and groups of one author within five minutes. Pure.
import type { Item, Seq } from '../api/types';
import { startOfDay } from '../text/time';

export type Row = { kind: 'day'; key: string; at: number } | { kind: 'new'; key: string } | MessageRow;

interface MessageRow {
  kind: 'message';
  key: number;
  item: Item;
  /** The first of its author's, with face and name. */
  head: boolean;
}

const TOGETHER_MS = 5 * 60_000;
/** A row that has not changed stays the same object, so that the view has nothing to do for it. */
const made = new WeakMap<Item, MessageRow>();

function message(item: Item, head: boolean): MessageRow {
  const before = made.get(item);
  if (before?.head === head) return before;
  const row: MessageRow = { kind: 'message', key: item.seq, item, head };
  made.set(item, row);
  return row;
}

export function rows(items: Item[], divider: Seq | null, me: string): Row[] {
  const out: Row[] = [];
  let before: Item | undefined;
  let first: Item | undefined;
  let divided = divider === null;
  for (const item of items) {
    const newDay = !before || startOfDay(item.at) !== startOfDay(before.at);
    const newPart = !divided && item.seq > (divider ?? 0) && item.by !== me;
    if (newDay) out.push({ kind: 'day', key: `day-${startOfDay(item.at)}`, at: item.at });
    if (newPart) {
      divided = true;
      out.push({ kind: 'new', key: 'new' });
    }
    const head = !before || !first || newDay || newPart || !belongs(item, before, first);
    if (head) first = item;
    out.push(message(item, head));
    before = item;
  }
  return out;
}

function belongs(item: Item, before: Item, head: Item): boolean {
  return item.by === before.by && item.name === before.name && item.at - head.at < TOGETHER_MS && !item.reply_to;
}

// How a room is laid out as a document: days, the line before what is new, groups of one author within five minutes, and between
// them calls and offers of files, each a line of its own. Pure.
import type { CallItem, ConferenceItem, Item, Message, OfferItem, Seq } from '../api/types';
import { startOfDay } from '../text/time';
import { isNews } from './news';

export type Row =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'new'; key: string }
  | MessageRow
  | Line<'call', CallItem>
  | Line<'conference', ConferenceItem>
  | Line<'offer', OfferItem>;

interface Line<Kind, Of> {
  kind: Kind;
  key: number;
  item: Of;
}
interface MessageRow extends Line<'message', Message> {
  /** The first of its author's, with face and name. */
  head: boolean;
}

const TOGETHER_MS = 5 * 60_000;
/** A row that has not changed stays the same object, so that the view has nothing to do for it. */
const made = new WeakMap<Item, Row>();

function kept(item: Item, head: boolean): Row {
  const before = made.get(item);
  if (before && (before.kind !== 'message' || before.head === head)) return before;
  const row = rowOf(item, head);
  made.set(item, row);
  return row;
}

function rowOf(item: Item, head: boolean): Row {
  const key = item.seq;
  if (item.kind === 'message') return { kind: 'message', key, item, head };
  if (item.kind === 'conference') return { kind: 'conference', key, item };
  return item.kind === 'call' ? { kind: 'call', key, item } : { kind: 'offer', key, item };
}

export function rows(items: Item[], divider: Seq | null, me: string): Row[] {
  const out: Row[] = [];
  let before: Item | undefined;
  let first: Item | undefined;
  let divided = divider === null;
  for (const item of items) {
    const newDay = !before || startOfDay(item.at) !== startOfDay(before.at);
    const newPart = !divided && item.seq > (divider ?? 0) && isNews(item, me);
    if (newDay) out.push({ kind: 'day', key: `day-${startOfDay(item.at)}`, at: item.at });
    if (newPart) {
      divided = true;
      out.push({ kind: 'new', key: 'new' });
    }
    const head = !before || !first || newDay || newPart || !belongs(item, before, first);
    if (head) first = item;
    out.push(kept(item, head));
    before = item;
  }
  return out;
}

function belongs(item: Item, before: Item, head: Item): boolean {
  if (item.kind !== 'message' || before.kind !== 'message') return false;
  return item.by === before.by && item.name === before.name && item.at - head.at < TOGETHER_MS && !item.reply_to;
}

// A message as one sentence: author, role, time, what it answers, the words, reactions, whether it was edited.
import type { Message } from '../../lib/api/types';
import { m } from '../../lib/paraglide/messages';
import { plain } from '../../lib/text/markdown';
import { clock } from '../../lib/text/time';

export function sentenceOf(item: Message, role: string, answered: string | undefined): string {
  const author = role ? `${item.name} (${role})` : item.name;
  const count = item.reactions?.reduce((sum, { by }) => sum + by.length, 0) ?? 0;
  const words = item.deleted ? (item.deleted.moderated ? m.deleted_by_moderator() : m.deleted()) : plain(item.body);
  const parts = [
    `${author}, ${clock(item.at)}`,
    !item.reply_to ? '' : answered ? m.in_reply_to({ name: answered }) : m.in_reply(),
    words,
    count > 0 ? m.reactions_count({ count }) : '',
    item.edited_at ? m.edited() : '',
  ];
  return parts.filter(Boolean).join('. ');
}

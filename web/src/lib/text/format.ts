// What the formatting buttons do to a text and its selection. Pure: takes and gives text with a selection.

export interface Selected {
  text: string;
  start: number;
  end: number;
}
export type Mark = 'bold' | 'italic' | 'strike' | 'code' | 'quote' | 'list' | 'link';

const AROUND: Partial<Record<Mark, string>> = { bold: '**', italic: '*', strike: '~~', code: '`' };
const BEFORE: Partial<Record<Mark, string>> = { quote: '> ', list: '- ' };

export function mark(selected: Selected, how: Mark): Selected {
  const around = AROUND[how];
  const before = BEFORE[how];
  if (around) return wrap(selected, around, around);
  if (before) return prefix(selected, before);
  return wrap(selected, '[', '](https://)');
}

function wrap({ text, start, end }: Selected, open: string, close: string): Selected {
  const inside = text.slice(start, end);
  const marked = open + inside + close;
  return {
    text: text.slice(0, start) + marked + text.slice(end),
    start: start + open.length,
    end: start + open.length + inside.length,
  };
}

function prefix({ text, start, end }: Selected, before: string): Selected {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const lines = text.slice(from, end).split('\n');
  const marked = lines.map((line) => before + line).join('\n');
  return {
    text: text.slice(0, from) + marked + text.slice(end),
    start: start + before.length,
    end: end + before.length * lines.length,
  };
}

/** Replaces a part, with the cursor after it. */
export function replace({ text }: Selected, from: number, to: number, by: string): Selected {
  const at = from + by.length;
  return { text: text.slice(0, from) + by + text.slice(to), start: at, end: at };
}

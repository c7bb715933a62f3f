// Message text to a small tree of safe nodes. No raw HTML, no images, no headings; only http, https and mailto links.
import type { Nodes, PhrasingContent, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmAutolinkLiteralFromMarkdown } from 'mdast-util-gfm-autolink-literal';
import { gfmStrikethroughFromMarkdown } from 'mdast-util-gfm-strikethrough';
import { gfmAutolinkLiteral } from 'micromark-extension-gfm-autolink-literal';
import { gfmStrikethrough } from 'micromark-extension-gfm-strikethrough';

export type Piece =
  | { type: 'text'; text: string }
  | { type: 'mention'; text: string }
  | { type: 'code'; text: string }
  | { type: 'block-code'; text: string }
  | { type: 'break' }
  | { type: 'link'; href: string; inside: Piece[] }
  | { type: 'strong' | 'em' | 'del' | 'p' | 'quote' | 'li' | 'ul'; inside: Piece[] }
  | { type: 'ol'; start: number; inside: Piece[] };

const OFF = [
  'htmlFlow',
  'htmlText',
  'labelStartImage',
  'definition',
  'headingAtx',
  'setextUnderline',
  'thematicBreak',
  'codeIndented',
  'characterReference',
];
const SAFE = /^(https?:|mailto:)/i;
/** Twice what a room shows; the least recently used goes first, so that what is on screen is never parsed again. */
const REMEMBERED = 500;
const seen = new Map<string, Piece[]>();

/** Things within things, more than anybody means. What goes deeper is shown as it was typed: it would take the page along. */
const DEEPEST = 20;
/** Lists in lists, or stars before a word; a line of nothing but dashes or stars is none of that. */
const TOO_DEEP = new RegExp(
  String.raw`^(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])[ \t])){${DEEPEST + 1}}|([*_~])\1{${DEEPEST},}(?=[^\s*_~])|\[{${DEEPEST + 1}}`,
  'mu',
);

/** More marks of emphasis than anybody writes: what they may belong to takes seconds to find out. Code may have them. */
const MOST_MARKS = 400;
const CODE = /^(`{3,}|~{3,})[\s\S]*?^\1/gmu;

function isHarmful(body: string): boolean {
  if (TOO_DEEP.test(body)) return true;
  return (body.replaceAll(CODE, '').match(/[*_~]+/gu)?.length ?? 0) > MOST_MARKS;
}

/** `names` are those of the mentioned people, without the @. */
export function parse(body: string, names: string[] = []): Piece[] {
  const key = [body, ...names].join('\n\0');
  const known = seen.get(key);
  if (known) {
    seen.delete(key);
    seen.set(key, known);
    return known;
  }
  const pieces = isHarmful(body) ? asTyped(body) : taken(body, names);
  const [oldest] = seen.keys();
  if (seen.size >= REMEMBERED && oldest !== undefined) seen.delete(oldest);
  seen.set(key, pieces);
  return pieces;
}

function taken(body: string, names: string[]): Piece[] {
  try {
    const tree = fromMarkdown(body, {
      extensions: [gfmAutolinkLiteral(), gfmStrikethrough({ singleTilde: false }), { disable: { null: OFF } }],
      mdastExtensions: [gfmAutolinkLiteralFromMarkdown(), gfmStrikethroughFromMarkdown()],
    });
    return all(tree.children, mentionPattern(names), 0);
  } catch {
    return asTyped(body);
  }
}

function asTyped(body: string): Piece[] {
  const lines = body.split('\n').map((text): Piece => ({ type: 'text', text }));
  return [{ type: 'p', inside: lines.flatMap((line, i) => (i > 0 ? [{ type: 'break' }, line] : [line])) }];
}

/** The very first parsing takes as long as a screen of messages, because its code is only then made ready. */
export function warmUp(): void {
  parse('A *word* and **more**, ~~not~~ `this`: <https://example.org/>\n\n> quoted\n\n1. one\n- two');
}

/** The words alone, for sentences read aloud and for quoted lines. */
export function plain(body: string): string {
  const flat = (pieces: Piece[]): string =>
    pieces
      .map(
        (piece) =>
          ('inside' in piece ? flat(piece.inside) : 'text' in piece ? piece.text : ' ') + (isBlock(piece) ? ' ' : ''),
      )
      .join('');
  return flat(parse(body)).replaceAll(/\s+/gu, ' ').trim();
}

function isBlock({ type }: Piece): boolean {
  return type === 'p' || type === 'li' || type === 'block-code';
}

type Pattern = RegExp | null;

function all(nodes: (RootContent | PhrasingContent)[], names: Pattern, depth: number): Piece[] {
  if (depth > DEEPEST) throw new RangeError('too deep');
  return nodes.flatMap((node) => piece(node, names, depth + 1));
}

function piece(node: Nodes, names: Pattern, depth: number): Piece[] {
  switch (node.type) {
    case 'text':
      return text(node.value, names);
    case 'strong':
      return [{ type: 'strong', inside: all(node.children, names, depth) }];
    case 'emphasis':
      return [{ type: 'em', inside: all(node.children, names, depth) }];
    case 'delete':
      return [{ type: 'del', inside: all(node.children, names, depth) }];
    case 'inlineCode':
      return [{ type: 'code', text: node.value }];
    case 'code':
      return [{ type: 'block-code', text: node.value }];
    case 'break':
      return [{ type: 'break' }];
    case 'link':
      return SAFE.test(node.url)
        ? [{ type: 'link', href: node.url, inside: all(node.children, null, depth) }]
        : all(node.children, names, depth);
    case 'paragraph':
      return [{ type: 'p', inside: all(node.children, names, depth) }];
    case 'blockquote':
      return [{ type: 'quote', inside: all(node.children, names, depth) }];
    case 'list':
      return node.ordered
        ? [{ type: 'ol', start: node.start ?? 1, inside: all(node.children, names, depth) }]
        : [{ type: 'ul', inside: all(node.children, names, depth) }];
    case 'listItem':
      return [{ type: 'li', inside: all(node.children, names, depth) }];
    default:
      return 'value' in node ? text(node.value, names) : [];
  }
}

function text(value: string, names: Pattern): Piece[] {
  if (!names) return [{ type: 'text', text: value }];
  return value
    .split(names)
    .map((part, i): Piece => ({ type: i % 2 === 1 ? 'mention' : 'text', text: part }))
    .filter((part) => 'text' in part && part.text !== '');
}

function mentionPattern(names: string[]): Pattern {
  const escaped = names.filter(Boolean).map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return escaped.length > 0 ? new RegExp(`(@(?:${escaped.sort((a, b) => b.length - a.length).join('|')}))`, 'u') : null;
}

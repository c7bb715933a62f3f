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

/** `names` are those of the mentioned people, without the @. */
export function parse(body: string, names: string[] = []): Piece[] {
  const key = [body, ...names].join('\n\0');
  const known = seen.get(key);
  if (known) {
    seen.delete(key);
    seen.set(key, known);
    return known;
  }
  const tree = fromMarkdown(body, {
    extensions: [gfmAutolinkLiteral(), gfmStrikethrough({ singleTilde: false }), { disable: { null: OFF } }],
    mdastExtensions: [gfmAutolinkLiteralFromMarkdown(), gfmStrikethroughFromMarkdown()],
  });
  const pieces = all(tree.children, mentionPattern(names));
  const [oldest] = seen.keys();
  if (seen.size >= REMEMBERED && oldest !== undefined) seen.delete(oldest);
  seen.set(key, pieces);
  return pieces;
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

function all(nodes: (RootContent | PhrasingContent)[], names: Pattern): Piece[] {
  return nodes.flatMap((node) => piece(node, names));
}

function piece(node: Nodes, names: Pattern): Piece[] {
  switch (node.type) {
    case 'text':
      return text(node.value, names);
    case 'strong':
      return [{ type: 'strong', inside: all(node.children, names) }];
    case 'emphasis':
      return [{ type: 'em', inside: all(node.children, names) }];
    case 'delete':
      return [{ type: 'del', inside: all(node.children, names) }];
    case 'inlineCode':
      return [{ type: 'code', text: node.value }];
    case 'code':
      return [{ type: 'block-code', text: node.value }];
    case 'break':
      return [{ type: 'break' }];
    case 'link':
      return SAFE.test(node.url)
        ? [{ type: 'link', href: node.url, inside: all(node.children, null) }]
        : all(node.children, names);
    case 'paragraph':
      return [{ type: 'p', inside: all(node.children, names) }];
    case 'blockquote':
      return [{ type: 'quote', inside: all(node.children, names) }];
    case 'list':
      return node.ordered
        ? [{ type: 'ol', start: node.start ?? 1, inside: all(node.children, names) }]
        : [{ type: 'ul', inside: all(node.children, names) }];
    case 'listItem':
      return [{ type: 'li', inside: all(node.children, names) }];
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

// What a person is about to complete in the composer: a name after @, or an emoji after a colon.

export interface Wanted {
  kind: 'mention' | 'emoji';
  query: string;
  from: number;
}

const MENTION = /(?:^|[\s(])@([\p{L}\p{N}'’.-]*(?: [\p{L}\p{N}'’.-]*)?)$/u;
const EMOJI = /(?:^|\s):([\p{L}\p{N}_+-]{2,})$/u;

export function wanted(text: string, cursor: number): Wanted | null {
  const before = text.slice(0, cursor);
  const mention = MENTION.exec(before)?.[1];
  if (mention !== undefined) return { kind: 'mention', query: mention, from: cursor - mention.length - 1 };
  const emoji = EMOJI.exec(before)?.[1];
  return emoji === undefined ? null : { kind: 'emoji', query: emoji, from: cursor - emoji.length - 1 };
}

/** Compares as people type: without case and accents. */
export function fold(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
}

export function matches(name: string, query: string): boolean {
  const wantedText = fold(query);
  const folded = fold(name);
  return folded.startsWith(wantedText) || folded.split(/[\s-]+/u).some((word) => word.startsWith(wantedText));
}

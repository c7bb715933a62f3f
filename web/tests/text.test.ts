// User text is data: what markdown may become, what completion looks for, how rows and days are made.
import { describe, expect, it } from 'vitest';
import type { Item } from '../src/lib/api/types';
import { rows } from '../src/lib/model/rows';
import { wanted } from '../src/lib/text/complete';
import { emoji } from '../src/lib/text/emoji-data';
import { find } from '../src/lib/text/emoji';
import { mark } from '../src/lib/text/format';
import { parse, plain } from '../src/lib/text/markdown';
import { hueOf, initials } from '../src/lib/text/names';
import { day } from '../src/lib/text/time';

const links = (body: string) => JSON.stringify(parse(body)).match(/"href":"[^"]*"/g) ?? [];

describe('message text', () => {
  it('keeps HTML as the characters that were typed', () => {
    expect(plain('<b onclick="x()">hi</b> <script>1</script>')).toBe('<b onclick="x()">hi</b> <script>1</script>');
  });

  it('links only to the web and to mail', () => {
    expect(links('[a](javascript:alert(1)) [b](data:text/html,x) <ftp://x.org>')).toEqual([]);
    expect(links('https://example.org and [c](mailto:a@example.org)')).toEqual([
      '"href":"https://example.org"',
      '"href":"mailto:a@example.org"',
    ]);
  });

  it('never fetches an image', () => {
    expect(JSON.stringify(parse('![x](https://example.org/x.png)'))).not.toContain('image');
  });

  it('knows a small formatting subset and no headings', () => {
    expect(parse('# **b** ~~s~~')).toEqual([
      {
        type: 'p',
        inside: [
          { type: 'text', text: '# ' },
          { type: 'strong', inside: [{ type: 'text', text: 'b' }] },
          { type: 'text', text: ' ' },
          { type: 'del', inside: [{ type: 'text', text: 's' }] },
        ],
      },
    ]);
  });

  it.each([
    ['lists in lists', '- '.repeat(3999) + 'a'],
    ['quotes in quotes', '>'.repeat(7999) + 'a'],
    ['numbered lists in lists', '1. '.repeat(2600) + 'a'],
    ['a run of stars', '*'.repeat(3999) + 'a' + '*'.repeat(3999)],
    ['stars in stars', '*a '.repeat(1300) + 'a* '.repeat(1300)],
    ['strong in struck in strong', '**a ~~b '.repeat(500) + 'b~~ a** '.repeat(490)],
    ['as many stars as are borne', '*a '.repeat(200) + 'a* '.repeat(200)],
    ['brackets', '['.repeat(8000)],
    ['links that begin', '[a]('.repeat(2000)],
    ['links in links', '['.repeat(15) + 'a' + '](http://a.example)'.repeat(400)],
    ['lists that grow', Array.from({ length: 110 }, (_, n) => ' '.repeat(2 * (n % 60)) + '- a').join('\n')],
    ['ticks', Array.from({ length: 120 }, (_, n) => '`'.repeat(n + 1)).join(' ')],
    ['angles', '<a@b.'.repeat(1600)],
    ['addresses', 'a@b.c-_'.repeat(1100)],
  ])('shows %s without harm to the page', (_, body) => {
    const depth = (pieces: ReturnType<typeof parse>): number =>
      Math.max(0, ...pieces.map((piece) => ('inside' in piece ? 1 + depth(piece.inside) : 1)));
    expect(depth(parse(body))).toBeLessThan(25);
    expect(plain(body).length).toBeGreaterThan(0);
  });

  it.each(['-', '*', '_', '=', '.'])('keeps what stands below a line of %s', (mark) => {
    expect(JSON.stringify(parse(`${mark.repeat(60)}\n**bold** https://example.org/`))).toMatch(/"strong".*"href"/);
  });

  it('marks only the names of people who were mentioned', () => {
    expect(parse('@Alice L. and @Bob', ['Alice L.'])[0]).toEqual({
      type: 'p',
      inside: [
        { type: 'mention', text: '@Alice L.' },
        { type: 'text', text: ' and @Bob' },
      ],
    });
  });
});

describe('writing', () => {
  it('completes names after @ and emoji after a colon, not addresses or times', () => {
    expect(wanted('hello @Ali', 10)).toEqual({ kind: 'mention', query: 'Ali', from: 6 });
    expect(wanted('so :tul', 7)).toEqual({ kind: 'emoji', query: 'tul', from: 3 });
    expect(wanted('me@example', 10)).toBeNull();
    expect(wanted('at 10:30', 8)).toBeNull();
  });

  it('wraps a selection and keeps it selected', () => {
    expect(mark({ text: 'a word', start: 2, end: 6 }, 'bold')).toEqual({ text: 'a **word**', start: 4, end: 8 });
  });

  it('finds emoji by either language, without accents', () => {
    expect(find(emoji, 'fete').map(({ char }) => char)).toContain('🎉');
    expect(find(emoji, 'tulip')[0]?.char).toBe('🌷');
  });
});

describe('reading', () => {
  const item = (seq: number, by: string, at: number): Item => ({
    kind: 'message',
    seq,
    at,
    by,
    name: by,
    body: '',
    nonce: '',
  });
  const noon = new Date(2026, 2, 3, 12).getTime();

  it('groups one author for five minutes, and separates days and what is new', () => {
    const items = [
      item(1, 'a', noon),
      item(2, 'a', noon + 60_000),
      item(3, 'a', noon + 400_000),
      item(4, 'b', noon + 86_400_000),
    ];
    expect(rows(items, 3, 'me').map(({ kind }) => kind)).toEqual([
      'day',
      'message',
      'message',
      'message',
      'day',
      'new',
      'message',
    ]);
  });

  it('says days as words', () => {
    expect(day(noon, 'en', noon + 86_400_000)).toBe('Yesterday');
    expect(day(noon, 'en', noon + 5 * 86_400_000)).toBe('Tuesday 3 March');
  });

  it('always gives the same initials and hue', () => {
    expect(initials('Chloé Desrosiers-Lambert')).toBe('CL');
    expect(hueOf('01A')).toBe(hueOf('01A'));
  });
});

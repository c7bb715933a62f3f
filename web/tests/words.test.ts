// Both languages are complete, and French is set as French.
import { describe, expect, it } from 'vitest';
import en from '../messages/en.json';
import fr from '../messages/fr.json';

const texts = Object.values(fr).flatMap((text) =>
  typeof text === 'string' ? [text] : Object.values(text[0]?.match ?? {}),
);

describe('the texts', () => {
  it('exist in both languages', () => {
    expect(Object.keys(fr)).toEqual(Object.keys(en));
  });

  it('have no breaking space before high punctuation or inside guillemets', () => {
    expect(texts.filter((text) => / [?!;:»]|« /u.test(text))).toEqual([]);
  });

  it('use the typographic apostrophe', () => {
    expect([...texts, ...Object.values(en)].filter((text) => typeof text === 'string' && text.includes("'"))).toEqual(
      [],
    );
  });
});

// Writing in one room: the draft outlives the page and an edit, and only names still in the text are mentioned.
import { describe, expect, it, vi } from 'vitest';
import { Composer } from '../src/lib/model/composer.svelte';
import { Store } from '../src/lib/model/store';
import { said } from './screens/support';

function setUp() {
  const items = new Map<string, string>();
  const store = new Store(
    {
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => void items.set(key, value),
      removeItem: (key) => void items.delete(key),
    },
    '',
  );
  const typing = vi.fn();
  return { store, typing, items, composer: new Composer(store, typing) };
}

describe('the composer', () => {
  it('finds its draft and what it answers after a reload, and keeps nothing once sent', () => {
    const { composer, store, items } = setUp();
    composer.reply(said(4));
    composer.write('Half a thou');
    const later = new Composer(store, vi.fn());
    expect([later.text, later.replyTo?.seq, later.draft(false).reply_to]).toEqual(['Half a thou', 4, 4]);
    later.done();
    expect([later.text, items.size]).toEqual(['', 0]);
  });

  it('gives the draft back after an edit, saved or given up', () => {
    const { composer, store } = setUp();
    composer.write('My draft');
    composer.edit(said(2, { body: 'Old words' }));
    composer.write('New words');
    expect(new Composer(store, vi.fn()).text).toBe('My draft');
    composer.done();
    expect([composer.text, composer.editing]).toEqual(['My draft', null]);
  });

  it('mentions whom it picked as long as the name stands in the text, and everyone only where allowed', () => {
    const { composer } = setUp();
    composer.picked({ name: 'Alice Liddell', person: '01AL' });
    composer.picked({ name: 'Bob Fontaine', person: '01BO' });
    composer.write('@Alice Liddell and @all, look');
    expect(composer.draft(true)).toMatchObject({ mentions: ['01AL'], mention_all: true });
    expect(composer.draft(false).mention_all).toBeUndefined();
  });

  it('still mentions after a reload, and after an edit that only mends a word', () => {
    const { composer, store } = setUp();
    composer.picked({ name: 'Bob Fontaine', person: '01BO' });
    composer.write('@Bob Fontaine, see teh plan');
    expect(new Composer(store, vi.fn()).draft(false).mentions).toEqual(['01BO']);
    composer.done();
    composer.edit(said(2, { body: '@Bob Fontaine, see teh plan' }), [{ name: 'Bob Fontaine', person: '01BO' }]);
    composer.write('@Bob Fontaine, see the plan');
    expect(composer.draft(false).mentions).toEqual(['01BO']);
  });

  it('takes a refused text back only when nothing else would be lost', () => {
    const { composer } = setUp();
    expect(composer.putBack('Refused', 'not_allowed')).toBe(true);
    expect([composer.text, composer.refusal]).toEqual(['Refused', 'not_allowed']);
    expect(composer.putBack('Another', 'not_allowed')).toBe(false);
  });

  it('says that somebody writes once in a while, and that they stopped', () => {
    const { composer, typing } = setUp();
    composer.write('a');
    composer.write('ab');
    composer.rest();
    composer.rest();
    expect(typing.mock.calls).toEqual([[true], [false]]);
  });
});

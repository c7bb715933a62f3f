// What is made of a call of a room in words: who is in it, who comes and goes, its keys, and the line that is left of it.
import { describe, expect, it, vi } from 'vitest';
import type { News, Participant } from '../src/lib/api/conference-types';
import type { Event, NewLine } from '../src/lib/api/types';
import { apply } from '../src/lib/model/apply';
import { Comings } from '../src/lib/model/comings';
import { conferenceKeyOf } from '../src/lib/model/conference-keys';
import { after, handsFirst, spokeLast, told, turn } from '../src/lib/model/conference-people';
import { isNews } from '../src/lib/model/news';
import { rows } from '../src/lib/model/rows';
import { conferenceLine } from '../src/lib/text/lines';
import { namesOf } from '../src/lib/text/people';

const ME = '01ME';
const somebody = (person: string, more: Partial<Participant> = {}): Participant => ({
  person,
  name: `Name of ${person}`,
  leads: false,
  shows: { microphone: true, camera: false, screen: false },
  away: false,
  ...more,
});
const joined = (...people: Participant[]): News => ({
  kind: 'joined',
  call: 'C',
  since: 1000,
  locked: false,
  people: [somebody(ME), ...people],
});

describe('who is in a call', () => {
  const [a, b] = [somebody('A'), somebody('B')];

  it('follows what the server says', () => {
    let people = after([], joined(a));
    people = after(people, { kind: 'person', ...b });
    people = after(people, { kind: 'person', ...a, away: true });
    expect(people.map(({ person, away }) => [person, away])).toEqual([
      [ME, false],
      ['A', true],
      ['B', false],
    ]);
    expect(after(people, { kind: 'left', person: 'A', why: 'lost' }).map(({ person }) => person)).toEqual([ME, 'B']);
  });

  it('is told in words only when it matters', () => {
    const screen = { ...a, shows: { ...a.shows, screen: true } };
    const of = (news: News) => told([a], news)?.what;
    expect(of({ kind: 'person', ...b })).toBe('came');
    expect(of({ kind: 'person', ...a, hand: 5 })).toBe('hand-up');
    expect(of({ kind: 'person', ...screen })).toBe('screen-on');
    expect(told([screen], { kind: 'person', ...a })?.what).toBe('screen-off');
    expect(of({ kind: 'left', person: 'A', why: 'left' })).toBe('left');
    expect(of({ kind: 'left', person: 'A', why: 'lost' })).toBe('lost');
    expect(of({ kind: 'person', ...a, away: true })).toBeUndefined();
  });

  it('has hands in the order in which they went up', () => {
    const people = [a, { ...b, hand: 20 }, somebody('C', { hand: 10 })];
    expect(handsFirst(people).map(({ person }) => person)).toEqual(['C', 'B', 'A']);
    expect([turn(people, 'C'), turn(people, 'B'), turn(people, 'A')]).toEqual([1, 2, null]);
  });

  it('remembers who spoke last', () => {
    expect(spokeLast(spokeLast(spokeLast([], 'A'), 'B'), 'A')).toEqual(['A', 'B']);
  });
});

describe('what is said aloud of a call', () => {
  it('names a few, and counts the others', () => {
    expect([namesOf(['Anna']), namesOf(['Anna', 'Li']), namesOf(['Anna', 'Li', 'Bob', 'Eve', 'Zoë'])]).toEqual([
      'Anna',
      'Anna and Li',
      'Anna, Li, Bob and 2 others',
    ]);
    expect(namesOf(['Anna', 'Li'], 7)).toBe('Anna, Li and 5 others');
  });

  it('puts those who come and go in the same moments together', async () => {
    vi.useFakeTimers();
    const said: [string, string[]][] = [];
    const comings = new Comings((how, names) => said.push([how, names]));
    comings.add('came', 'Anna');
    comings.add('came', 'Li');
    comings.add('left', 'Bob');
    await vi.advanceTimersByTimeAsync(300);
    expect(said).toEqual([['came', ['Anna', 'Li']]]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(said.at(-1)).toEqual(['left', ['Bob']]);
    comings.add('came', 'Eve');
    await vi.advanceTimersByTimeAsync(1000);
    expect(said.length).toBe(2);
    await vi.advanceTimersByTimeAsync(1000);
    expect(said.length).toBe(3);
    comings.close();
    vi.useRealTimers();
  });

  it('and its keys are none that belong to a field; who wants no single keys can still leave', () => {
    const key = (key: string, single = true, field = false, command = false) =>
      conferenceKeyOf(
        { key, ctrlKey: command, metaKey: false, altKey: false, shiftKey: command },
        { field, button: false },
        single,
      );
    expect([key('m'), key('h'), key('P'), key('s'), key('x')]).toEqual([
      'microphone',
      'hand',
      'people',
      'screen',
      undefined,
    ]);
    expect([key('h', true, true), key('h', false), key('l', false, true, true)]).toEqual([
      undefined,
      undefined,
      'leave',
    ]);
  });
});

describe('the call of a room that is over', () => {
  const conferred: Event = {
    ...{ kind: 'conferred', seq: 4, at: 5000, by: 'A', name: 'Alice' },
    ...{ call: 'C', people: 12, lasted_ms: 43 * 60_000 },
  } as const;

  it('is one line of the history that is news to nobody and cannot be deleted', () => {
    const gone: Event = { kind: 'deleted', seq: 5, at: 6000, by: 'A', target: 4, moderated: true };
    const { items } = [conferred, gone].reduce(apply, { seq: 0, items: [] });
    expect(items).toEqual([{ ...conferred, kind: 'conference' }]);
    expect([isNews(conferred as NewLine, ME), rows(items, 1, ME).map(({ kind }) => kind)]).toEqual([
      false,
      ['day', 'conference'],
    ]);
  });

  it('says how many were in it, and for how long', () => {
    expect(conferenceLine({ people: 12, lasted_ms: 43 * 60_000 })).toBe('Call, 12 people, 43 min');
    expect(conferenceLine({ people: 1, lasted_ms: 40_000 })).toMatch(/^Call, 1 person, 40 sec/);
  });
});

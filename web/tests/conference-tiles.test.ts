// Which pictures of a call are shown, from a phone to a wall; and that nobody jumps about.
import { describe, expect, it } from 'vitest';
import type { Participant } from '../src/lib/api/conference-types';
import { arrange, fit, holds, keepPlaces, wantOf, type Scene, type Shown, type TileKey } from '../src/lib/model/tiles';

const person = (name: string, camera = true, screen = false): Participant => ({
  person: name,
  name,
  leads: false,
  shows: { microphone: true, camera, screen },
  away: false,
});
const names = (count: number) => Array.from({ length: count }, (_, n) => `P${n}`);
const WALL = { width: 1900, height: 1000 };
const PHONE = { width: 340, height: 480 };

const scene = (more: Partial<Scene> = {}): Scene => ({
  people: names(4).map((name) => person(name)),
  me: 'P0',
  layout: 'grid',
  pinned: null,
  speaking: null,
  spoke: [],
  box: WALL,
  before: [],
  ...more,
});
const shownIn = (of: Scene) => arrange(of).tiles.map(({ key }) => key);

describe('the pictures of a call', () => {
  it('fill the box with as large tiles as it holds', () => {
    expect(fit(1, WALL)).toMatchObject({ columns: 1, rows: 1 });
    expect(fit(4, WALL)).toMatchObject({ columns: 2, rows: 2 });
    expect(fit(2, PHONE)).toMatchObject({ columns: 1, rows: 2 });
    expect(fit(9, WALL)).toMatchObject({ columns: 3, rows: 3 });
    // Not three letterboxes.
    expect(fit(3, { width: 680, height: 620 })).toMatchObject({ columns: 2, rows: 2 });
    expect([holds(WALL), holds(PHONE) >= 8, holds(PHONE) < 20, holds({ width: 1, height: 1 })]).toEqual([
      49,
      true,
      true,
      1,
    ]);
  });

  it('are everybody’s as long as there is room', () => {
    expect(arrange(scene())).toMatchObject({ large: null, hidden: 0, columns: 2, rows: 2 });
    const many = scene({ people: names(30).map((name) => person(name)), box: PHONE });
    const { tiles, hidden } = arrange(many);
    expect([tiles.length, hidden]).toEqual([holds(PHONE), 30 - holds(PHONE)]);
  });

  it('are first of who is pinned, then of screens, oneself, who spoke, who shows a picture; last of who is away', () => {
    const people = names(30).map((name, n) => person(name, n % 2 === 0));
    people[20] = { ...person('P20'), away: true };
    people[25] = person('P25', false, true);
    const few = { width: 300, height: 260 };
    const shown = shownIn(scene({ people, box: few, pinned: 'P29 camera', spoke: ['P27'], me: 'P28' }));
    expect(shown.length).toBe(holds(few));
    expect(shown).toEqual(expect.arrayContaining(['P29 camera', 'P25 screen', 'P27 camera', 'P28 camera']));
    expect(shown.filter((key) => key === 'P20 camera' || key === 'P1 camera')).toEqual([]);
  });

  it('keep their places when somebody comes, goes or begins to speak', () => {
    const people = names(12).map((name) => person(name));
    const box = { width: 460, height: 260 };
    const before = shownIn(scene({ people, box }));
    expect(before.length).toBe(9);
    const spoken = shownIn(scene({ people, box, before, spoke: ['P11'] }));
    expect(spoken.filter((key, at) => key !== before[at])).toEqual(['P11 camera']);
    const gone = shownIn(
      scene({ people: people.filter(({ person }) => person !== 'P3'), box, before: spoken, spoke: ['P11'] }),
    );
    expect(gone.filter((key, at) => key !== spoken[at]).length).toBe(1);
    const shown = (...of: string[]): Shown[] =>
      of.map((name) => ({ key: `${name} camera`, person: name, source: 'camera' }));
    const keys = (of: Shown[]) => of.map(({ person }) => person).join('');
    expect(keys(keepPlaces(['A camera', 'B camera', 'C camera'], shown('A', 'C', 'D')))).toBe('ADC');
    expect(keys(keepPlaces(['A camera', 'B camera'], shown('B')))).toBe('B');
  });

  it('have one large where one is looked at: what is pinned, a screen, who speaks, else who came first', () => {
    const large = (more: Partial<Scene>) => arrange(scene({ layout: 'spotlight', ...more })).large?.key;
    const withScreen = [person('P0'), person('P1'), person('P2', true, true)];
    expect(large({})).toBe('P1 camera');
    expect(large({ speaking: 'P3' })).toBe('P3 camera');
    expect(large({ speaking: 'P0', spoke: ['P0', 'P2'] })).toBe('P2 camera');
    expect(large({ people: withScreen, speaking: 'P1' })).toBe('P2 screen');
    expect(large({ people: withScreen, pinned: 'P1 camera' })).toBe('P1 camera');
    expect(large({ people: [person('P0', true, true)] })).toBe('P0 camera');
  });

  it('stand beside the large one on a wide screen, below it on a phone', () => {
    expect(arrange(scene({ layout: 'spotlight' })).beside).toBe(true);
    const phone = arrange(scene({ layout: 'spotlight', box: PHONE }));
    expect([phone.beside, phone.largeHeight > phone.tileHeight]).toEqual([false, true]);
  });
});

describe('what the server is asked for', () => {
  const wish = { me: 'P0', receive: 'all' as const, pinned: null as TileKey | null, ratio: 1 };

  it('is what is seen, as large as it is seen, in steps; never oneself', () => {
    const { receive, tiles } = wantOf(arrange(scene()), wish);
    expect([receive, tiles.map((tile) => tile.person)]).toEqual(['all', ['P1', 'P2', 'P3']]);
    expect(tiles.every(({ height }) => height % 90 === 0 && height >= 496 && height <= 630)).toBe(true);
    expect(wantOf(arrange(scene()), { ...wish, ratio: 2 }).tiles[0]?.height).toBeGreaterThan(900);
  });

  it('keeps the quality of what is pinned', () => {
    const pinned = 'P2 camera';
    const { tiles } = wantOf(arrange(scene({ layout: 'spotlight', pinned })), { ...wish, pinned });
    expect(tiles[0]).toMatchObject({ person: 'P2', pinned: true });
    expect(tiles.slice(1).some((tile) => tile.pinned)).toBe(false);
  });

  it('is no picture at all for who wants sound alone', () => {
    expect(wantOf(arrange(scene()), { ...wish, receive: 'audio' })).toEqual({ receive: 'audio', tiles: [] });
  });
});

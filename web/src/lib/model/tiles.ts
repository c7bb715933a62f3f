// Which pictures of a conference are shown, where and how large, for a box of any size from a phone to a wall. Pure: no browser.
import type { Receive, Want } from '../api/conference-types';
import type { PersonId } from '../api/types';
import type { People } from './conference-people';

export type Layout = 'grid' | 'spotlight';
export type TileKey = `${string} ${'camera' | 'screen'}`;

export interface Shown {
  key: TileKey;
  person: PersonId;
  source: 'camera' | 'screen';
}

export interface Box {
  width: number;
  height: number;
}

export interface Scene {
  people: People;
  me: PersonId;
  layout: Layout;
  pinned: TileKey | null;
  speaking: PersonId | null;
  /** Who spoke last, the newest first. */
  spoke: readonly PersonId[];
  box: Box;
  /** What was shown before, in its places. */
  before: readonly TileKey[];
}

export interface Arranged {
  /** The one that is large, in a spotlight. */
  large: Shown | null;
  /** All others, in their places. */
  tiles: Shown[];
  columns: number;
  rows: number;
  /** How high the large one and each of the others are, in CSS pixels. */
  largeHeight: number;
  tileHeight: number;
  /** The others stand beside the large one, else below it. */
  beside: boolean;
  /** So many people are not shown. */
  hidden: number;
}

export const GAP = 8;
const MOST = 49;
/** Smaller than this nobody is recognised. */
const LEAST_WIDTH = 120;
const SHAPE = 16 / 9;
/** Only the newest speakers take the place of somebody else. */
const HEARD = 3;

const cameraOf = (person: PersonId): Shown => ({ key: `${person} camera`, person, source: 'camera' });
const screenOf = (person: PersonId): Shown => ({ key: `${person} screen`, person, source: 'screen' });

/** Everything that could be shown, in the order of coming; one's own screen is not shown to oneself. */
function candidates({ people, me }: Scene): Shown[] {
  return people.flatMap(({ person, shows }) =>
    shows.screen && person !== me ? [screenOf(person), cameraOf(person)] : [cameraOf(person)],
  );
}

/** Pinned first, then screens, oneself, who speaks or spoke, who shows a picture, and who is away last. */
function rank({ people, me, pinned, spoke }: Scene, { key, person, source }: Shown): number {
  if (key === pinned) return 0;
  if (source === 'screen') return 1;
  if (person === me) return 2;
  const heard = spoke.slice(0, HEARD).indexOf(person);
  if (heard >= 0) return 3 + heard;
  const one = people.find((other) => other.person === person);
  if (one?.away) return 9;
  return one?.shows.camera ? 7 : 8;
}

/** The most important ones, as many as fit, in the order of coming; who is shown already stays before others of the same importance. */
function choose(scene: Scene, all: Shown[], most: number): Shown[] {
  if (all.length <= most) return all;
  const order = (one: Shown) => rank(scene, one) * 2 + (scene.before.includes(one.key) ? 0 : 1);
  const chosen = new Set([...all].sort((a, b) => order(a) - order(b)).slice(0, most));
  return all.filter((one) => chosen.has(one));
}

/** Whoever stays keeps their place; who comes takes that of one who left, or the next. */
export function keepPlaces(before: readonly TileKey[], chosen: Shown[]): Shown[] {
  const byKey = new Map(chosen.map((one) => [one.key, one]));
  const coming = chosen.filter(({ key }) => !before.includes(key));
  const kept = before.flatMap((key) => byKey.get(key) ?? coming.shift() ?? []);
  return [...kept, ...coming].slice(0, chosen.length);
}

/** The columns that make so many tiles large in a box with little cut off, and how high a picture is that fills one of them. */
export function fit(count: number, { width, height }: Box): { columns: number; rows: number; tileHeight: number } {
  let best = { columns: 1, rows: Math.max(1, count), tileHeight: 0 };
  let most = 0;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const wide = (width - GAP * (columns - 1)) / columns / SHAPE;
    const high = (height - GAP * (rows - 1)) / rows;
    const seen = Math.max(0, Math.min(high, wide)) ** 2 / Math.max(high, wide);
    if (seen <= most + 1) continue;
    most = seen;
    best = { columns, rows, tileHeight: Math.max(high, wide) };
  }
  return best;
}

/** How many tiles of a size in which somebody is recognised a box holds. */
export function holds({ width, height }: Box): number {
  const columns = Math.floor((width + GAP) / (LEAST_WIDTH + GAP));
  const rows = Math.floor((height + GAP) / (LEAST_WIDTH / SHAPE + GAP));
  return Math.min(MOST, Math.max(1, columns) * Math.max(1, rows));
}

/** What is large in a spotlight: what is pinned, a screen, who speaks, else who spoke or came first. */
function star({ me, pinned, speaking, spoke }: Scene, all: Shown[]): Shown | null {
  const others = all.filter(({ person }) => person !== me);
  const faceOf = (person: PersonId | null | undefined) =>
    others.find((one) => one.person === person && one.source === 'camera');
  return (
    all.find(({ key }) => key === pinned) ??
    others.findLast(({ source }) => source === 'screen') ??
    faceOf(speaking) ??
    faceOf(spoke.find((person) => faceOf(person))) ??
    others[0] ??
    all[0] ??
    null
  );
}

export function arrange(scene: Scene): Arranged {
  const all = candidates(scene);
  const large = scene.layout === 'spotlight' ? star(scene, all) : null;
  const rest = all.filter(({ key }) => key !== large?.key);
  const { room, beside, largeHeight } = large ? split(scene.box, rest.length) : { ...WHOLE, room: scene.box };
  const chosen = keepPlaces(scene.before, choose(scene, rest, holds(room)));
  const { columns, rows, tileHeight } = fit(chosen.length, room);
  const seen = new Set([...chosen, ...(large ? [large] : [])].map(({ person }) => person));
  const hidden = scene.people.filter(({ person }) => !seen.has(person)).length;
  return { large, tiles: chosen, columns, rows, largeHeight, tileHeight, beside, hidden };
}

const WHOLE = { beside: false, largeHeight: 0 };

/** Parts a box into the large picture and a strip of the others. */
function split({ width, height }: Box, others: number): { room: Box; beside: boolean; largeHeight: number } {
  const beside = width > height;
  if (others === 0) return { room: { width: 0, height: 0 }, beside, largeHeight: height };
  if (beside) {
    const strip = Math.min(240, Math.max(140, width * 0.2));
    const largeHeight = Math.min(height, (width - strip - GAP) / SHAPE);
    return { room: { width: strip, height }, beside, largeHeight };
  }
  const strip = Math.min(240, Math.max(79, height * 0.25));
  return { room: { width, height: strip }, beside, largeHeight: Math.min(height - strip - GAP, width / SHAPE) };
}

const HIGHEST = 2160;
const STEP = 90;

/** What is asked of the server for what is shown; `ratio`: pixels of the screen in one of CSS. Steps, so that not every pixel is a wish. */
export function wantOf(
  { large, tiles, largeHeight, tileHeight }: Pick<Arranged, 'large' | 'tiles' | 'largeHeight' | 'tileHeight'>,
  { me, receive, pinned, ratio }: { me: PersonId; receive: Receive; pinned: TileKey | null; ratio: number },
): Want {
  if (receive === 'audio') return { receive, tiles: [] };
  const pixels = (height: number) => Math.min(HIGHEST, Math.max(STEP, Math.ceil((height * ratio) / STEP) * STEP));
  const wish = ({ key, person, source }: Shown, height: number) => ({
    person,
    source,
    height: pixels(height),
    ...(key === pinned ? { pinned: true } : {}),
  });
  const all = [...(large ? [wish(large, largeHeight)] : []), ...tiles.map((tile) => wish(tile, tileHeight))];
  return { receive, tiles: all.filter(({ person }) => person !== me) };
}

// What transfers need of the browser, in one place, so that their models can be tried without one.
import { stayAwake } from './awake';
import { allKept, forget, keep } from './kept';
import { Link, type LinkEars, type Signalling } from './link';
import { choose, handOver, mayWrite } from './save';
import { openStage, spaceLeft, sweep } from './stage';

export interface Means {
  now(): number;
  /** Whether this browser can do it at all here: a page that came without https may not. */
  able(): boolean;
  link(id: string, signalling: Signalling, ears: LinkEars): Pick<Link, 'id' | 'connect' | 'hear' | 'close'>;
  choose: typeof choose;
  mayWrite: typeof mayWrite;
  handOver: typeof handOver;
  openStage: typeof openStage;
  spaceLeft: typeof spaceLeft;
  sweep: typeof sweep;
  allKept: typeof allKept;
  keep: typeof keep;
  forget: typeof forget;
  /** Resolves to what gives it back when this tab alone may fetch the offer, and to null when another does. */
  alone(offer: string): Promise<(() => void) | null>;
  /** Keeps the screen on until what is returned is called. */
  stayAwake: typeof stayAwake;
  /** Whether the browser asks before this page is left. */
  warnOfLeaving(on: boolean): void;
}

const ask = (event: Event) => event.preventDefault();
const LOCK = 'transfer:';

/** The offers that tabs of this browser fetch, or hold, now. */
async function fetchedNow(): Promise<string[]> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.flatMap(({ name = '' }) => (name.startsWith(LOCK) ? [name.slice(LOCK.length)] : []));
}

export const browserMeans: Means = {
  now: () => Date.now(),
  able: () => isSecureContext && typeof RTCPeerConnection !== 'undefined',
  link: (id, signalling, ears) => new Link(id, signalling, ears),
  choose,
  mayWrite,
  handOver,
  openStage,
  spaceLeft,
  // What another tab fetches, or still holds for another try, is not swept from under it.
  sweep: async (kept) => sweep([...kept, ...(await fetchedNow())]),
  allKept,
  keep,
  forget,
  stayAwake,
  alone: (offer) =>
    new Promise((resolve) => {
      const held = (lock: Lock | null) => {
        if (lock) return new Promise<void>((release) => resolve(release));
        resolve(null);
        return undefined;
      };
      navigator.locks.request(LOCK + offer, { ifAvailable: true }, held).catch(() => resolve(null));
    }),
  warnOfLeaving: (on) => (on ? addEventListener('beforeunload', ask) : removeEventListener('beforeunload', ask)),
};

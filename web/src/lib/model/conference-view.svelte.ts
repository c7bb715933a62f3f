// How one person looks at a conference: the layout, what is pinned, how much is received, how loud others are, and from that which
// pictures are wanted in which size.
import type { Participant, Receive, Want } from '../api/conference-types';
import type { PersonId } from '../api/types';
import type { Conference } from './conference.svelte';
import { arrange, wantOf, type Arranged, type Box, type Layout, type TileKey } from './tiles';

export type Side = 'people' | 'devices';

/** A face in the line above the conversation, in CSS pixels. */
const SMALL = 40;
const NO_BOX: Box = { width: 0, height: 0 };

export class ConferenceView {
  /** Chosen by the person; else a screen that is shown makes a spotlight. */
  #chosen = $state<Layout | null>(null);
  pinned = $state<TileKey | null>(null);
  receive = $state<Receive>('all');
  /** What stands beside the pictures. */
  side = $state<Side | null>(null);
  /** The messages of the room stand beside the conference, where there is room for both. */
  messages = $state(true);
  /** Where the pictures are, in CSS pixels. */
  box = $state.raw<Box>(NO_BOX);
  volumes = $state.raw<ReadonlyMap<PersonId, number>>(new Map());
  #places: TileKey[] = [];

  constructor(private readonly conference: Conference) {}

  get layout(): Layout {
    const { people, me } = this.conference;
    const isShown = this.pinned !== null || people.some(({ person, shows }) => shows.screen && person !== me);
    return this.#chosen ?? (isShown ? 'spotlight' : 'grid');
  }

  arranged = $derived.by<Arranged>(() => {
    const { people, me, speaking, spoke } = this.conference;
    const { layout, pinned, box } = this;
    const arranged = arrange({ people, me, layout, pinned, speaking, spoke, box, before: this.#places });
    if (box.width > 0) this.#places = arranged.tiles.map(({ key }) => key);
    return arranged;
  });

  /** Whose face stands for all, where there is room for one. */
  get face(): Participant | undefined {
    const { people, me, speaking, spoke } = this.conference;
    const others = people.filter(({ person }) => person !== me);
    const heard = [speaking, ...spoke].flatMap((person) => others.filter((one) => one.person === person));
    return heard[0] ?? others[0];
  }

  toggle(side: Side): void {
    this.side = this.side === side ? null : side;
  }

  switchLayout(): void {
    this.#chosen = this.layout === 'grid' ? 'spotlight' : 'grid';
  }

  /** A pinned picture is the large one, and keeps its quality. */
  pin(key: TileKey): void {
    this.pinned = this.pinned === key ? null : key;
    if (this.pinned) this.#chosen = null;
  }

  volume(person: PersonId): number {
    return this.volumes.get(person) ?? 1;
  }
  setVolume(person: PersonId, volume: number): void {
    this.volumes = new Map(this.volumes).set(person, Math.min(1, Math.max(0, volume)));
  }

  /** What the server is to send when the pictures are seen. `ratio`: pixels of the screen in one of CSS. */
  want(ratio: number): Want {
    const { receive, pinned } = this;
    return wantOf(this.arranged, { me: this.conference.me, receive, pinned, ratio });
  }

  /** The same while only one face is seen. */
  wantFace(ratio: number): Want {
    const { face, receive } = this;
    const tiles = face
      ? [{ key: `${face.person} camera` as const, person: face.person, source: 'camera' as const }]
      : [];
    const shown = { large: null, tiles, largeHeight: 0, tileHeight: SMALL };
    return wantOf(shown, { me: this.conference.me, receive, pinned: null, ratio });
  }

  /** The same while nothing is seen: sound alone. */
  wantNothing(): Want {
    return { receive: this.receive, tiles: [] };
  }
}

// Room tokens of this tab: fetched in batches, given out while fresh, renewed in one request at half their life.
import type { RoomId, RoomToken, Tokens } from './types';

const MOST_PER_REQUEST = 200;
const SHORTEST_MS = 60_000;
const LONGEST_MS = 300_000;

interface Held {
  token: string;
  since: number;
  lifeMs: number;
}

export class TokenKeeper {
  readonly #held = new Map<RoomId, Held>();
  #coming: Promise<void> | undefined;

  constructor(
    private readonly ask: (rooms: RoomId[]) => Promise<Tokens>,
    private readonly now: () => number = Date.now,
    private readonly random: () => number = Math.random,
  ) {}

  get(room: RoomId): string | undefined {
    return this.#held.get(room)?.token;
  }

  drop(room: RoomId): void {
    this.#held.delete(room);
  }

  /** Asks before anybody needs them; whoever does then waits for this answer. A refusal is heard when it is asked again. */
  prepare(rooms: RoomId[]): void {
    this.#coming = this.ask(rooms.slice(0, MOST_PER_REQUEST)).then(
      ({ tokens }) => tokens.forEach((token) => this.#keep(token)),
      () => undefined,
    );
  }

  /** Makes sure every room has a token younger than `share` of its life. Answers which changed and which were refused. */
  async need(rooms: Iterable<RoomId>, share = 0.8): Promise<{ renewed: RoomId[]; refused: Tokens['refused'] }> {
    await this.#coming;
    const stale = [...new Set(rooms)].filter((room) => !this.#isYoungerThan(room, share));
    const refused: Tokens['refused'] = [];
    const renewed: RoomId[] = [];
    for (let i = 0; i < stale.length; i += MOST_PER_REQUEST) {
      const answer = await this.ask(stale.slice(i, i + MOST_PER_REQUEST));
      for (const token of answer.tokens) {
        this.#keep(token);
        renewed.push(token.room);
      }
      for (const { room } of answer.refused) this.drop(room);
      refused.push(...answer.refused);
    }
    return { renewed, refused };
  }

  /** When the next renewal is due: at half of the shortest life held, a little earlier or later by chance. */
  nextRenewalInMs(rooms: Iterable<RoomId>): number {
    let soonest = LONGEST_MS / 2;
    for (const room of rooms) {
      const held = this.#held.get(room);
      if (held) soonest = Math.min(soonest, held.since + held.lifeMs / 2 - this.now());
    }
    return Math.max(1000, soonest * (0.9 + 0.2 * this.random()));
  }

  #isYoungerThan(room: RoomId, share: number): boolean {
    const held = this.#held.get(room);
    return held !== undefined && this.now() - held.since < held.lifeMs * share;
  }

  // The clock of this browser may be wrong, so a life is never believed beyond what the protocol says.
  #keep({ room, token, expires_at }: RoomToken): void {
    const since = this.now();
    const lifeMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, expires_at - since));
    this.#held.set(room, { token, since, lifeMs });
  }
}

// Who is in a room as this member may see it, and what moderators have imposed. Loads when first asked for, again when the roster changes.
import { untrack } from 'svelte';
import type { Client } from '../api/client';
import { codeOf } from '../api/problem';
import type { Act, Member, PersonId, RoomId, RoomSettings, Sanction, SanctionKind } from '../api/types';

export class Members {
  list = $state.raw<Member[]>([]);
  complete = $state(true);
  sanctions = $state.raw<Sanction[]>([]);
  /** What moderators did to messages, newest first; null until asked for. */
  acts = $state.raw<Act[] | null>(null);
  state = $state<'unasked' | 'loading' | 'ready' | 'failed'>('unasked');
  failure = $state<string | null>(null);
  #byId = $derived(new Map(this.list.map((member) => [member.person, member])));

  constructor(
    private readonly client: Client,
    private readonly room: RoomId,
    private readonly token: () => Promise<string>,
  ) {}

  get(person: PersonId): Member | undefined {
    return this.#byId.get(person);
  }

  async load(): Promise<void> {
    const state = untrack(() => this.state);
    if (state === 'loading' || state === 'ready') return;
    this.state = 'loading';
    try {
      const { members, complete } = await this.client.members(this.room);
      this.list = members;
      this.complete = complete;
      this.state = 'ready';
    } catch (error) {
      this.failure = codeOf(error);
      this.state = 'failed';
    }
  }

  /** The roster changed; asks again if anybody had asked before. */
  stale(): void {
    if (this.state === 'unasked' || this.state === 'loading') return;
    this.state = 'unasked';
    void this.load();
  }

  renamed(person: PersonId, name: string): void {
    this.list = this.list.map((member) => (member.person === person ? { ...member, name } : member));
  }

  loadSanctions = (): Promise<string | null> =>
    this.#do(async () => void (this.sanctions = (await this.client.sanctions(this.room)).sanctions));

  loadActs = (): Promise<string | null> =>
    this.#do(async () => void (this.acts = (await this.client.audit(this.room, await this.token())).acts));

  impose = (person: PersonId, kind: SanctionKind, until: number, reason: string): Promise<string | null> =>
    this.#do(async () => {
      await this.client.sanction(this.room, person, kind, until, reason);
      await this.loadSanctions();
    });

  lift = (person: PersonId, kind: SanctionKind): Promise<string | null> =>
    this.#do(async () => {
      await this.client.lift(this.room, person, kind);
      await this.loadSanctions();
    });

  settings = (): Promise<RoomSettings> => this.client.settings(this.room);
  saveSettings = (settings: RoomSettings): Promise<string | null> =>
    this.#do(() => this.client.saveSettings(this.room, settings));

  /** Answers the code of what went wrong, or null. */
  async #do(what: () => Promise<void>): Promise<string | null> {
    try {
      await what();
      return null;
    } catch (error) {
      return codeOf(error);
    }
  }
}

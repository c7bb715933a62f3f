// All rooms of this person: which there are, in which groups they are shown, and which comes next or is unread next.
import type { Client } from '../api/client';
import { Patience } from '../api/patience';
import { codeOf } from '../api/problem';
import type { Room, RoomId } from '../api/types';
import { RoomModel, type Surroundings } from './room.svelte';

export interface Group {
  kind: 'unread' | 'calls' | 'all' | 'robot' | 'direct';
  robot?: string;
  rooms: RoomModel[];
}

export class Rooms {
  all = $state.raw<RoomModel[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  failure = $state<string | null>(null);
  current = $state.raw<RoomModel | null>(null);
  /** The open room stays in the group where it was found until it is left. */
  #stays = $state.raw<RoomId | null>(null);

  #waiting = false;
  readonly #patience = new Patience((code) => {
    if (code) [this.state, this.failure] = ['failed', code];
  });

  constructor(
    private readonly client: Client,
    private readonly around: Surroundings,
  ) {}

  groups = $derived.by<Group[]>(() => {
    const isUnread = (room: RoomModel) => (room.news > 0 || room.id === this.#stays) && room.removed === null;
    const isCalling = (room: RoomModel) => room.call !== null && !isUnread(room);
    const rest = this.all.filter((room) => !isUnread(room) && !isCalling(room));
    const lists = rest.filter(({ info }) => info.kind === 'list');
    const robots = [...new Set(this.all.flatMap(({ info }) => (info.address ? [robotOf(info.address)] : [])))];
    const byRobot = robots.map((robot) => lists.filter(({ info }) => robotOf(info.address ?? '') === robot));
    const groups: Group[] = [
      { kind: 'unread', rooms: this.all.filter(isUnread) },
      { kind: 'calls', rooms: this.all.filter(isCalling) },
      ...(robots.length > 1
        ? robots.map((robot, i): Group => ({ kind: 'robot', robot, rooms: byRobot[i] ?? [] }))
        : [{ kind: 'all', rooms: lists } satisfies Group]),
      { kind: 'direct', rooms: rest.filter(({ info }) => info.kind === 'direct') },
    ];
    return groups.filter(({ rooms }) => rooms.length > 0);
  });

  /** In the order of the screen. */
  ordered = $derived(this.groups.flatMap(({ rooms }) => rooms));
  /** What a title may count: where somebody was addressed, and direct words. */
  addressed = $derived(this.all.reduce((sum, { addressed }) => sum + addressed, 0));

  /** `ahead`: the answer, when it has been asked for already. The first answer is waited for, and nobody has to ask again. */
  async refresh(ahead?: Promise<{ rooms: Room[] }>): Promise<void> {
    if (this.#waiting) return this.#patience.hurry();
    const ask = () => this.client.rooms();
    const first = ahead?.catch(ask) ?? ask();
    try {
      this.#waiting = this.state !== 'ready';
      const { rooms } = await (this.#waiting ? this.#patience.ask(ask, first) : first);
      this.#take(rooms);
      this.state = 'ready';
      this.failure = null;
    } catch (error) {
      this.failure = codeOf(error);
      if (this.state === 'loading') this.state = 'failed';
      if (this.failure === 'signed_out') this.around.refused('signed_out');
    } finally {
      this.#waiting = false;
    }
  }

  get(id: RoomId): RoomModel | undefined {
    return this.all.find((room) => room.id === id);
  }

  at(address: string): RoomModel | undefined {
    return this.all.find(({ info }) => info.address === address.toLowerCase() || info.address === address);
  }

  /** A room by its address, also one that is not in the list yet (a listmaster's visit). Throws what the bridge says. */
  async visit(address: string): Promise<RoomModel> {
    return this.at(address) ?? this.add(await this.client.roomAt(address));
  }

  async direct(person: string): Promise<RoomModel> {
    return this.add(await this.client.direct(person));
  }

  /** What a room is called and allows may have changed. */
  async renew(room: RoomModel): Promise<void> {
    if (!room.info.address) return this.refresh();
    try {
      room.info = await this.client.roomAt(room.info.address);
    } catch {
      // The socket tells by itself when the room is gone.
    }
  }

  add(info: Room): RoomModel {
    const known = this.get(info.id);
    if (known) return known;
    const room = new RoomModel(info, this.around);
    room.list();
    this.all = [...this.all, room];
    return room;
  }

  open(room: RoomModel | null): void {
    if (room === this.current) return;
    this.current?.close();
    this.#stays = room && room.unread > 0 ? room.id : null;
    this.current = room;
    room?.open();
  }

  /** The neighbour of the open room in the order of the screen. */
  neighbour(step: 1 | -1, unreadOnly: boolean): RoomModel | undefined {
    const among = this.ordered.filter((room) => !unreadOnly || room.news > 0 || room === this.current);
    const index = this.current ? among.indexOf(this.current) : -1;
    const next = index < 0 ? (step === 1 ? 0 : among.length - 1) : (index + step + among.length) % among.length;
    return among[next] === this.current ? undefined : among[next];
  }

  #take(infos: Room[]): void {
    const gone = this.all.filter((room) => !infos.some(({ id }) => id === room.id) && room !== this.current);
    const visited = this.current && !infos.some(({ id }) => id === this.current?.id) ? [this.current] : [];
    for (const room of gone) {
      room.end();
      this.around.socket.leave(room.id);
    }
    this.all = [...infos.map((info) => this.#known(info)), ...visited];
    for (const room of this.all) if (!room.removed) room.list();
  }

  #known(info: Room): RoomModel {
    const known = this.get(info.id);
    if (!known) return new RoomModel(info, this.around);
    known.info = info;
    // A room that is off is listed for those who can switch it on, and stays off until it can be read again.
    if (known.removed && info.grants.includes('read')) {
      known.removed = null;
      if (known === this.current) known.open();
    }
    return known;
  }
}

export function robotOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

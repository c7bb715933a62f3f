// The list of rooms: what stands in which group, what comes next, and what a title may count.
import { describe, expect, it, vi } from 'vitest';
import type { Client } from '../src/lib/api/client';
import { Problem } from '../src/lib/api/problem';
import type { ChatSocket } from '../src/lib/api/socket';
import type { Room } from '../src/lib/api/types';
import { Rooms } from '../src/lib/model/rooms.svelte';
import { Store } from '../src/lib/model/store';
import { LIST } from './screens/support';

const list = (name: string, host = 'lists.example.org'): Room => ({
  ...LIST,
  id: `${name}@${host}`,
  address: `${name}@${host}`,
});
const direct = (name: string): Room => ({
  ...LIST,
  id: name,
  kind: 'direct',
  address: null,
  subject: null,
  with: { person: name, name },
});

function roomsOf(asked: () => Promise<unknown>) {
  const client = { rooms: asked } as unknown as Client;
  const socket = { enter: vi.fn(), leave: vi.fn(), tell: vi.fn() };
  const rooms = new Rooms(client, {
    client,
    socket: socket as unknown as ChatSocket,
    store: new Store(undefined, ''),
    me: () => 'me',
    heard: vi.fn(),
    refused: vi.fn(),
    changed: vi.fn(),
  });
  return { rooms, socket };
}

async function setUp(infos: Room[]) {
  const answers = [infos];
  const { rooms, socket } = roomsOf(() => Promise.resolve({ rooms: answers.at(-1) }));
  await rooms.refresh();
  const groups = () => rooms.groups.map(({ kind, robot, rooms }) => [robot ?? kind, rooms.map(({ name }) => name)]);
  const at = (name: string) => {
    const found = rooms.all.find((room) => room.id.startsWith(name));
    if (!found) throw new Error(`no room ${name}`);
    return found;
  };
  return { rooms, socket, answers, groups, at };
}

const subject = LIST.subject;

describe('the rooms', () => {
  it('stand under their robots only when there is more than one, people apart', async () => {
    const one = await setUp([list('a'), direct('Bob')]);
    expect(one.groups()).toEqual([
      ['all', [subject]],
      ['direct', ['Bob']],
    ]);
    const two = await setUp([list('a'), list('b', 'lists.example.net')]);
    expect(two.groups().map(([name]) => name)).toEqual(['lists.example.org', 'lists.example.net']);
  });

  it('keep the open room among the unread until it is left', async () => {
    const { rooms, at, groups } = await setUp([list('a'), list('b')]);
    at('b').unread = 2;
    rooms.open(at('b'));
    at('b').markRead(9);
    at('b').unread = 0;
    expect(groups()[0]?.[0]).toBe('unread');
    rooms.open(at('a'));
    expect(groups().map(([name]) => name)).toEqual(['all']);
  });

  it('stay where they are while somebody reads them, whatever is said', async () => {
    const { rooms, at, groups } = await setUp([list('a'), direct('Bob')]);
    const before = groups();
    rooms.open(at('Bob'));
    at('Bob').seen = true;
    at('Bob').unread = 1;
    expect([groups(), rooms.addressed, at('Bob').news]).toEqual([before, 0, 0]);
    // Looked away before the server was told: it is news after all.
    at('Bob').seen = false;
    expect([groups()[0], rooms.addressed]).toEqual([['unread', ['Bob']], 1]);
  });

  it('that are off stay with those who can switch them on, and come back when they are on', async () => {
    const { rooms, socket, answers, at } = await setUp([list('a')]);
    const room = at('a');
    rooms.open(room);
    const off: Room = { ...list('a'), grants: ['manage'], mode: 'off' };
    answers.push([off]);
    room.frame({ type: 'removed', room: room.id, code: 'room_closed' });
    await rooms.refresh();
    expect([room.removed?.code, room.may('manage'), room.may('read')]).toEqual(['room_closed', true, false]);

    socket.enter.mockClear();
    answers.push([{ ...list('a'), grants: ['read', 'post', 'manage'] }]);
    await rooms.refresh();
    expect([room.removed, room.may('post')]).toEqual([null, true]);
    expect(socket.enter).toHaveBeenCalled();
  });

  it('cannot be managed by somebody who was taken off the list', async () => {
    const { at } = await setUp([{ ...list('a'), grants: ['read', 'manage'] }]);
    at('a').frame({ type: 'removed', room: at('a').id, code: 'not_a_member' });
    expect(at('a').may('manage')).toBe(false);
  });

  it('walk round, or only through what is unread', async () => {
    const { rooms, at } = await setUp([list('a'), list('b'), list('c')]);
    rooms.open(at('a'));
    expect(rooms.neighbour(-1, false)?.id).toBe(at('c').id);
    expect(rooms.neighbour(1, true)).toBeUndefined();
    at('c').unread = 1;
    expect(rooms.neighbour(1, true)?.id).toBe(at('c').id);
  });

  it('count for the title where somebody was addressed, and every direct word', async () => {
    const { rooms, at } = await setUp([list('a'), direct('Bob')]);
    [at('a').unread, at('a').mentions, at('Bob').unread] = [7, 1, 2];
    expect(rooms.addressed).toBe(3);
  });

  it('leave what is gone from the list, but never the room on screen', async () => {
    const { rooms, socket, answers, at } = await setUp([list('a'), list('b')]);
    rooms.open(at('a'));
    answers.push([]);
    await rooms.refresh();
    expect(rooms.all.map(({ id }) => id)).toEqual([list('a').id]);
    expect(socket.leave).toHaveBeenCalledExactlyOnceWith(list('b').id);
  });

  it('are waited for when they cannot be had at first, and come by themselves', async () => {
    vi.useFakeTimers();
    const away = new Problem('sympa_unavailable', 503);
    const ask = vi
      .fn()
      .mockRejectedValueOnce(away)
      .mockRejectedValueOnce(away)
      .mockResolvedValue({ rooms: [list('a')] });
    const { rooms } = roomsOf(ask);
    const come = rooms.refresh();
    await vi.advanceTimersByTimeAsync(0);
    expect([rooms.state, rooms.failure]).toEqual(['failed', 'sympa_unavailable']);
    // Whoever presses "Try again" does not wait for the next try.
    void rooms.refresh();
    await vi.advanceTimersByTimeAsync(0);
    expect(ask).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(5000);
    await come;
    expect([rooms.state, rooms.failure, rooms.all.length]).toEqual(['ready', null, 1]);
    vi.useRealTimers();
  });

  it('are asked for again when what was asked ahead failed', async () => {
    const { rooms } = await setUp([list('a')]);
    await rooms.refresh(Promise.reject(new Error('away')));
    expect([rooms.state, rooms.failure, rooms.all.length]).toEqual(['ready', null, 1]);
  });
});

// What whoever was here before will need is asked for at once, not one after the other: who they are, their rooms, the rooms'
// tokens, and a socket. Runs before the app itself has arrived; see ahead.ts beside main.ts.
import type { Client } from '../api/client';
import { Line } from '../api/line';
import type { Room, RoomId, Session } from '../api/types';
import type { Store } from './store';

/** Under these names a browser keeps that somebody is signed in, and in which rooms they were. */
export const SIGNED_IN = 'in';
export const LAST_ROOMS = 'rooms';

export interface Ahead {
  session: Promise<Session>;
  rooms: Promise<{ rooms: Room[] }>;
  line: Line;
}

/** Nothing, when nobody was signed in here: then there is nothing to be had. */
export function goAhead(client: Client, chat: URL, store: Store): Ahead | undefined {
  if (!store.read(SIGNED_IN, false)) return undefined;
  const session = client.session();
  const rooms = client.rooms();
  const line = new Line(client, chat);
  line.socket.warm();
  const last = store.read<RoomId[]>(LAST_ROOMS, []);
  if (last.length > 0) line.tokens.prepare(last);
  else rooms.then((found) => line.tokens.prepare(found.rooms.map(({ id }) => id))).catch(() => undefined);
  // Whoever awaits them hears what went wrong.
  for (const promise of [session, rooms]) promise.catch(() => undefined);
  return { session, rooms, line };
}

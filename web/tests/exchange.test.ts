// What signal-server says of rooms reaches the screens of calls and files alike.
import { expect, it } from 'vitest';
import { Client } from '../src/lib/api/client';
import { Exchange } from '../src/lib/model/exchange.svelte';
import type { Rooms } from '../src/lib/model/rooms.svelte';
import { Settings } from '../src/lib/model/settings.svelte';
import { Store } from '../src/lib/model/store';

it('a room that demands the relay is known for calls and files until it does so no longer', () => {
  const at = new URL('http://symposium.test/');
  const store = new Store(undefined, '');
  const exchange = new Exchange({
    ...{ client: new Client({ bridge: at, chat: at, signal: at }), at, store, settings: new Settings(store, 'en') },
    ...{ rooms: { all: [], get: () => undefined } as unknown as Rooms, me: '01ME', devices: undefined },
    ...{ tell: () => undefined, say: () => undefined, signedOut: () => undefined },
  });
  const stands = (room: string, relay_only?: boolean) =>
    exchange.signal['heard']({ type: 'stands', room, grants: [], ...(relay_only ? { relay_only } : {}) });
  exchange.calls.prepare('R', { person: '01AL', name: 'Alice' });
  const known = () => [exchange.calls.relayDemanded, ...['R', 'S'].map((room) => exchange.transfers.demanded(room))];
  stands('R', true);
  stands('S');
  expect(known()).toEqual([true, true, false]);
  stands('R');
  expect(known()).toEqual([false, false, false]);
  exchange.close();
});

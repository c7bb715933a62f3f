// Mounts a screen as the app would, over a client and a socket that answer from memory, and asks axe about it.
import { render } from '@testing-library/svelte';
import axe from 'axe-core';
import { expect, vi } from 'vitest';
import type { Component } from 'svelte';
import type { Client } from '../../src/lib/api/client';
import type { ChatSocket } from '../../src/lib/api/socket';
import type { Config, Item, Member, Message, Room } from '../../src/lib/api/types';
import { RoomModel } from '../../src/lib/model/room.svelte';
import { Rooms } from '../../src/lib/model/rooms.svelte';
import { Settings } from '../../src/lib/model/settings.svelte';
import { Store } from '../../src/lib/model/store';
import { Symposium } from '../../src/lib/model/symposium.svelte';
import { Page } from '../../src/page.svelte';
import { Router } from '../../src/router.svelte';
import Stage from './Stage.svelte';

export const ME = '01ME';
export const NOW = new Date(2026, 2, 3, 12).getTime();
export const LIST: Room = {
  id: '01ROOM',
  kind: 'list',
  address: 'gardeners@lists.example.org',
  subject: 'The community garden',
  roles: ['subscriber'],
  grants: ['read', 'post'],
  mode: 'open',
  concealed: false,
  sympa_url: 'https://lists.example.org/sympa/info/gardeners',
};
export const MEMBERS: Member[] = [
  { person: ME, name: 'Marion Keller', roles: ['subscriber'], concealed: false },
  { person: '01AL', name: 'Alice Liddell', roles: ['owner'], concealed: false },
  { person: '01BO', name: 'Bob Fontaine', roles: ['subscriber', 'editor'], concealed: true },
];
export const said = (seq: number, more: Partial<Message> = {}): Message => ({
  kind: 'message',
  seq,
  at: NOW + seq * 1000,
  by: '01AL',
  name: 'Alice Liddell',
  nonce: `nonce-${seq}`,
  body: `Line ${seq}`,
  ...more,
});

const CONFIG: Config = {
  site: 'Lists of Example',
  language: 'en',
  bridge: 'api/bridge/',
  chat: 'api/chat/',
  signal: 'api/signal/',
  sign_in: { cookie: true, action: false, mail: true, password: true },
  sympa: [{ robot: 'lists.example.org', url: 'https://lists.example.org/sympa' }],
};

/** An app with one room, entered, in which these things have been said. */
export function house(
  info: Partial<Room> = {},
  items: Item[] = [],
  answers: Partial<Client> = {},
  config: Partial<Config> = {},
) {
  const client = {
    members: () => Promise.resolve({ members: MEMBERS, complete: true }),
    sanctions: () => Promise.resolve({ sanctions: [] }),
    audit: () => Promise.resolve({ acts: [] }),
    ...answers,
  } as unknown as Client;
  const store = new Store(undefined, '');
  const settings = new Settings(store, 'en');
  const chat = new URL('https://example.org/api/chat/');
  const signal = new URL('https://example.org/api/signal/');
  const watched = () => true;
  const app = new Symposium({ config: { ...CONFIG, ...config }, chat, signal, client, settings, store, watched });
  app.session.state = 'in';
  app.session.starting = false;
  app.session.me = { signed_in: true, person: ME, name: 'Marion Keller', language: 'en', listmaster: false };
  const socket = { enter: vi.fn(), leave: vi.fn(), tell: vi.fn(), command: vi.fn(), token: () => Promise.resolve('t') };
  const around = {
    client,
    socket: socket as unknown as ChatSocket,
    store,
    me: () => ME,
    heard: vi.fn(),
    refused: vi.fn(),
    changed: vi.fn(),
  };
  const rooms = new Rooms(client, around);
  const room = new RoomModel({ ...LIST, ...info }, around);
  rooms.all = [room];
  rooms.state = 'ready';
  rooms.open(room);
  const presence = { count: 1, here: [{ person: ME, name: 'Marion Keller' }] };
  const standing = { grants: room.info.grants, presence, read: 0, unread: 0, mentions: 0 };
  room.frame({ type: 'entered', ref: 'r', room: room.id, seq: items.length, items, first: true, ...standing });
  app.rooms = rooms;
  const router = new Router(new URL('http://localhost:3000/'));
  return { app, router, rooms, room, socket, page: new Page(() => undefined) };
}

// jsdom lays nothing out: what needs a size, a colour or the top layer is judged in real browsers.
const NOT_HERE = ['color-contrast', 'target-size', 'scrollable-region-focusable', 'region'];

/** Mounts a screen and looks at it once everything is there. */
export async function show(of: Component<never>, props: object, at: ReturnType<typeof house>) {
  const view = stage(of, props, at);
  const loading = () =>
    [...view.container.querySelectorAll('[role="status"]')].filter((one) => !one.closest('details'));
  await vi.waitFor(() => expect(loading()).toEqual([]));
  await isAccessible(view.container);
  return view;
}

export function stage(of: Component<never>, props: object, { app, router, page }: ReturnType<typeof house>) {
  return render(Stage, {
    props: {
      of: of as unknown as Component<Record<string, unknown>>,
      props: { ...props },
      here: { app, router, page },
    },
  });
}

/** axe finds nothing wrong. */
export async function isAccessible(container: Element): Promise<void> {
  const rules = Object.fromEntries(NOT_HERE.map((id) => [id, { enabled: false }]));
  const { violations } = await axe.run(container, { rules });
  expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).toEqual([]);
}

// The screens of the call of a room, over a server and connections that answer from memory: what they say, and what axe says of them.
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { cleanup, within } from '@testing-library/svelte';
import type { Component } from 'svelte';
import type { Act, News, Participant } from '../../src/lib/api/conference-types';
import { Problem } from '../../src/lib/api/problem';
import type { SignalListener, SignalSocket } from '../../src/lib/api/signal';
import { Calls } from '../../src/lib/model/calls.svelte';
import { Conferences } from '../../src/lib/model/conferences.svelte';
import type { Exchange } from '../../src/lib/model/exchange.svelte';
import Layer from '../../src/screens/conference/Layer.svelte';
import RoomCall from '../../src/screens/room/RoomCall.svelte';
import RoomHeader from '../../src/screens/room/RoomHeader.svelte';
import { asConnection, FakeConnection } from '../fake-connection';
import { house, isAccessible, ME, stage } from './support';

const ALICE: Participant = {
  person: '01AL',
  name: 'Alice Liddell',
  leads: false,
  shows: { microphone: true, camera: false, screen: false },
  away: false,
};

beforeAll(() => {
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  // The top layer is not here either; what a menu holds is.
  HTMLElement.prototype.showPopover = () => undefined;
  vi.stubGlobal('visualViewport', null);
  vi.stubGlobal('ResizeObserver', vi.fn(Nothing));
  vi.stubGlobal('MediaStream', vi.fn());
  vi.stubGlobal('matchMedia', () => ({ matches: true }));
  HTMLMediaElement.prototype.play = () => Promise.resolve();
  // jsdom lays nothing out; the pictures need a place all the same.
  for (const [side, pixels] of [
    ['clientWidth', 1200],
    ['clientHeight', 700],
  ] as const)
    Object.defineProperty(HTMLElement.prototype, side, { configurable: true, get: () => pixels });
});

afterEach(cleanup);

function Nothing(this: object) {
  Object.assign(this, { observe: () => undefined, unobserve: () => undefined, disconnect: () => undefined });
}

function setUp(leads = false) {
  const listeners: SignalListener[] = [];
  const acts: Act[] = [];
  const refuse: { code: string | null } = { code: null };
  const signal = {
    listen: (to: SignalListener) => (listeners.push(to), () => undefined),
    command: ({ act }: { act: Act }) => {
      acts.push(act);
      return refuse.code ? Promise.reject(new Problem(refuse.code, 403)) : Promise.resolve({ ref: 'r' });
    },
    servers: () => Promise.resolve({ servers: [], relayOnly: false }),
  } as unknown as SignalSocket;
  const at = house({ grants: ['read', 'post', 'call', 'present'] });
  const make = () => asConnection(new FakeConnection());
  const parts = { signal, settings: at.app.settings, devices: undefined, make };
  const conferences = new Conferences({ ...parts, me: ME, live: (_, live) => (at.room.call = live) });
  const calls = new Calls({ ...parts, demanded: () => false });
  const confer = (room: string) => (conferences.prepare(room), true);
  const exchange = { calls, conferences, available: true, confers: true, confer } as unknown as Exchange;
  at.app.exchange = exchange;
  const hear = async (news: News) => {
    for (const listener of listeners) listener.frame?.({ type: 'conference', room: at.room.id, news });
    await vi.waitFor(() => undefined);
  };
  const me: Participant = { ...ALICE, person: ME, name: 'Marion Keller', leads };
  const people = (...others: Participant[]): News => ({
    kind: 'joined',
    call: 'C',
    since: Date.now(),
    locked: false,
    people: [me, ...others],
  });
  const render = () => stage(Layer as Component<never>, { exchange }, at);
  const join = async (...others: Participant[]) => {
    conferences.prepare(at.room.id);
    await conferences.join();
    await hear(people(...others));
  };
  return { ...at, conferences, exchange, acts, refuse, hear, people, render, join, me };
}

const LIVE: News = {
  kind: 'live',
  call: 'C',
  since: new Date(2026, 2, 3, 14, 5).getTime(),
  count: 3,
  people: [
    { person: '01AL', name: 'Alice' },
    { person: '01BO', name: 'Bob' },
    { person: '01EV', name: 'Eve' },
  ],
  locked: false,
};

describe('the screens of the call of a room', () => {
  it('tell in the room that it goes on, since when and who is in it, and lead in', async () => {
    const t = setUp();
    const head = stage(RoomHeader as Component<never>, { room: t.room, panel: null, onpanel: vi.fn() }, t);
    expect(head.getByRole('button', { name: /^Call/ })).toBeTruthy();
    await t.hear(LIVE);
    await vi.waitFor(() => expect(head.queryByRole('button', { name: /^Call/ })).toBeNull());
    head.unmount();
    const view = stage(RoomCall as Component<never>, { room: t.room, call: t.room.call }, t);
    view.getByText('In call: 3 people, since 14:05');
    view.getByText('Alice, Bob and Eve');
    await isAccessible(view.container);
    view.getByRole('button', { name: /^Join/ }).click();
    expect(t.conferences.current?.state).toBe('pre-join');
  });

  it('say before joining who is inside, and why one may not join, with a next step', async () => {
    const t = setUp();
    await t.hear(LIVE);
    t.conferences.prepare(t.room.id);
    const view = t.render();
    view.getByText('In the call now: Alice, Bob and Eve');
    await isAccessible(view.container);
    t.refuse.code = 'in_a_call';
    view.getByRole('button', { name: 'Listen only' }).click();
    const alert = await view.findByText(/in another window/);
    expect(alert).toBeTruthy();
    t.refuse.code = 'locked';
    view.getByRole('button', { name: 'Move the call here' }).click();
    await view.findByText(/The call is locked/);
    expect(t.acts.at(-1)).toMatchObject({ kind: 'join', here: true });
  });

  it('show everybody with what they have on, and what one can do', async () => {
    const t = setUp();
    const view = t.render();
    await t.join(ALICE, {
      ...ALICE,
      person: '01BO',
      name: 'Bob',
      shows: { ...ALICE.shows, microphone: false },
      hand: 5,
    });
    const tiles = await view.findByRole('list', { name: 'People' });
    const bob = within(tiles).getByText('Bob').closest('figure');
    expect(bob?.textContent).toContain('muted');
    expect(bob?.textContent).toContain('hand raised, number 1');
    await vi.waitFor(() => expect(t.app.announcer.status).toContain('You are in the call with 2 other people.'));
    await isAccessible(view.container);
    view.getByRole('button', { name: 'Hand: raise it' }).click();
    view.getByRole('button', { name: 'React' }).click();
    (await view.findByRole('button', { name: 'Applause' })).click();
    await vi.waitFor(() =>
      expect(t.acts).toEqual(
        expect.arrayContaining([
          { kind: 'hand', up: true },
          { kind: 'react', emoji: 'applause' },
        ]),
      ),
    );
    await t.hear({ kind: 'speaking', person: '01AL' });
    await vi.waitFor(() =>
      expect(within(tiles).getByText('Alice Liddell').closest('figure')?.textContent).toContain('speaking'),
    );
  });

  it('give a member no means to lead', async () => {
    const t = setUp();
    const view = t.render();
    await t.join(ALICE);
    (await view.findByRole('button', { name: 'People' })).click();
    const panel = await view.findByRole('complementary', { name: 'People' });
    expect(within(panel).queryByRole('button', { name: 'Mute everyone' })).toBeNull();
    within(panel).getByRole('button', { name: 'Actions for Alice Liddell' }).click();
    const items = await within(panel).findAllByRole('menuitem', { hidden: true });
    expect(items.map((item) => item.textContent?.trim())).toEqual(['Keep large']);
    await isAccessible(view.container);
  });

  it('give who leads all means, and ask before somebody is sent out or all are', async () => {
    const t = setUp(true);
    const view = t.render();
    await t.join(ALICE);
    (await view.findByRole('button', { name: 'People' })).click();
    const panel = await view.findByRole('complementary', { name: 'People' });
    within(panel).getByRole('button', { name: 'Mute everyone' }).click();
    within(panel).getByRole('checkbox', { name: 'Let nobody else in' }).click();
    within(panel).getByRole('button', { name: 'Actions for Alice Liddell' }).click();
    (await within(panel).findByRole('menuitem', { name: 'Send out of the call', hidden: true })).click();
    const dialog = await view.findByRole('dialog', { name: 'Send Alice Liddell out of the call?' });
    await isAccessible(view.container);
    within(dialog).getByRole('button', { name: 'Send out' }).click();
    within(panel).getByRole('button', { name: 'End for everyone' }).click();
    const ending = await view.findByRole('dialog', { name: 'End the call for everyone?' });
    within(ending).getByRole('button', { name: 'End for everyone' }).click();
    await vi.waitFor(() =>
      expect(t.acts.filter(({ kind }) => ['mute', 'lock', 'remove', 'end'].includes(kind))).toEqual([
        { kind: 'mute' },
        { kind: 'lock', locked: true },
        { kind: 'remove', person: '01AL' },
        { kind: 'end' },
      ]),
    );
  });

  it('say who switched the microphone off, and ask to speak with a button', async () => {
    const t = setUp();
    const view = t.render();
    await t.join(ALICE);
    await t.hear({ kind: 'muted', by: 'Olga' });
    expect(t.app.announcer.alert).toContain('Olga switched your microphone off.');
    await t.hear({ kind: 'asked', by: 'Olga' });
    const question = await view.findByRole('group', { name: 'Olga asks you to speak.' });
    await isAccessible(view.container);
    within(question).getByRole('button', { name: 'Not now' }).click();
    await vi.waitFor(() => expect(view.queryByText('Olga asks you to speak.')).toBeNull());
  });

  it('become a strip that goes along, and say how it ended', async () => {
    const t = setUp();
    const view = t.render();
    await t.join(ALICE);
    await view.findByRole('list', { name: 'People' });
    t.conferences.large = false;
    await view.findByRole('button', { name: 'Show call' });
    view.getByText('In call: 2 people');
    await isAccessible(view.container);
    await t.hear({ kind: 'out', why: 'ended' });
    await view.findByText('The call was ended for everyone.');
    view.getByRole('button', { name: 'Join again' });
    view.getByRole('button', { name: 'Close' }).click();
    await vi.waitFor(() => expect(t.conferences.current).toBeNull());
  });

  it('ask the server for what is seen, and for nothing in the background', async () => {
    const t = setUp();
    t.render();
    await t.join(ALICE);
    const wants = () =>
      t.acts.flatMap((act) => (act.kind === 'want' ? [act.want.tiles.map(({ person }) => person)] : []));
    await vi.waitFor(() => expect(wants().at(-1)).toEqual(['01AL']));
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
    await vi.waitFor(() => expect(wants().at(-1)).toEqual([]));
    Reflect.deleteProperty(document, 'visibilityState');
    document.dispatchEvent(new Event('visibilitychange'));
    await vi.waitFor(() => expect(wants().at(-1)).toEqual(['01AL']));
  });
});

// What the screens show when nobody can say who somebody is, and when a session ends before a room has come.
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import App from '../../src/App.svelte';
import type { Client } from '../../src/lib/api/client';
import { Problem } from '../../src/lib/api/problem';
import RoomPage from '../../src/screens/room/RoomPage.svelte';
import { house, LIST, show } from './support';

beforeAll(() => {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      disconnect() {}
    },
  );
  vi.stubGlobal('visualViewport', null);
  vi.stubGlobal('CSS', { supports: () => true });
});
afterEach(() => (cleanup(), history.replaceState(null, '', '/')));

describe('a bridge that does not answer', () => {
  it('is said calmly, is asked again, and nobody sees a sign-in page', async () => {
    let answers = false;
    const session = vi.fn(() =>
      answers
        ? Promise.resolve({ signed_in: false as const, sympa_cookie: false })
        : Promise.reject(new Problem('unavailable', 503)),
    );
    const { app, page, router } = house({}, [], { session } as Partial<Client>);
    app.session.state = 'unknown';
    app.session.me = null;
    render(App, { props: { app, page, router } });
    expect(await screen.findByRole('heading', { name: 'The chat cannot be reached' })).toBeTruthy();
    expect(screen.queryByText('Sign in at lists.example.org')).toBeNull();
    answers = true;
    await fireEvent.click(screen.getByRole('button', { name: 'Try now' }));
    expect(await screen.findByText('Sign in at lists.example.org', {}, { timeout: 5000 })).toBeTruthy();
    expect(session).toHaveBeenCalledTimes(2);
  });
});

describe('a Sympa that cannot say who somebody is', () => {
  const OUT = { signed_in: false as const, sympa_cookie: true };
  const refused = async (signInWithSympa: () => Promise<unknown>) => {
    const answers = { session: () => Promise.resolve(OUT), signInWithSympa } as unknown as Partial<Client>;
    const { app, page, router } = house({}, [], answers);
    app.session.state = 'unknown';
    app.session.me = null;
    app.enter = vi.fn(() => Promise.resolve());
    render(App, { props: { app, page, router } });
    return { app, alert: await screen.findByText(/list server does not answer/, {}, { timeout: 5000 }) };
  };

  it('is asked again by the page itself, which says the same all the while', async () => {
    let answers = false;
    const asked = vi.fn(() =>
      answers
        ? Promise.resolve({ signed_in: true, person: '01ME', name: 'Marion Keller', language: 'en', listmaster: false })
        : Promise.reject(new Problem('sympa_unavailable', 503)),
    );
    const { app, alert } = await refused(asked);
    const button = screen.getByRole('button', { name: 'Try again' });
    await waitFor(() => expect(asked).toHaveBeenCalledTimes(2), { timeout: 5000 });
    expect([alert.isConnected, button.isConnected]).toEqual([true, true]);
    answers = true;
    await waitFor(() => expect(app.session.state).toBe('in'), { timeout: 5000 });
    // Once at the start, and once more now that there is somebody.
    await waitFor(() => expect(app.enter).toHaveBeenCalledTimes(2));
  });

  it('is not asked again once somebody has tried another way', async () => {
    const asked = vi.fn(() => Promise.reject(new Problem('sympa_unavailable', 503)));
    const { app } = await refused(asked);
    app.session.sympaAway = null;
    await tick();
    app.session.retryNow();
    await tick();
    expect(asked).toHaveBeenCalledTimes(1);
  });
});

describe('a session that ends while a room is still loading', () => {
  const inRoom = (answers: Partial<Client> = {}) => {
    history.replaceState(null, '', `/r/${LIST.address}`);
    return house({}, [], answers);
  };
  const back = async (app: ReturnType<typeof house>['app']) => ((app.session.state = 'in'), await tick());

  it('is said instead of “Loading…” when the rooms have not come, and the room opens after signing in again', async () => {
    const { app, rooms, ...h } = inRoom();
    rooms.open(null);
    rooms.state = 'failed';
    app.session.state = 'out';
    await show(RoomPage, { rooms, panel: null, onpanel: vi.fn() }, { app, rooms, ...h });
    expect(screen.getByText(/Your session has ended/)).toBeTruthy();
    expect(screen.queryByText('Loading…')).toBeNull();
    expect(screen.getByRole('link', { name: 'Sign in at lists.example.org' })).toBeTruthy();
    rooms.state = 'ready';
    await back(app);
    expect(screen.getByRole('heading', { level: 1, name: 'The community garden' })).toBeTruthy();
  });

  it('is said when the room was just being visited, and the visit is made after signing in again', async () => {
    const roomAt = vi.fn(() => Promise.reject(new Problem('signed_out', 401)));
    const { app, rooms, ...h } = inRoom({ roomAt } as unknown as Partial<Client>);
    rooms.open(null);
    rooms.all = [];
    app.session.end = () => ((app.session.state = 'out'), Promise.resolve());
    await show(RoomPage, { rooms, panel: null, onpanel: vi.fn() }, { app, rooms, ...h });
    expect(await screen.findByText(/Your session has ended/)).toBeTruthy();
    roomAt.mockImplementation(() => Promise.resolve(LIST) as never);
    await back(app);
    await waitFor(() => expect(screen.getByRole('heading', { level: 1, name: LIST.subject ?? '' })).toBeTruthy());
  });

  it('is said over a room whose messages have not come, with nothing loading for ever', async () => {
    const { app, room, rooms, ...h } = inRoom();
    room.timeline.ready = false;
    app.session.state = 'out';
    await show(RoomPage, { rooms, panel: null, onpanel: vi.fn() }, { app, room, rooms, ...h });
    expect(screen.getByText(/Your session has ended/)).toBeTruthy();
    expect(screen.queryByText('Loading…')).toBeNull();
  });
});

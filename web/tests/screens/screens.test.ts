// The main screens, mounted: what they say, what they do with a key or a click, and that axe finds nothing.
import { cleanup, fireEvent, screen } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Client } from '../../src/lib/api/client';
import { Problem } from '../../src/lib/api/problem';
import MembersPanel from '../../src/screens/panel/MembersPanel.svelte';
import Composer from '../../src/screens/room/Composer.svelte';
import FirstRun from '../../src/screens/room/FirstRun.svelte';
import Messages from '../../src/screens/room/Messages.svelte';
import ReadOnly from '../../src/screens/room/ReadOnly.svelte';
import RoomHeader from '../../src/screens/room/RoomHeader.svelte';
import RoomList from '../../src/screens/rooms/RoomList.svelte';
import SettingsPage from '../../src/screens/settings/SettingsPage.svelte';
import SignIn from '../../src/screens/signin/SignIn.svelte';
import { house, NOW, said, show } from './support';

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
afterEach(cleanup);

describe('the messages', () => {
  it('name an author once, with role and time, and read as sentences', async () => {
    const h = house({}, [said(1), said(2), said(3, { by: '01BO', name: 'Bob Fontaine', reply_to: 1 })]);
    await show(Messages, { room: h.room, target: null }, h);
    expect(screen.getAllByText('Alice Liddell', { selector: '.author b' })).toHaveLength(1);
    expect(
      screen.getByRole('listitem', { name: /^Bob Fontaine \(editor\).*In reply to Alice Liddell.*Line 3/ }),
    ).toBeTruthy();
  });

  it('show what was deleted as a place without words or tools', async () => {
    const h = house({}, [said(1, { body: '', deleted: { at: NOW, moderated: true } })]);
    await show(Messages, { room: h.room, target: null }, h);
    expect(screen.getByText('Message deleted by a moderator')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Message actions' })).toBeNull();
  });

  it('never become markup', async () => {
    const h = house({}, [said(1, { body: '<img src=x onerror=alert(1)> [a](javascript:alert(1))' })]);
    const { container } = await show(Messages, { room: h.room, target: null }, h);
    expect(container.querySelectorAll('img, .body a')).toHaveLength(0);
  });
});

describe('whoever reads at the end of a room', () => {
  const hear = { kind: 'said', at: NOW, by: '01AL', name: 'Alice Liddell', body: 'Just now' } as const;

  it('has no news in the list of rooms, also before the server knows', async () => {
    const h = house();
    h.page.watched = true;
    const { unmount } = await show(Messages, { room: h.room, target: null }, h);
    await vi.waitFor(() => expect(h.room.seen).toBe(true));
    h.room.frame({ type: 'event', room: h.room.id, event: { ...hear, seq: 1, nonce: 'n' } });
    expect([h.room.unread, h.room.news]).toEqual([1, 0]);
    await vi.waitFor(() => expect(h.socket.tell).toHaveBeenCalledWith({ type: 'read', room: h.room.id, seq: 1 }), 3000);
    unmount();
    expect(h.room.seen).toBe(false);
  });

  it('has news in a tab that nobody looks at', async () => {
    const h = house();
    h.page.watched = false;
    await show(Messages, { room: h.room, target: null }, h);
    h.room.frame({ type: 'event', room: h.room.id, event: { ...hear, seq: 1, nonce: 'n' } });
    expect(h.room.news).toBe(1);
  });
});

describe('the composer', () => {
  const write = async (text: string, key: object, sendWith: 'enter' | 'ctrl-enter') => {
    const h = house();
    h.app.settings.change({ sendWith });
    await show(Composer, { room: h.room }, h);
    const box = screen.getByRole('textbox', { name: 'Message The community garden' });
    await fireEvent.input(box, { target: { value: text } });
    await fireEvent.keyDown(box, key);
    return h.room.outbox.pending.map(({ body }) => body);
  };

  it('sends with Enter', async () => {
    expect(await write('Good morning', { key: 'Enter' }, 'enter')).toEqual(['Good morning']);
  });

  it('keeps Shift+Enter for a new line', async () => {
    expect(await write('Good morning', { key: 'Enter', shiftKey: true }, 'enter')).toEqual([]);
  });

  it('sends with Ctrl+Enter alone when that is chosen', async () => {
    expect(await write('Good morning', { key: 'Enter' }, 'ctrl-enter')).toEqual([]);
    cleanup();
    expect(await write('Good morning', { key: 'Enter', ctrlKey: true }, 'ctrl-enter')).toEqual(['Good morning']);
  });

  it('says who posts in a room for announcements', async () => {
    const h = house({ mode: 'announce' });
    await show(Composer, { room: h.room }, h);
    expect(screen.getByText(/Only editors and owners post in this room/)).toBeTruthy();
  });
});

describe('a reader who cannot write', () => {
  it.each([
    [{ mode: 'announce' as const }, 'Only editors and owners post in this room.'],
    [{ muted_until: NOW + 9e9 }, /A moderator has muted you here until .+\. You can still read\./],
  ])('is told why: %o', async (info, sentence) => {
    const h = house({ grants: ['read'], ...info });
    await show(ReadOnly, { room: h.room }, h);
    expect(screen.getByText(sentence)).toBeTruthy();
  });

  it('is told until when they are banned', async () => {
    const banned = () => Promise.reject(new Problem('banned', 403, undefined, NOW + 9e9));
    const h = house({}, [], { roomAt: banned });
    h.room.frame({ type: 'removed', room: h.room.id, code: 'banned' });
    await show(ReadOnly, { room: h.room }, h);
    expect(await screen.findByText(/shut you out of this room until \d+ \w+/)).toBeTruthy();
  });
});

describe('around the room', () => {
  it('the strip of the first visit gives way for good', async () => {
    const h = house();
    await show(FirstRun, { room: h.room }, h);
    await fireEvent.click(screen.getByRole('button', { name: 'Understood' }));
    expect(h.app.settings.welcomed).toBe(true);
  });

  it('the header names the room and who is here', async () => {
    const h = house();
    await show(RoomHeader, { room: h.room, panel: null, onpanel: vi.fn() }, h);
    expect(screen.getByRole('heading', { level: 1, name: 'The community garden' })).toBeTruthy();
    expect(screen.getByRole('button', { name: /Members.*1 here/ })).toBeTruthy();
  });

  it('the list finds a room by a few letters', async () => {
    const h = house();
    await show(RoomList, { rooms: h.rooms, onhelp: vi.fn() }, h);
    const filter = screen.getByRole('searchbox', { name: 'Go to a room' });
    await fireEvent.input(filter, { target: { value: 'gard' } });
    expect(screen.getByRole('link', { name: /The community garden/ })).toBeTruthy();
    await fireEvent.input(filter, { target: { value: 'nothing' } });
    expect(screen.getByText('No room matches “nothing”.')).toBeTruthy();
  });

  it('the members show roles as words, and moderators what was done', async () => {
    const act = { at: NOW, by: '01AL', name: 'Alice Liddell', act: 'deleted', target: 7, detail: 'Bob Fontaine' };
    const h = house({ grants: ['read', 'post', 'moderate'] }, [], {
      audit: () => Promise.resolve({ acts: [act] }),
    } as Partial<Client>);
    await show(MembersPanel, { room: h.room, rooms: h.rooms, onclose: vi.fn() }, h);
    expect(screen.getByText('owner')).toBeTruthy();
    const log = screen.getByText('What moderators did').closest('details') as HTMLDetailsElement;
    log.open = true;
    await fireEvent(log, new Event('toggle'));
    expect(await screen.findByText('Alice Liddell deleted a message by Bob Fontaine')).toBeTruthy();
  });

  it('the settings keep the choice of key', async () => {
    const h = house();
    await show(SettingsPage, {}, h);
    await fireEvent.click(screen.getByRole('radio', { name: /^Ctrl\+Enter/ }));
    expect(h.app.settings.sendWith).toBe('ctrl-enter');
  });
});

describe('signing in', () => {
  it('offers Sympa first, then the quiet ways, and keeps its words when refused', async () => {
    const h = house({}, [], {
      signInWithPassword: () => Promise.reject(new Problem('wrong_password', 401)),
    } as Partial<Client>);
    h.app.session.state = 'out';
    h.app.session.me = null;
    await show(SignIn, {}, h);
    expect(screen.getByRole('link', { name: 'Sign in at lists.example.org' })).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: /password/ }));
    const email = screen.getByLabelText('Your e-mail address');
    await fireEvent.input(email, { target: { value: 'ann@example.org' } });
    await fireEvent.input(screen.getByLabelText('Your Sympa password'), { target: { value: 'wrong' } });
    await fireEvent.submit(email.closest('form') as HTMLFormElement);
    expect((await screen.findByRole('alert')).textContent).toBe('Address and password do not match.');
    expect((screen.getByLabelText('Your e-mail address') as HTMLInputElement).value).toBe('ann@example.org');
  });
});

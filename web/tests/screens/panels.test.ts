// The panels beside the conversation when the server was away: they fill by themselves, or at a press.
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Client } from '../../src/lib/api/client';
import { Problem } from '../../src/lib/api/problem';
import MembersPanel from '../../src/screens/panel/MembersPanel.svelte';
import RoomSettingsPanel from '../../src/screens/panel/RoomSettingsPanel.svelte';
import SanctionDialog from '../../src/screens/panel/SanctionDialog.svelte';
import { house, MEMBERS, NOW, show } from './support';

const away = () => Promise.reject(new Problem('offline', 0));
const settings = { mode: 'off', roster: 'members', relay_only: false, derived: false };
const sanction = { person: '01BO', name: 'Bob Fontaine', kind: 'mute', until: NOW, reason: 'shouting', by: 'Alice' };

beforeAll(() => {
  vi.stubGlobal('visualViewport', null);
  // jsdom knows no modal dialogs.
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
});
afterEach(cleanup);

/** The settings of a room, which the server gives at the second time of asking. */
async function settingsPanel(line: 'lost' | 'open') {
  const answers = {
    settings: vi
      .fn(away)
      .mockImplementationOnce(away)
      .mockResolvedValue(settings as never),
  };
  const h = house({ grants: ['manage'] }, [], answers as unknown as Partial<Client>);
  h.app.connection.become(line);
  await show(RoomSettingsPanel, { room: h.room, onclose: vi.fn() }, h);
  return h;
}

describe('a panel that was opened while the server was away', () => {
  it('fills by itself when the line is back', async () => {
    const h = await settingsPanel('lost');
    await screen.findByRole('alert');
    h.app.connection.become('open');
    expect(await screen.findByRole('radio', { name: /^Nobody/, checked: true })).toBeTruthy();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('asks again when somebody wants it to, though the line never broke', async () => {
    await settingsPanel('open');
    await fireEvent.click(await screen.findByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('radio', { name: /^Nobody/ })).toBeTruthy();
  });

  it('tells of members, sanctions and acts alike', async () => {
    const answers = {
      members: vi.fn(away).mockResolvedValue({ members: MEMBERS, complete: true } as never),
      sanctions: vi.fn(away).mockResolvedValue({ sanctions: [sanction] } as never),
      audit: vi.fn(away).mockResolvedValue({ acts: [] } as never),
    };
    for (const one of Object.values(answers)) one.mockImplementationOnce(away);
    const h = house({ grants: ['read', 'moderate'] }, [], answers as unknown as Partial<Client>);
    h.app.connection.become('lost');
    await show(MembersPanel, { room: h.room, rooms: h.rooms, onclose: vi.fn() }, h);
    const log = screen.getByText('What moderators did').closest('details') as HTMLDetailsElement;
    log.open = true;
    await fireEvent(log, new Event('toggle'));
    await waitFor(() => expect(screen.getAllByRole('alert').length).toBeGreaterThanOrEqual(2));
    h.app.connection.become('open');
    await waitFor(() => expect(screen.queryAllByRole('alert')).toEqual([]));
    expect(screen.getByText('shouting')).toBeTruthy();
    expect(screen.getByText('owner')).toBeTruthy();
  });
});

describe('the settings of a room', () => {
  it('let its owner demand that nobody sees the network address of another', async () => {
    const saveSettings = vi.fn().mockResolvedValue(undefined);
    const rooms = vi.fn().mockResolvedValue({ rooms: [] });
    const answers = { settings: vi.fn().mockResolvedValue(settings), saveSettings, rooms };
    const h = house({ grants: ['manage'] }, [], answers as unknown as Partial<Client>);
    await show(RoomSettingsPanel, { room: h.room, onclose: vi.fn() }, h);
    const hide = await screen.findByRole('checkbox', { name: /^Hide everyone’s network address/, checked: false });
    await fireEvent.click(hide);
    expect(saveSettings).toHaveBeenCalledWith(h.room.id, expect.objectContaining({ mode: 'off', relay_only: true }));
    await waitFor(() => expect((hide as HTMLInputElement).checked).toBe(true));
  });
});

describe('muting somebody', () => {
  it('promises no more about the reason than is so', async () => {
    const h = house({ grants: ['read', 'moderate'] });
    await show(SanctionDialog, { room: h.room, member: MEMBERS[2], kind: 'mute', onclose: vi.fn() }, h);
    const reason = screen.getByRole('textbox', { name: 'Reason (optional)', hidden: true });
    const words = document.getElementById(reason.getAttribute('aria-describedby') ?? '')?.textContent;
    expect(words).toBe('Only those who moderate this room can read the reason.');
  });
});

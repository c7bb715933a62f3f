// Calls and offers of files among the messages: in which words they stand there, what they count as, and that they are read out.
import { cleanup, fireEvent, screen } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CallItem, Event, OfferItem } from '../src/lib/api/types';
import { rows } from '../src/lib/model/rows';
import { overwriteGetLocale } from '../src/lib/paraglide/runtime';
import { callLine, offerLine } from '../src/lib/text/lines';
import { size } from '../src/lib/text/size';
import { lasted } from '../src/lib/text/time';
import Messages from '../src/screens/room/Messages.svelte';
import { house, ME, NOW, said, show } from './screens/support';

const ALICE = { by: '01AL', name: 'Alice Liddell' };
const I = { by: ME, name: 'Marion Keller' };
const call = (more: Partial<CallItem> = {}): CallItem => ({
  ...{ kind: 'call', seq: 1, at: NOW, ...ALICE, call: '01CALL', to: ME },
  ...{ media: 'audio', outcome: 'missed', lasted_ms: 0 },
  ...more,
});
const files = (...names: string[]) => names.map((name) => ({ name, size: 1_200_000, kind: 'image/jpeg' }));
const offer = (more: Partial<OfferItem> = {}): OfferItem => ({
  ...{ kind: 'offer', seq: 1, at: NOW, ...ALICE, offer: '01OFFER' },
  ...{ files: files('garden/tulips.jpg'), count: 1, size: 1_200_000 },
  ...more,
});
const names: Record<string, string> = { '01BO': 'Bob Fontaine' };
const line = (more: Partial<CallItem>) => callLine(call(more), ME, (person) => names[person]);
/** Breaks of lines are of no interest here. */
const spaced = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

beforeAll(() => {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      disconnect() {}
    },
  );
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  vi.stubGlobal('visualViewport', null);
  vi.stubGlobal('CSS', { supports: () => true });
});
afterEach(() => {
  cleanup();
  overwriteGetLocale(() => 'en');
});

describe('the line of a call', () => {
  const ended = { outcome: 'ended', lasted_ms: 725_000 } as const;

  it.each<[string, string, Partial<CallItem>]>([
    ['Missed call from Alice Liddell', 'Appel manqué de Alice Liddell', {}],
    ['Missed video call from Alice Liddell', 'Appel vidéo manqué de Alice Liddell', { media: 'video' }],
    ['You declined a call from Alice Liddell', 'Vous avez décliné un appel de Alice Liddell', { outcome: 'declined' }],
    ['Call with Alice Liddell, 12 min', 'Appel avec Alice Liddell, 12 min', ended],
    ['You called Bob Fontaine, no answer', 'Vous avez appelé Bob Fontaine, sans réponse', { ...I, to: '01BO' }],
    [
      'Bob Fontaine declined your call',
      'Bob Fontaine a décliné votre appel',
      { ...I, to: '01BO', outcome: 'declined' },
    ],
    [
      'Video call with Bob Fontaine, 12 min',
      'Appel vidéo avec Bob Fontaine, 12 min',
      { ...I, to: '01BO', media: 'video', ...ended },
    ],
    [
      'Alice Liddell called Bob Fontaine, no answer',
      'Alice Liddell a appelé Bob Fontaine, sans réponse',
      { to: '01BO' },
    ],
    [
      'Somebody declined a call from Alice Liddell',
      'Quelqu’un a décliné un appel de Alice Liddell',
      { to: '01XX', outcome: 'declined' },
    ],
    [
      'Call between Alice Liddell and somebody, 12 min',
      'Appel entre Alice Liddell et quelqu’un, 12 min',
      { to: '01XX', ...ended },
    ],
  ])('%s', (english, french, more) => {
    expect(spaced(line(more))).toBe(english);
    overwriteGetLocale(() => 'fr');
    expect(spaced(line(more))).toBe(french);
  });

  it('says how long it was in the words of the language', () => {
    const times = () => [0, 40_000, 59_700, 65_000, 3_600_000, 3_910_000].map((ms) => spaced(lasted(ms)));
    expect(times()).toEqual(['0 sec', '40 sec', '1 min', '1 min', '1 hr', '1 hr 5 min']);
    overwriteGetLocale(() => 'fr');
    expect(times()).toEqual(['0 s', '40 s', '1 min', '1 min', '1 h', '1 h 5 min']);
  });
});

describe('the line of an offer', () => {
  it('names the file, or counts them', () => {
    expect(spaced(offerLine(offer(), ME))).toBe('Alice Liddell offers garden/tulips.jpg, 1.2 MB');
    expect(spaced(offerLine(offer({ ...I, count: 3 }), ME))).toBe('You offered 3 files, 1.2 MB');
    overwriteGetLocale(() => 'fr');
    expect(spaced(offerLine(offer({ count: 3 }), ME))).toBe('Alice Liddell propose 3 fichiers, 1,2 Mo');
  });

  it('shows no name that deceives', () => {
    expect(offerLine(offer({ files: files('invoice\u202Efdp.exe') }), ME)).toContain('invoicefdp.exe');
  });

  it('rounds a size to what people say', () => {
    const sizes = [0, 1, 999, 1000, 999_499, 999_500, 12_345_678, 5e15].map((bytes) => size(bytes, 'en'));
    expect(sizes).toEqual(['0 bytes', '1 byte', '999 bytes', '1 kB', '999 kB', '1 MB', '12 MB', '5,000 TB']);
  });
});

describe('among the messages', () => {
  it('a call or an offer begins a group anew, and only what is news is announced as new', () => {
    const items = [said(1), call({ seq: 2, outcome: 'declined' }), said(3), offer({ seq: 4 }), said(5), said(6)];
    const laid = rows(items, 1, ME).map((row) => (row.kind === 'message' ? `${row.kind} ${row.head}` : row.kind));
    expect(laid).toEqual([
      ...['day', 'message true', 'call', 'new', 'message true', 'offer', 'message true', 'message false'],
    ]);
    expect(rows([call({ seq: 2 })], 1, ME).map(({ kind }) => kind)).toEqual(['day', 'new', 'call']);
  });

  it('they stay the same rows as long as they are the same', () => {
    const items = [call(), offer({ seq: 2 })];
    expect(rows(items, null, ME)[1]).toBe(rows(items, null, ME)[1]);
  });

  it('a call is one quiet line that is read out with its time', async () => {
    const h = house({}, [said(1), call({ seq: 2, to: '01BO', media: 'video' })]);
    await show(Messages, { room: h.room, target: null }, h);
    await vi.waitFor(() =>
      expect(
        screen.getByRole('listitem', { name: /^Alice Liddell called Bob Fontaine with video, no answer\. 12:00$/ }),
      ).toBeTruthy(),
    );
    expect(screen.queryAllByRole('button', { name: 'Message actions' })).toHaveLength(0);
  });

  it('an offer can be deleted by who may, and then shows nothing of its files', async () => {
    const h = house({ grants: ['read', 'post', 'moderate'] }, [offer()]);
    await show(Messages, { room: h.room, target: null }, h);
    const row = screen.getByRole('listitem', { name: /^Alice Liddell offers garden\/tulips.jpg/ });
    await fireEvent.keyDown(row, { key: 'Delete' });
    const sure = await screen.findByRole('button', { name: 'Delete', hidden: true }, { timeout: 10_000 });
    h.socket.command.mockResolvedValue({});
    await fireEvent.click(sure);
    expect(h.socket.command).toHaveBeenCalledWith({ type: 'delete', room: h.room.id, target: 1 });
    const event: Event = { kind: 'deleted', seq: 2, at: NOW, by: ME, target: 1, moderated: true };
    h.room.frame({ type: 'event', room: h.room.id, event });
    await screen.findByText('Offer of files deleted by a moderator');
    expect(screen.queryByText(/tulips/)).toBeNull();
  });
});

describe('what counts as news', () => {
  const hear = (seq: number, event: object) => ({ seq, at: NOW, ...ALICE, ...event }) as Event;
  const called = (outcome: string, to: string) => ({
    kind: 'called',
    call: '01C',
    media: 'audio',
    lasted_ms: 0,
    outcome,
    to,
  });
  const offered = { kind: 'offered', offer: '01O', files: files('a.jpg'), count: 1, size: 1 };

  it('is a missed call for the one who was called, as a mention, and an offer for the others', () => {
    const { room } = house();
    const counts = (seq: number, event: object) => {
      room.frame({ type: 'event', room: room.id, event: hear(seq, event) });
      return [room.unread, room.mentions];
    };
    expect(counts(1, called('ended', ME))).toEqual([0, 0]);
    expect(counts(2, called('declined', ME))).toEqual([0, 0]);
    expect(counts(3, called('missed', '01BO'))).toEqual([0, 0]);
    expect(counts(4, called('missed', ME))).toEqual([1, 1]);
    expect(counts(5, offered)).toEqual([2, 1]);
    expect(counts(6, { ...offered, ...I })).toEqual([2, 1]);
    expect(room.timeline.items.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

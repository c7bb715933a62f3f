// The card of an offer and the tray, as people see and hear them in each state.
import { cleanup, screen } from '@testing-library/svelte';
import { flushSync, type Component } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SignalListener } from '../src/lib/api/signal';
import type { SignalFrame } from '../src/lib/api/signal-types';
import type { Exchange } from '../src/lib/model/exchange.svelte';
import { Transfers } from '../src/lib/model/transfers.svelte';
import { browserMeans, type Means } from '../src/lib/transfer/means';
import { MemoryStage } from '../src/lib/transfer/stage';
import OfferCard from '../src/screens/transfer/OfferCard.svelte';
import OfferSheet from '../src/screens/transfer/OfferSheet.svelte';
import RoomTransfers from '../src/screens/transfer/RoomTransfers.svelte';
import Tray from '../src/screens/transfer/Tray.svelte';
import { house, LIST, ME, show } from './screens/support';
import { source } from './transfer-support';

const files = [{ name: '../plan\u202Efdp.exe', size: 3_200_000, kind: '' }];
const offered: SignalFrame & { type: 'offered' } = {
  ...{ type: 'offered', room: LIST.id, offer: '01OFFER', person: '01AL', name: 'Alice Liddell', at: 1 },
  ...{ files, count: 1, size: 3_200_000 },
};
const card = { offer: '01OFFER', by: '01AL', name: 'Alice Liddell', files, count: 1, size: 3_200_000, mine: false };

let transfers: Transfers | undefined;
beforeEach(() => vi.stubGlobal('visualViewport', null));
afterEach(() => {
  cleanup();
  transfers?.end();
});

/** A house whose transfers hear frames and ask the server nothing but this. */
function withTransfers(means: Partial<Means> = {}, demanded = false) {
  const place = house({ grants: ['read', 'post', 'send_files'] });
  let listener: SignalListener = {};
  const command = vi.fn((asked: { type: string }) =>
    Promise.resolve({ ref: 'r', ...(asked.type === 'offer' ? { offer: '01MINE' } : {}) }),
  );
  const signal = {
    limits: { files: 100, frame_bytes: 49_152 },
    listen: (heard: SignalListener) => ((listener = heard), () => undefined),
    command,
    servers: () => Promise.resolve({ servers: [], relayOnly: false }),
    tell: () => true,
  };
  transfers = new Transfers(
    { signal, me: ME, isDirect: () => false, relayOnly: () => false, demanded: () => demanded, say: () => undefined },
    {
      ...browserMeans,
      ...{
        able: () => true,
        openStage: () => Promise.resolve(new MemoryStage()),
        spaceLeft: () => Promise.resolve(1e9),
      },
      ...{ allKept: () => Promise.resolve([]), keep: () => Promise.resolve(), forget: () => Promise.resolve() },
      ...{ sweep: () => Promise.resolve(), alone: () => Promise.resolve(() => undefined) },
      ...means,
    },
  );
  place.app.exchange = { transfers } as unknown as Exchange;
  const hear = (frame: SignalFrame) => flushSync(() => listener.frame?.(frame));
  hear({ type: 'stands', room: LIST.id, grants: ['read', 'send_files'] });
  return { place, transfers, hear, command };
}
const shows = (of: unknown, props: object, place: ReturnType<typeof house>) =>
  show(of as Component<never>, props, place);

describe('the card', () => {
  it('tells what it is, warns of programs and can be accepted as long as its sender is there', async () => {
    const { place, hear } = withTransfers();
    await shows(OfferCard, card, place);
    expect(screen.getByText(/Not available: Alice Liddell is away/)).toBeTruthy();
    hear(offered);
    expect(screen.getByText('planfdp.exe')).toBeTruthy();
    expect(screen.getByText('3.2 MB · EXE · from Alice Liddell')).toBeTruthy();
    expect(screen.getByText(/“planfdp.exe” can be a program/)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Accept planfdp.exe' })).toBeTruthy();
    hear({ type: 'closed', room: LIST.id, offer: '01OFFER', why: 'gone' });
    expect(screen.queryByRole('button', { name: /Accept/ })).toBeNull();
  });

  it('keeps the keyboard when the button that was pressed goes away', async () => {
    const { place, hear } = withTransfers();
    await shows(OfferCard, card, place);
    hear(offered);
    await vi.waitFor(() => screen.getByRole('button', { name: 'Decline' }));
    const decline = screen.getByRole('button', { name: 'Decline' });
    decline.focus();
    flushSync(() => decline.click());
    await vi.waitFor(() => expect(document.activeElement).toBe(screen.getByRole('article')));
  });

  it('says how it ended', async () => {
    const { place } = withTransfers();
    const { rerender } = await shows(OfferCard, { ...card, closed: { why: 'withdrawn' } }, place);
    expect(screen.getByText('Alice Liddell has withdrawn it.')).toBeTruthy();
    expect(rerender).toBeTruthy();
  });

  it('says a sentence where the space is not enough', async () => {
    const { place, hear } = withTransfers({ spaceLeft: () => Promise.resolve(1000) });
    await shows(OfferCard, card, place);
    hear(offered);
    screen.getByRole('button', { name: /Accept/ }).click();
    await vi.waitFor(() => expect(place.app.toast).toContain('There is not enough room'));
  });

  it('is declined with one press, and may still be accepted', async () => {
    const { place, hear, command } = withTransfers();
    await shows(OfferCard, card, place);
    hear(offered);
    flushSync(() => screen.getByRole('button', { name: 'Decline' }).click());
    expect(command).toHaveBeenCalledWith({ type: 'refuse', offer: '01OFFER' });
    expect(screen.getByText('You declined it.')).toBeTruthy();
    expect(screen.getByRole('button', { name: /Accept/ })).toBeTruthy();
  });

  it('shows progress that can be heard, and one button at a time', async () => {
    let awake = 0;
    const stayAwake = () => ((awake += 1), () => void (awake -= 1));
    const { place, hear, transfers } = withTransfers({ stayAwake });
    await shows(OfferCard, card, place);
    hear(offered);
    expect(awake).toBe(0);
    screen.getByRole('button', { name: /Accept/ }).click();
    await vi.waitFor(() => expect(transfers.receivings).toHaveLength(1));
    flushSync(() => {
      const [one] = transfers.receivings;
      if (!one) return;
      one.state = 'receiving';
      one.progress.mark(1_600_000);
    });
    const bar = screen.getByRole('progressbar', { name: 'Receiving planfdp.exe' });
    expect(bar.getAttribute('aria-valuetext')).toBe('50 %');
    expect(screen.getByText(/1.6 MB of 3.2 MB/)).toBeTruthy();
    expect(screen.getAllByRole('button').map((one) => one.textContent)).toEqual(['Pause', 'Cancel']);
    expect(awake).toBe(1);
    flushSync(() => screen.getByRole('button', { name: 'Pause' }).click());
    expect(screen.getByRole('button', { name: 'Resume' })).toBeTruthy();
    expect(awake).toBe(0);
    flushSync(() => screen.getByRole('button', { name: 'Resume' }).click());
    expect(awake).toBe(1);
    flushSync(() => screen.getByRole('button', { name: 'Cancel' }).click());
    expect(screen.getByText('You have cancelled it.')).toBeTruthy();
    expect(awake).toBe(0);
  });
});

it('the sheet names the files and who will see them, and offers them', async () => {
  const { place, transfers, command } = withTransfers();
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  transfers.draft = { room: LIST.id, sources: [source('garden/a.txt', 1000), source('garden/b.txt', 2000)] };
  await shows(OfferSheet, { room: place.room, transfers }, place);
  expect(screen.getByText('garden/a.txt')).toBeTruthy();
  expect(screen.getByText('2 files, 3 kB altogether')).toBeTruthy();
  expect(screen.getByText(/offered to everybody in “The community garden”/)).toBeTruthy();
  screen.getByRole('button', { name: 'Offer' }).click();
  await vi.waitFor(() => expect(transfers.draft).toBeNull());
  expect(command).toHaveBeenCalledWith(expect.objectContaining({ type: 'offer', count: 2, size: 3000 }));
  expect(transfers.offerings).toHaveLength(1);
});

it('the sheet before offering says that the room demands the relay, which the person cannot change', async () => {
  const { place, transfers } = withTransfers({}, true);
  transfers.draft = { room: LIST.id, sources: [source('a.txt', 1000)] };
  await shows(OfferSheet, { room: place.room, transfers }, place);
  const hide = screen.getByRole('checkbox', { name: /^Hide my network address This room asks for it: files/ });
  expect([(hide as HTMLInputElement).checked, (hide as HTMLInputElement).disabled]).toEqual([true, true]);
});

it('the tray lists what no card shows', async () => {
  const { place, transfers, hear } = withTransfers();
  await transfers.offer(LIST.id, [source('mine.txt', 10)]);
  hear(offered);
  hear({ ...offered, offer: '01OTHER', room: '01ELSE' });
  await shows(Tray, { room: place.room, transfers }, place);
  expect(screen.getByText('mine.txt')).toBeTruthy();
  expect(screen.getByRole('article', { name: /planfdp.exe/ })).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Go there' })).toBeTruthy();
  const done = transfers.show('01OFFER');
  flushSync();
  expect(screen.queryByRole('article')).toBeNull();
  done();
});

it('the tray does not bring back in another room what was put out of sight in this one', async () => {
  const { place, transfers, hear } = withTransfers();
  hear({ ...offered, room: '01ELSE' });
  await shows(Tray, { room: place.room, transfers }, place);
  flushSync(() => screen.getByRole('button', { name: 'Close' }).click());
  expect(screen.queryByRole('button', { name: 'Go there' })).toBeNull();
  cleanup();
  await shows(Tray, { room: place.room, transfers }, place);
  expect(screen.queryByRole('button', { name: 'Go there' })).toBeNull();
});

it('what is pasted is offered, except what a word processor copies: that is text', async () => {
  const { place, transfers } = withTransfers();
  await shows(RoomTransfers, { room: place.room, transfers }, place);
  const paste = (types: string[]) => {
    const files = [new File(['x'], 'image.png', { type: 'image/png' })];
    const event = Object.assign(new Event('paste', { cancelable: true }), {
      clipboardData: { types, files, items: [] },
    });
    window.dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect(paste(['text/plain', 'text/html', 'text/rtf', 'Files'])).toBe(false);
  expect(transfers.draft).toBeNull();
  expect(paste(['text/html', 'Files'])).toBe(true);
  await vi.waitFor(() => expect(transfers.draft?.sources.map(({ name }) => name)).toEqual(['image.png']));
});

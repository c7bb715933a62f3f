// The screens of a call, over a server and a connection that answer from memory: what they say, and what axe says of them.
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { cleanup } from '@testing-library/svelte';
import { tick, type Component } from 'svelte';
import type { SignalListener, SignalSocket } from '../../src/lib/api/signal';
import { Calls } from '../../src/lib/model/calls.svelte';
import type { Exchange } from '../../src/lib/model/exchange.svelte';
import CallLayer from '../../src/screens/call/CallLayer.svelte';
import { asConnection, FakeConnection } from '../fake-connection';
import { house, isAccessible, stage } from './support';

const ALICE = { person: '01AL', name: 'Alice Liddell' };

beforeAll(() => {
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  vi.stubGlobal('visualViewport', null);
  vi.stubGlobal('MediaStream', vi.fn());
  vi.stubGlobal('AudioContext', vi.fn(AudioNowhere));
  HTMLMediaElement.prototype.play = () => Promise.resolve();
});

afterEach(cleanup);

/** A context that never gets to play. */
function AudioNowhere(this: object) {
  Object.assign(this, { state: 'suspended', close: () => Promise.resolve(), onstatechange: null });
}

function setUp(demanded = false) {
  let listener: SignalListener = {};
  const signal = {
    listen: (to: SignalListener) => ((listener = to), () => undefined),
    command: ({ type }: { type: string }) => Promise.resolve({ ref: 'r', ...(type === 'ring' ? { link: 'L' } : {}) }),
    tell: () => true,
    servers: () => Promise.resolve({ servers: [], relayOnly: true }),
  } as unknown as SignalSocket;
  const at = house();
  const connection = new FakeConnection();
  const make = () => asConnection(connection);
  const calls = new Calls({ signal, settings: at.app.settings, devices: undefined, demanded: () => demanded, make });
  const render = () => stage(CallLayer as Component<never>, { exchange: { calls } as unknown as Exchange }, at);
  return { ...at, calls, render, connection, hear: (frame: object) => listener.frame?.(frame as never) };
}

const ringing = { type: 'ringing', link: 'L', room: 'R', ...ALICE, media: 'video', until: 0 };
const connected = { type: 'connected', link: 'L', person: ALICE.person, polite: false, relay_only: false };

describe('the screens of a call', () => {
  it('say before a call what is missing, and that it works without', async () => {
    const { calls, render } = setUp();
    calls.prepare('R', ALICE);
    const view = render();
    await calls.own?.openMicrophone();
    expect((await view.findByRole('alert')).textContent).toContain('No microphone was found.');
    view.getByRole('button', { name: 'Call and listen only' });
    expect(await view.findByText(/^Network: blocked/)).toBeTruthy();
    await isAccessible(view.container);
  });

  it('say before a call that the room demands the relay, which the person cannot change', async () => {
    const { calls, render } = setUp(true);
    calls.prepare('R', ALICE);
    const view = render();
    const hide = view.getByRole('checkbox', { name: /^Hide my network address\s*This room asks for it/ });
    expect([(hide as HTMLInputElement).checked, (hide as HTMLInputElement).disabled]).toEqual([true, true]);
    expect(await view.findByText(/^Network: blocked. Calls in this room go through the relay/)).toBeTruthy();
    await isAccessible(view.container);
  });

  it('ring without answering to a key pressed by chance', async () => {
    const { calls, hear, render } = setUp();
    hear(ringing);
    const view = render();
    await tick();
    expect(document.activeElement?.textContent).toBe('Alice Liddell is calling');
    await isAccessible(view.container);
    view.getByRole('button', { name: 'Decline' }).click();
    expect(calls.incoming).toBeNull();
  });

  it('ring on when the browser closes what rings at a second Escape', async () => {
    const { calls, hear, render } = setUp();
    hear(ringing);
    const view = render();
    await tick();
    const dialog = view.container.querySelector('dialog');
    dialog?.dispatchEvent(new Event('cancel', { cancelable: true }));
    // Browsers let a page hold a dialog open once.
    dialog?.removeAttribute('open');
    dialog?.dispatchEvent(new Event('close'));
    expect(dialog?.open).toBe(true);
    expect(document.activeElement?.textContent).toBe('Alice Liddell is calling');
    view.getByRole('button', { name: 'Decline' }).click();
    expect(calls.incoming).toBeNull();
  });

  it('show the call large, then as a strip, then how it ended', async () => {
    const { app, calls, hear, render, connection } = setUp();
    calls.prepare('R', ALICE);
    await calls.ring('audio');
    const view = render();
    expect(view.container.querySelector('[data-call-state]')?.getAttribute('data-call-state')).toBe('ringing-out');
    hear(connected);
    connection.become('connected');
    await vi.waitFor(() => expect(app.announcer.status).toContain('You are talking with Alice Liddell.'));
    view.getByRole('timer');
    expect(view.getByRole('button', { name: 'Microphone, muted' }).getAttribute('aria-pressed')).toBe('false');
    await isAccessible(view.container);
    view.getByRole('button', { name: 'Show messages' }).click();
    (await view.findByRole('button', { name: 'Show call' })).focus();
    await isAccessible(view.container);
    hear({ type: 'ended', link: 'L', why: 'not_allowed' });
    await view.findByText('The call has ended: it is no longer allowed in this room.');
    expect(connection.closed).toBe(true);
    await isAccessible(view.container);
  });
});

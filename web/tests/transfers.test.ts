// @vitest-environment node
// Offers and pulls as people have them: two tabs and the server between them, all in memory. What breaks goes on by itself; what ends is
// told to both.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../src/lib/api/problem';
import type { SignalListener } from '../src/lib/api/signal';
import type { OfferId, SignalCommand, SignalFrame, SignalOk } from '../src/lib/api/signal-types';
import { Transfers, type SignalLine } from '../src/lib/model/transfers.svelte';
import type { Kept } from '../src/lib/transfer/kept';
import type { LinkEars } from '../src/lib/transfer/link';
import type { Means } from '../src/lib/transfer/means';
import { MemoryStage, type Stage } from '../src/lib/transfer/stage';
import { bytesOf, line, source, type End } from './transfer-support';

const ROOM = '01ROOM';
const MB = 1024 * 1024;

/** The server of section 4, as far as transfers go. */
class Server {
  tabs: Tab[] = [];
  offers = new Map<OfferId, { by: Tab; frame: SignalFrame & { type: 'offered' } }>();
  links = new Map<string, { offer: OfferId; from: Tab; to: Tab; ends: [End, End] }>();
  made = 0;
  /** Who may not fetch any more. */
  forbidden: Tab | undefined;

  all(frame: SignalFrame): void {
    for (const tab of this.tabs) if (tab.online) tab.hear(frame);
  }

  take(tab: Tab, command: SignalCommand): SignalOk {
    const ref = 'r';
    if (command.type === 'offer') {
      const { room, files, count, size } = command;
      const offer = command.offer ?? `offer-${++this.made}`;
      const frame = {
        type: 'offered',
        room,
        offer,
        person: tab.name,
        name: tab.name,
        files,
        count,
        size,
        at: 1,
      } as const;
      this.offers.set(offer, { by: tab, frame });
      queueMicrotask(() => this.all(frame));
      return { ref, offer };
    }
    if (command.type === 'pull') {
      const known = this.offers.get(command.offer);
      if (tab === this.forbidden) throw new Problem('not_allowed', 403);
      if (!known) throw new Problem('no_such_offer', 403);
      if (!known.by.online) throw new Problem('absent', 403);
      const link = `link-${++this.made}`;
      this.links.set(link, { offer: command.offer, from: known.by, to: tab, ends: line() });
      setTimeout(() => {
        known.by.hear({ type: 'pulled', offer: command.offer, link, person: tab.name, name: tab.name });
        for (const one of [known.by, tab])
          one.hear({ type: 'connected', link, person: 'x', polite: one === tab, relay_only: false });
      });
      return { ref, link };
    }
    if (command.type === 'hang_up') this.cut(command.link, tab);
    if (command.type === 'refuse') {
      const { by } = this.offers.get(command.offer) ?? {};
      by?.hear({ type: 'refused_offer', offer: command.offer, person: tab.name, name: tab.name });
    }
    if (command.type === 'close') this.close(command.offer, command.why);
    return { ref };
  }

  close(offer: OfferId, why: 'done' | 'declined' | 'withdrawn' | 'gone'): void {
    if (this.offers.delete(offer)) this.all({ type: 'closed', room: ROOM, offer, why });
  }

  cut(link: string, by?: Tab): void {
    const known = this.links.get(link);
    this.links.delete(link);
    for (const tab of [known?.from, known?.to])
      if (tab && tab !== by && tab.online) tab.hear({ type: 'ended', link, why: 'hung_up' });
  }
}

class Tab {
  online = true;
  #listener: SignalListener = {};
  transfers: Transfers;
  kept = new Map<string, Kept>();
  saved: { name: string; bytes: Uint8Array }[] = [];
  said: string[] = [];
  space = 1e12;
  mayWrite = true;
  stages = new Map<string, Stage>();
  held = new Set<string>();

  constructor(
    readonly name: string,
    readonly server: Server,
    before?: Tab,
    private readonly direct = false,
  ) {
    server.tabs.push(this);
    if (before) [this.kept, this.stages] = [before.kept, before.stages];
    const signal: SignalLine = {
      limits: { files: 100, frame_bytes: 49_152 },
      listen: (listener) => ((this.#listener = listener), () => (this.#listener = {})),
      command: (command) =>
        this.online
          ? new Promise((resolve) => resolve(server.take(this, command)))
          : Promise.reject(new Problem('offline')),
      servers: () => Promise.resolve({ servers: [], relayOnly: false }),
      tell: () => this.online,
    };
    const parts = { signal, me: name, isDirect: () => this.direct, relayOnly: () => false };
    this.transfers = new Transfers({ ...parts, say: (text) => this.said.push(text) }, this.#means());
    this.hear({ type: 'stands', room: ROOM, grants: ['send_files'] });
    for (const { frame } of server.offers.values()) this.hear(frame);
  }

  hear(frame: SignalFrame): void {
    this.#listener.frame?.(frame);
  }

  /** The line to the server is lost and comes back. */
  goesOffline(): void {
    this.online = false;
    this.#listener.state?.('lost');
  }
  comesBack(): void {
    this.online = true;
    this.#listener.state?.('open');
    this.hear({ type: 'stands', room: ROOM, grants: ['send_files'] });
    for (const { frame } of this.server.offers.values()) this.hear(frame);
  }

  get offer() {
    return [...this.transfers.offers.values()][0];
  }
  get receiving() {
    return this.transfers.receivings[0];
  }
  get offering() {
    return this.transfers.offerings[0];
  }

  async accept(): Promise<string | null> {
    await vi.waitFor(() => expect(this.offer).toBeDefined());
    return this.offer ? this.transfers.accept(this.offer) : 'none';
  }

  reaches(state: string): Promise<void> {
    return vi.waitFor(() => expect(this.receiving?.state).toBe(state), 10_000);
  }

  #means(): Means {
    return {
      now: () => Date.now(),
      able: () => true,
      link: (id, _, ears: LinkEars) => ({
        id,
        connect: () => {
          const known = this.server.links.get(id);
          const end = known?.ends[known.from === this ? 0 : 1];
          if (end) ears.channel(end);
        },
        hear: () => undefined,
        close: () => undefined,
      }),
      choose: () => Promise.resolve({ kind: 'download' }),
      mayWrite: () => Promise.resolve(this.mayWrite),
      handOver: async (_, stage, list) => {
        for (const [n, { name }] of list.entries())
          this.saved.push({ name, bytes: new Uint8Array(await (await stage.content(n)).arrayBuffer()) });
      },
      openStage: (offer) => {
        const stage = this.stages.get(offer) ?? new MemoryStage();
        this.stages.set(offer, stage);
        return Promise.resolve(stage);
      },
      spaceLeft: () => Promise.resolve(this.space),
      sweep: () => Promise.resolve(),
      allKept: () => Promise.resolve([...this.kept.values()]),
      keep: (pull) => Promise.resolve(void this.kept.set(pull.offer, pull)),
      forget: (offer) => Promise.resolve(void this.kept.delete(offer)),
      alone: (offer) => {
        if (this.held.has(offer)) return Promise.resolve(null);
        this.held.add(offer);
        return Promise.resolve(() => void this.held.delete(offer));
      },
      warnOfLeaving: () => undefined,
      stayAwake: () => () => undefined,
    };
  }
}

let town: Tab[] = [];
afterEach(() => {
  for (const tab of town) tab.transfers.end();
  town = [];
});
function people(direct = false): { server: Server; alice: Tab; bob: Tab } {
  const server = new Server();
  town = [new Tab('Alice', server, undefined, direct), new Tab('Bob', server, undefined, direct)];
  return { server, alice: town[0] as Tab, bob: town[1] as Tab };
}

describe('an offer', () => {
  it('is fetched, checked and saved, and both know', async () => {
    const { alice, bob } = people();
    expect(await alice.transfers.offer(ROOM, [source('plan.pdf', 2 * MB)])).toBeNull();
    expect(await bob.accept()).toBeNull();
    await bob.reaches('done');
    expect(bob.saved.map(({ name }) => name)).toEqual(['plan.pdf']);
    expect(Buffer.compare(bob.saved[0]?.bytes as Uint8Array, bytesOf(2 * MB, 0, 2 * MB))).toBe(0);
    await vi.waitFor(() => expect(alice.offering?.fetchedBy).toEqual(['Bob']));
    expect(bob.kept.size).toBe(0);
    expect(alice.offering?.closed).toBeNull();
    expect(bob.said.at(-1)).toContain('plan.pdf');
  });

  it('to one person is over when they have it, or do not want it', async () => {
    const { alice, bob } = people(true);
    await alice.transfers.offer(ROOM, [source('a', 5)]);
    await bob.accept();
    await bob.reaches('done');
    await vi.waitFor(() => expect(alice.offering?.closed).toBe('done'));
    await alice.transfers.offer(ROOM, [source('b', 5)]);
    await vi.waitFor(() => expect(bob.offer).toBeDefined());
    if (bob.offer) bob.transfers.decline(bob.offer);
    await vi.waitFor(() => expect(alice.transfers.offerings[1]?.closed).toBe('declined'));
    expect(bob.offer).toBeUndefined();
    expect(alice.transfers.wouldBreak).toBe(false);
  });

  it('goes to several at once', async () => {
    const { server, alice, bob } = people();
    const carol = new Tab('Carol', server);
    town.push(carol);
    await alice.transfers.offer(ROOM, [source('a', 3 * MB), source('b', 0)]);
    await Promise.all([bob.accept(), carol.accept()]);
    await Promise.all([bob.reaches('done'), carol.reaches('done')]);
    await vi.waitFor(() => expect(alice.offering?.fetchedBy.toSorted()).toEqual(['Bob', 'Carol']));
    expect(bob.saved).toHaveLength(2);
  });

  it('is not begun where there is no room for it', async () => {
    const { alice, bob } = people();
    await alice.transfers.offer(ROOM, [source('a', 100)]);
    bob.space = 99;
    expect(await bob.accept()).toBe('no_space');
    expect(bob.receiving).toBeUndefined();
  });

  it('that is withdrawn ends what is under way', async () => {
    const { alice, bob } = people();
    await alice.transfers.offer(ROOM, [source('a', 30 * MB)]);
    await bob.accept();
    await bob.reaches('receiving');
    if (alice.offering) await alice.transfers.close(alice.offering, 'withdrawn');
    await bob.reaches('over');
    expect(bob.receiving?.byMe).toBe(false);
    expect(bob.kept.size).toBe(0);
  });

  it('is announced anew under its name when the line is back', async () => {
    const { server, alice, bob } = people();
    await alice.transfers.offer(ROOM, [source('a', 5)]);
    await vi.waitFor(() => expect(bob.offer).toBeDefined());
    const { offer } = bob.offer ?? {};
    alice.goesOffline();
    server.close(offer ?? '', 'gone');
    expect(bob.offer).toBeUndefined();
    alice.comesBack();
    await vi.waitFor(() => expect(bob.offer?.offer).toBe(offer));
    expect(alice.offering?.closed).toBeNull();
  });
});

describe('a pull', () => {
  it('goes on by itself when the way is cut', async () => {
    const { server, alice, bob } = people();
    await alice.transfers.offer(ROOM, [source('a', 24 * MB)]);
    await bob.accept();
    await vi.waitFor(() => expect(bob.receiving?.progress.written).toBeGreaterThan(MB), 10_000);
    const [first] = [...server.links.keys()];
    server.links.get(first ?? '')?.ends[0].cut();
    await bob.reaches('done');
    expect(Buffer.compare(bob.saved[0]?.bytes as Uint8Array, bytesOf(24 * MB, 0, 24 * MB))).toBe(0);
    expect(server.made).toBeGreaterThan(2);
  }, 30_000);

  it('goes on in the next tab after this one was closed, from what is on disk', async () => {
    const { server, alice, bob } = people();
    await alice.transfers.offer(ROOM, [source('a', 24 * MB)]);
    await bob.accept();
    await vi.waitFor(() => expect(bob.receiving?.progress.written).toBeGreaterThan(4 * MB), 10_000);
    bob.transfers.end();
    bob.online = false;
    await vi.waitFor(() => expect(bob.held.size).toBe(0));
    const again = new Tab('Bob', server, bob);
    town.push(again);
    await again.reaches('done');
    expect(Buffer.compare(again.saved[0]?.bytes as Uint8Array, bytesOf(24 * MB, 0, 24 * MB))).toBe(0);
    const [link] = [...server.links.values()].slice(-1);
    expect(link?.to ?? again).toBe(again);
    await vi.waitFor(() => expect(alice.offering?.fetchedBy).toEqual(['Bob']));
  }, 30_000);

  it('waits for a sender who is away, and goes on when they are back', async () => {
    const { server, alice, bob } = people();
    await alice.transfers.offer(ROOM, [source('a', 24 * MB)]);
    await bob.accept();
    await bob.reaches('receiving');
    expect([alice, bob].map(({ transfers }) => transfers.moves)).toEqual([true, true]);
    const { offer } = bob.offer ?? {};
    alice.goesOffline();
    for (const link of server.links.keys()) server.links.get(link)?.ends[0].cut();
    await bob.reaches('waiting');
    server.close(offer ?? '', 'gone');
    await bob.reaches('waiting');
    expect(bob.transfers.moves).toBe(false);
    alice.comesBack();
    await bob.reaches('done');
    expect(bob.saved).toHaveLength(1);
    await vi.waitFor(() => expect([alice, bob].map(({ transfers }) => transfers.moves)).toEqual([false, false]));
  }, 30_000);

  it('that was cancelled by the other side can be begun again', async () => {
    const { alice, bob } = people();
    await alice.transfers.offer(ROOM, [source('a', 24 * MB)]);
    await bob.accept();
    await bob.reaches('receiving');
    alice.offering?.running[0]?.cancel();
    await bob.reaches('over');
    expect([bob.receiving?.why, bob.receiving?.byMe]).toEqual(['cancelled', false]);
    expect(await bob.accept()).toBeNull();
    await bob.reaches('done');
  }, 30_000);

  it('waits for a press of a button where the browser wants one', async () => {
    const { alice, bob } = people();
    await alice.transfers.offer(ROOM, [source('a', 9)]);
    bob.mayWrite = false;
    await bob.accept();
    await bob.reaches('ready');
    bob.mayWrite = true;
    await bob.receiving?.save(true);
    expect(bob.receiving?.state).toBe('done');
    expect(bob.saved).toHaveLength(1);
  });

  it('ends with a sentence for who may not fetch any more', async () => {
    const { server, alice, bob } = people();
    await alice.transfers.offer(ROOM, [source('a', 24 * MB)]);
    await bob.accept();
    await bob.reaches('receiving');
    server.forbidden = bob;
    for (const link of [...server.links.keys()]) server.cut(link);
    await bob.reaches('over');
    expect(bob.receiving?.why).toBe('not_allowed');
  });

  it('of another offer than was promised takes nothing', async () => {
    const { server, alice, bob } = people();
    await alice.transfers.offer(ROOM, [source('../../a.exe\u202Efdp', MB)]);
    const [known] = [...server.offers.values()];
    if (known) known.frame = { ...known.frame, size: 5 };
    bob.goesOffline();
    bob.comesBack();
    await bob.accept();
    await bob.reaches('over');
    expect(bob.receiving?.why).toBe('broken');
    expect(bob.saved).toEqual([]);
  });
});

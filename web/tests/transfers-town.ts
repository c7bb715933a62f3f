// People in a room who offer and fetch files: their tabs and the server between them, all in memory.
import { expect, vi } from 'vitest';
import { Problem } from '../src/lib/api/problem';
import type { SignalListener } from '../src/lib/api/signal';
import type { OfferId, SignalCommand, SignalFrame, SignalOk } from '../src/lib/api/signal-types';
import { Transfers, type SignalLine } from '../src/lib/model/transfers.svelte';
import type { Kept } from '../src/lib/transfer/kept';
import type { LinkEars } from '../src/lib/transfer/link';
import type { Means } from '../src/lib/transfer/means';
import { MemoryStage, type Stage } from '../src/lib/transfer/stage';
import { line, type End } from './transfer-support';

export const ROOM = '01ROOM';
export const MB = 1024 * 1024;

/** The server of section 4, as far as transfers go. */
export class Server {
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

/** A tab of somebody's, with a disk and a place for what arrives. */
export class Tab {
  online = true;
  #listener: SignalListener = {};
  transfers: Transfers;
  kept = new Map<string, Kept>();
  saved: { name: string; bytes: Uint8Array }[] = [];
  said: string[] = [];
  space = 1e12;
  mayWrite = true;
  unwritable = false;
  /** How often this person was asked where it shall go. */
  asked = 0;
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
    const parts = { signal, me: name, isDirect: () => this.direct, relayOnly: () => false, demanded: () => false };
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
      choose: () => {
        this.asked += 1;
        return Promise.resolve({ kind: 'download' });
      },
      mayWrite: () => Promise.resolve(this.mayWrite),
      handOver: async (_, stage, list) => {
        if (this.unwritable) throw new DOMException('full', 'QuotaExceededError');
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

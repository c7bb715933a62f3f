// @vitest-environment node
// Offers and pulls as people have them: two tabs and the server between them, all in memory. What breaks goes on by itself; what ends is
// told to both.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { bytesOf, source } from './transfer-support';
import { MB, ROOM, Server, Tab } from './transfers-town';

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

  it('is announced anew when the seat of its sender had lapsed, with no cut of the line', async () => {
    const { server, alice, bob } = people();
    await alice.transfers.offer(ROOM, [source('a', 5)]);
    await vi.waitFor(() => expect(bob.offer).toBeDefined());
    const { offer } = bob.offer ?? {};
    alice.hear({ type: 'waiting', room: ROOM, code: 'token_expired' });
    expect(alice.transfers.may(ROOM)).toBe(false);
    server.close(offer ?? '', 'gone');
    alice.hear({ type: 'stands', room: ROOM, grants: ['send_files'] });
    await vi.waitFor(() => expect(bob.offer?.offer).toBe(offer));
    expect(alice.transfers.may(ROOM)).toBe(true);
  });

  it('asks for no place where there is no room for it', async () => {
    const { alice, bob } = people();
    await alice.transfers.offer(ROOM, [source('a', 100)]);
    bob.space = 99;
    expect(await bob.accept()).toBe('no_space');
    expect(bob.asked).toBe(0);
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

  it('that its sender cancels on a slow line is not taken for a broken one', async () => {
    const { server, alice, bob } = people();
    await alice.transfers.offer(ROOM, [source('a', 24 * MB)]);
    await bob.accept();
    await bob.reaches('receiving');
    const [[id, link] = []] = [...server.links];
    // What is on its way, with the last word behind it, needs longer than the moment one waits for that word to be heard.
    const queue = link?.ends[0].slowDown();
    alice.offering?.running[0]?.cancel();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(server.links.has(id ?? '')).toBe(true);
    queue?.();
    await bob.reaches('over');
    expect(bob.receiving?.why).toBe('cancelled');
    await vi.waitFor(() => expect(server.links.size).toBe(0), 10_000);
    expect(alice.offering?.running).toEqual([]);
  }, 30_000);

  it('stays paused by its sender when the line is cut, and says on the new line whether it is', async () => {
    const { server, alice, bob } = people();
    await alice.transfers.offer(ROOM, [source('a', 24 * MB)]);
    await bob.accept();
    await bob.reaches('receiving');
    alice.offering?.running[0]?.pause(true);
    await vi.waitFor(() => expect(bob.receiving?.progress.paused.them).toBe(true));
    const [first] = [...server.links.keys()];
    server.links.get(first ?? '')?.ends[0].cut();
    await vi.waitFor(() => expect(bob.receiving?.link?.id).not.toBe(first), 10_000);
    await vi.waitFor(() => expect(bob.receiving?.state).toBe('receiving'), 10_000);
    await vi.waitFor(() => expect(bob.receiving?.progress.paused.them).toBe(true));
    expect(alice.offering?.running[0]?.progress.paused.me).toBe(true);
    alice.offering?.running[0]?.pause(false);
    await bob.reaches('done');
    expect(bob.receiving?.progress.paused.them).toBe(false);
  }, 30_000);

  it('whose sender is no longer paused after a cut does not say that it is', async () => {
    const { server, alice, bob } = people();
    await alice.transfers.offer(ROOM, [source('a', 24 * MB)]);
    await bob.accept();
    await bob.reaches('receiving');
    alice.offering?.running[0]?.pause(true);
    await vi.waitFor(() => expect(bob.receiving?.progress.paused.them).toBe(true));
    const [link] = [...server.links.values()];
    // The word that it goes on is lost with the line.
    if (link) link.ends[0].bend = () => null;
    alice.offering?.running[0]?.pause(false);
    link?.ends[0].cut();
    await bob.reaches('done');
    expect(bob.receiving?.progress.paused.them).toBe(false);
  }, 30_000);

  it('that could not be written where it should asks for another place', async () => {
    const { alice, bob } = people();
    await alice.transfers.offer(ROOM, [source('a', 9)]);
    bob.unwritable = true;
    await bob.accept();
    await bob.reaches('ready');
    expect([bob.receiving?.why, bob.asked]).toEqual(['unsaved', 1]);
    bob.unwritable = false;
    await bob.receiving?.save(true);
    expect([bob.receiving?.state, bob.asked]).toEqual(['done', 2]);
    expect(bob.saved).toHaveLength(1);
  });

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

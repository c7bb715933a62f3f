// @vitest-environment node
// Files between two browsers, over a line in memory: byte for byte, with back-pressure, resumed where it broke, ended by either side,
// and unharmed by whoever lies.
import { describe, expect, it, vi } from 'vitest';
import { digestOf } from '../src/lib/transfer/digest';
import { Receiver, type Promised } from '../src/lib/transfer/receiver';
import { Digests, Sender, type Source } from '../src/lib/transfer/sender';
import { BLOCK, WINDOW } from '../src/lib/transfer/wire';
import { bytesOf, Disk, line, source, type End } from './transfer-support';

const MB = 1024 * 1024;

interface Pull {
  sender: Sender;
  receiver: Receiver;
  ends: [End, End];
  gave: string[];
  took: string[];
  progress: number[];
  pauses: string[];
}

function promise(files: Source[]): Promised {
  return { files: files.slice(0, 100), count: files.length, size: files.reduce((sum, { size }) => sum + size, 0) };
}

function pull(files: Source[], disk: Disk, { digests = new Digests(), promised = promise(files) } = {}): Pull {
  const ends = line();
  const told: Omit<Pull, 'sender' | 'receiver' | 'ends'> = { gave: [], took: [], progress: [], pauses: [] };
  const sender = new Sender(files, digests, ends[0], {
    progress: (bytes) => told.progress.push(bytes),
    paused: ({ me, them }) => told.pauses.push(`sender ${me} ${them}`),
    over: (how, byMe) => told.gave.push(byMe ? `I: ${how}` : how),
  });
  const receiver = new Receiver(promised, disk, ends[1], {
    progress: () => undefined,
    paused: ({ me, them }) => told.pauses.push(`receiver ${me} ${them}`),
    over: (how, byMe) => told.took.push(byMe ? `I: ${how}` : how),
  });
  return { sender, receiver, ends, ...told };
}

const ended = ({ gave, took }: Pull) => vi.waitFor(() => expect([gave.length, took.length]).toEqual([1, 1]), 20_000);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a pull', () => {
  it.each([[0], [1], [BLOCK - 1], [BLOCK], [BLOCK + 1], [5 * MB + 17]])(
    'brings %i bytes byte for byte',
    async (size) => {
      const disk = new Disk();
      const one = pull([source('a.bin', size)], disk);
      await ended(one);
      expect([one.gave, one.took]).toEqual([['done'], ['done']]);
      expect(Buffer.compare(disk.files[0] ?? new Uint8Array(1), bytesOf(size, 0, size))).toBe(0);
      expect(disk.ended).toEqual([0]);
      expect(one.progress.at(-1) ?? 0).toBe(size);
    },
  );

  it('brings many files, empty ones among them, in one go', async () => {
    const files = Array.from({ length: 300 }, (_, n) => source(`folder/${n}`, n % 7 ? n * 10 : 0, n));
    const disk = new Disk();
    const one = pull(files, disk);
    await ended(one);
    expect(one.took).toEqual(['done']);
    files.forEach(({ size }, n) => expect(Buffer.compare(disk.files[n] as Uint8Array, bytesOf(n, 0, size))).toBe(0));
    expect(one.ends[1].words.filter(({ type }) => type === 'get')).toHaveLength(1);
  });

  it('sends in messages the line can take', async () => {
    const one = pull([source('a', 3 * MB)], new Disk());
    one.ends[0].mostBytes = 16 * 1024;
    await ended(one);
    expect(one.took).toEqual(['done']);
    for (const data of one.ends[0].sent)
      if (typeof data !== 'string') expect(data.byteLength).toBeLessThanOrEqual(16_384);
  });

  it('waits for a receiver that does not write, and reads no further', async () => {
    const disk = new Disk();
    let go: () => void = () => undefined;
    disk.hold = new Promise((resolve) => (go = resolve));
    const file = source('a', 40 * MB);
    const one = pull([file], disk);
    const sent = () =>
      one.ends[0].sent.reduce((sum, data) => sum + (typeof data === 'string' ? 0 : data.byteLength), 0);
    await vi.waitFor(() => expect(sent()).toBe(WINDOW), 20_000);
    await pause(500);
    expect(sent()).toBe(WINDOW);
    expect(file.reads).toBe(WINDOW / BLOCK + 1);
    expect(one.ends[0].mostBuffered).toBeLessThan(5 * MB);
    go();
    await ended(one);
    expect(one.took).toEqual(['done']);
  }, 30_000);

  it('pauses and goes on at the wish of either side', async () => {
    const disk = new Disk();
    const one = pull([source('a', 30 * MB)], disk);
    one.receiver.pause(true);
    await pause(100);
    one.sender.pause(true);
    await pause(50);
    const before = one.ends[0].sent.length;
    one.receiver.pause(false);
    await pause(100);
    expect(one.ends[0].sent.length - before).toBeLessThan(3);
    one.sender.pause(false);
    await ended(one);
    expect(one.took).toEqual(['done']);
    expect(one.pauses).toContain('sender false true');
    expect(one.pauses).toContain('receiver false true');
  }, 30_000);

  it('is ended by either side, which the other hears', async () => {
    const one = pull([source('a', 30 * MB)], new Disk());
    await pause(20);
    one.sender.cancel();
    await ended(one);
    expect([one.gave, one.took]).toEqual([['I: cancelled'], ['cancelled']]);
    const two = pull([source('a', 30 * MB)], new Disk());
    await pause(20);
    two.receiver.cancel();
    await ended(two);
    expect([two.gave, two.took]).toEqual([['cancelled'], ['I: cancelled']]);
  });

  it('goes on where the line broke, and what was there is not sent again', async () => {
    const files = [source('a', 3 * MB), source('b', 20 * MB, 7)];
    const [disk, digests] = [new Disk(), new Digests()];
    const one = pull(files, disk, { digests });
    await vi.waitFor(() => expect(disk.files[1]?.length ?? 0).toBeGreaterThan(5 * MB), 20_000);
    one.ends[0].cut();
    await one.receiver.rest();
    expect([one.gave, one.took]).toEqual([['lost'], ['lost']]);
    const there = disk.files[1] as Uint8Array<ArrayBuffer>;
    disk.begun = { file: 1, offset: there.length, digests: [] };
    for (let at = 0; at < there.length; at += BLOCK)
      disk.begun.digests.push(await digestOf(there.slice(at, at + BLOCK)));
    const two = pull(files, disk, { digests });
    await ended(two);
    expect([two.gave, two.took]).toEqual([['done'], ['done']]);
    const sent = two.ends[0].sent.reduce((sum, data) => sum + (typeof data === 'string' ? 0 : data.byteLength), 0);
    expect(sent).toBe(20 * MB - there.length);
    expect(Buffer.compare(disk.files[1] as Uint8Array, bytesOf(7, 0, 20 * MB))).toBe(0);
    expect(two.progress[0]).toBe(3 * MB + there.length);
  }, 30_000);

  it('is over at once where everything is there already', async () => {
    const disk = new Disk();
    disk.begun = { file: 1, offset: 0, digests: [] };
    const one = pull([source('a', 3 * MB)], disk);
    await ended(one);
    expect([one.gave, one.took]).toEqual([['done'], ['done']]);
  });

  it('finds out that what was written before is spoilt', async () => {
    const disk = new Disk();
    disk.begun = { file: 0, offset: BLOCK, digests: [await digestOf(new Uint8Array(BLOCK))] };
    const one = pull([source('a', 3 * MB)], disk);
    await ended(one);
    expect(one.took).toEqual(['I: mismatch']);
    expect(disk.ended).toEqual([]);
  });
});

describe('what goes wrong', () => {
  it('a full disk is told to both', async () => {
    const disk = new Disk();
    disk.most = 2 * MB;
    const one = pull([source('a', 9 * MB)], disk);
    await ended(one);
    expect([one.gave, one.took]).toEqual([['full'], ['I: full']]);
  });

  it('a file that changed after it was offered is not sent', async () => {
    const file = source('a', 9 * MB);
    file.spoilt = true;
    const one = pull([file], new Disk());
    await ended(one);
    expect([one.gave, one.took]).toEqual([['I: changed'], ['changed']]);
  });

  it('a file that has become shorter is not sent', async () => {
    const file = source('a', 2 * MB);
    file.read = () => Promise.resolve(new ArrayBuffer(10));
    const one = pull([file], new Disk());
    await ended(one);
    expect(one.took).toEqual(['changed']);
  });

  it('bytes that were changed on the way never reach the disk', async () => {
    const disk = new Disk();
    const one = pull([source('a', 3 * MB)], disk);
    one.ends[0].bend = (data) => {
      if (typeof data === 'string') return data;
      const bytes = new Uint8Array(data);
      bytes[5] = 255 - (bytes[5] ?? 0);
      return data;
    };
    await ended(one);
    expect([one.gave, one.took]).toEqual([['mismatch'], ['I: mismatch']]);
    expect(disk.files).toEqual([]);
  });
});

describe('a sender that lies', () => {
  const claims = (size: number): Promised => ({ files: [{ name: 'a', size, kind: '' }], count: 1, size });

  it.each([
    ['about the size', claims(5)],
    ['about the name', { ...claims(MB), files: [{ name: 'b', size: MB, kind: '' }] }],
    ['about how many there are', { ...claims(MB), count: 2 }],
  ])('%s when it offered is found out before a byte is taken', async (_, promised) => {
    const disk = new Disk();
    const one = pull([source('a', MB)], disk, { promised });
    await ended(one);
    expect([one.gave, one.took]).toEqual([['broken'], ['I: broken']]);
    expect(disk.files).toEqual([]);
  });

  it.each([
    ['a second list', '{"type":"files","files":[],"last":true}'],
    ['a block that was not due', `{"type":"block","file":0,"offset":${BLOCK},"size":5,"sha256":"${'0'.repeat(64)}"}`],
    ['a block of another size', `{"type":"block","file":0,"offset":0,"size":5,"sha256":"${'0'.repeat(64)}"}`],
    ['an end before the end', `{"type":"end","file":0,"sha256":"${'0'.repeat(64)}"}`],
    ['a word for a sender', '{"type":"get","file":0,"offset":0}'],
    ['no word', 'hello'],
    ['a word nobody knows', '{"type":"toString"}'],
    ['bytes without a block', new ArrayBuffer(10)],
  ])('with %s is not listened to any more', async (_, data) => {
    const disk = new Disk();
    const one = pull([source('a', 3 * MB)], disk);
    one.sender.pause(true);
    await pause(30);
    one.ends[1].hear(data);
    await ended(one);
    expect([one.gave, one.took]).toEqual([['broken'], ['I: broken']]);
    expect(disk.files).toEqual([]);
  });

  it('and pours without waiting fills no memory', async () => {
    const disk = new Disk();
    disk.hold = new Promise(() => undefined);
    const [mine, theirs] = line();
    const over = vi.fn();
    const ears = { progress: () => undefined, paused: () => undefined, over };
    new Receiver(claims(100 * MB), disk, theirs, ears);
    const files = [{ name: 'a', size: 100 * MB, kind: '' }];
    mine.listen({ open: () => undefined, heard: () => undefined, closed: () => undefined });
    mine.send(JSON.stringify({ type: 'files', files, last: true }));
    await pause(20);
    const sha256 = '0'.repeat(64);
    for (let n = 0; n < 20; n++) {
      mine.send(JSON.stringify({ type: 'block', file: 0, offset: n * BLOCK, size: BLOCK, sha256 }));
      for (let part = 0; part < 16; part++) mine.send(new Uint8Array(65_536));
    }
    await vi.waitFor(() => expect(over).toHaveBeenCalledWith('broken', true));
  });
});

describe('a receiver that lies', () => {
  it.each([
    ['that asks beyond the end', '{"type":"get","file":0,"offset":99999999}'],
    ['that asks for a file there is not', '{"type":"get","file":7,"offset":0}'],
    ['that asks in the middle of a block', '{"type":"get","file":0,"offset":5}'],
    ['that says it wrote what was never sent', '{"type":"written","bytes":999999999}'],
    ['that is done before anything came', '{"type":"done"}'],
    ['that sends bytes', new ArrayBuffer(3)],
  ])('%s gets nothing', async (_, data) => {
    const [mine, theirs] = line();
    const over = vi.fn();
    new Sender([source('a', 3 * MB)], new Digests(), mine, {
      progress: () => undefined,
      paused: () => undefined,
      over,
    });
    theirs.listen({ open: () => undefined, heard: () => undefined, closed: () => undefined });
    mine.hear(data);
    await vi.waitFor(() => expect(over).toHaveBeenCalledWith('broken', true));
    expect(mine.words).toEqual([{ type: 'cancel', why: 'broken' }]);
  });

  it('and asks for the list again and again is told it once', async () => {
    const [mine, theirs] = line();
    const over = vi.fn();
    const files = Array.from({ length: 1000 }, (_, n) => source(`folder/${n}`, 1));
    new Sender(files, new Digests(), mine, { progress: () => undefined, paused: () => undefined, over });
    theirs.listen({ open: () => undefined, heard: () => undefined, closed: () => undefined });
    for (let n = 0; n < 100; n++) mine.hear('{"type":"list"}');
    expect(over).toHaveBeenCalledWith('broken', true);
    expect(mine.words.filter(({ type }) => type === 'files').length).toBeLessThan(3);
  });
});

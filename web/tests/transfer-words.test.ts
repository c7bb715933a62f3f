// @vitest-environment node
// What files are called once they are here, what is warned of, how fast it goes, the words on the line and the archive of many files.
import { describe, expect, it } from 'vitest';
import { crc32 } from '../src/lib/transfer/crc32';
import { ending, isProgram, safeParts, shortPath, shown, uniquePaths } from '../src/lib/transfer/names';
import { Rate } from '../src/lib/transfer/rate';
import { pages, read } from '../src/lib/transfer/wire';
import { zip } from '../src/lib/transfer/zip';

const bytes = (text: string) => new TextEncoder().encode(text).length;

describe('names', () => {
  it.each([
    ['plan.txt', ['plan.txt']],
    ['holidays/2026/a.jpg', ['holidays', '2026', 'a.jpg']],
    ['../../etc/passwd', ['etc', 'passwd']],
    ['/etc/passwd', ['etc', 'passwd']],
    ['..\\..\\windows\\a.dll', ['windows', 'a.dll']],
    ['C:\\a.txt', ['C_', 'a.txt']],
    ['a\u0000b\nc\u001b[31m.txt', ['abc[31m.txt']],
    ['invoice\u202Efdp.exe', ['invoicefdp.exe']],
    ['\u200B\u2066a\u2069.txt\uFEFF', ['a.txt']],
    ['con', ['_con']],
    ['LPT1.txt', ['_LPT1.txt']],
    ['console.txt', ['console.txt']],
    ['a<b>:"|?*.txt', ['a_b______.txt']],
    ['trailing. . .', ['trailing']],
    ['', ['file']],
    ['...', ['file']],
    ['a//b', ['a', 'b']],
    ['\uD800.txt', ['\uFFFD.txt']],
    ['été.pdf', ['été.pdf']],
  ])('%j is made harmless', (name, parts) => expect(safeParts(name)).toEqual(parts));

  it('are never too long for a disk, and keep their ending', () => {
    const [name = ''] = safeParts(`${'é'.repeat(4096)}.tar.gz`);
    expect(bytes(name)).toBeLessThanOrEqual(200);
    expect(name.endsWith('é.gz')).toBe(true);
    expect(bytes(safeParts('😀'.repeat(300)).join(''))).toBeLessThanOrEqual(200);
    expect(safeParts('a/'.repeat(500) + 'b').length).toBeLessThan(20);
  });

  it('are shortened for an offer from the front of their folders', () => {
    expect(shortPath(`${'x'.repeat(300)}/photos/a.jpg`, 255)).toBe('photos/a.jpg');
    expect(bytes(shortPath(`${'é'.repeat(300)}.jpg`, 255))).toBeLessThanOrEqual(255);
  });

  it('are never two alike, in any case of letters, nor a folder and a file', () => {
    const paths = uniquePaths(['a.txt', 'A.TXT', '../a.txt', 'b', 'b/c']).map((parts) => parts.join('/'));
    expect(paths).toEqual(['a.txt', 'A (2).TXT', 'a (3).txt', 'b (2)', 'b/c']);
  });

  it('are shown as they would be saved', () => expect(shown('../x\u202Egpj.exe')).toBe('xgpj.exe'));

  it.each(['setup.EXE', 'a.pdf.scr', 'run.sh', 'macro.docm', 'page.html', 'x\u202Etxt.exe', 'a.exe. .'])(
    '%s may be a program',
    (name) => expect(isProgram(name)).toBe(true),
  );
  it.each(['a.pdf', 'exe', 'notes.txt', 'photo.jpeg', 'exe.d/readme'])('%s is none', (name) =>
    expect(isProgram(name)).toBe(false),
  );
  it('tell their kind', () =>
    expect(['a.Pdf', 'a', '.profile', 'a.b.verylongending'].map(ending)).toEqual(['PDF', '', '', '']));
});

describe('the rate', () => {
  it('is a mean of the last seconds, and silent until it can be told', () => {
    let now = 0;
    const rate = new Rate(() => now);
    rate.mark(0);
    now = 1000;
    rate.mark(5_000_000);
    expect(rate.perSecond()).toBeNull();
    for (now = 2000; now <= 20_000; now += 1000) rate.mark(now * 2000);
    now = 20_000;
    expect(rate.perSecond()).toBeCloseTo(2_000_000, -3);
    expect(rate.secondsLeft(10_000_000)).toBe(5);
    now = 60_000;
    expect(rate.perSecond()).toBeLessThan(400_000);
    rate.restart();
    expect(rate.secondsLeft(1)).toBeNull();
  });
});

describe('the words', () => {
  it.each([
    '',
    'null',
    '[]',
    '{"type":"constructor"}',
    '{"type":"get","file":-1,"offset":0}',
    '{"type":"get","file":0,"offset":1.5}',
    '{"type":"get","file":0,"offset":1e300}',
    '{"type":"block","file":0,"offset":0,"size":99999999,"sha256":""}',
    '{"type":"cancel","why":"because"}',
    '{"type":"files","files":[null],"last":true}',
    `{"type":"files","files":[{"name":"${'x'.repeat(4096)}","size":1,"kind":""}],"last":true}`,
    `{"type":"list","x":"${'x'.repeat(70_000)}"}`,
  ])('%s is none', (text) => expect(read(text)).toBeNull());

  it('carry a list of any length in messages that are small enough', () => {
    const files = Array.from({ length: 3000 }, (_, n) => ({ name: `${n}${'"'.repeat(100)}`, size: n, kind: '' }));
    const words = pages(files);
    const texts = words.map((word) => JSON.stringify(word));
    for (const text of texts) expect(text.length).toBeLessThan(60_000);
    const heard = texts.map(read);
    expect(heard.flatMap((word) => (word?.type === 'files' ? word.files : []))).toEqual(files);
    expect(heard.map((word) => word?.type === 'files' && word.last)).toEqual([
      ...words.slice(1).map(() => false),
      true,
    ]);
    expect(pages([])).toEqual([{ type: 'files', files: [], last: true }]);
  });
});

describe('an archive', () => {
  it('has the sum ZIP wants', () => {
    expect(crc32(0, new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
    const all = Uint8Array.from({ length: 1000 }, (_, n) => n * 7);
    expect(crc32(crc32(0, all.subarray(0, 333)), all.subarray(333))).toBe(crc32(0, all));
  });

  it('is one any program opens', async () => {
    const files = ['hello', '', 'x'.repeat(5000)].map((text, n) => {
      const content = new Blob([text]);
      return { path: `dossier é/${n}.txt`, content, crc: crc32(0, new TextEncoder().encode(text)) };
    });
    const { mkdtemp, rm, writeFile } = await import('node:fs/promises');
    const { execFileSync } = await import('node:child_process');
    const { join } = await import('node:path');
    const { tmpdir } = await import('node:os');
    const folder = await mkdtemp(join(tmpdir(), 'archive-'));
    try {
      const at = join(folder, 'a.zip');
      await writeFile(at, new Uint8Array(await zip(files).arrayBuffer()));
      const script =
        'import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint([(i.filename, i.file_size) for i in z.infolist()])';
      const heard = execFileSync('python3', ['-c', script, at], { encoding: 'utf8' });
      expect(heard.trim()).toBe("[('dossier é/0.txt', 5), ('dossier é/1.txt', 0), ('dossier é/2.txt', 5000)]");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

// Names of files that come from others: made harmless for any disk and any screen, and no two alike. Also what may be a program.

const MOST_BYTES = 200;
const MOST_FOLDERS = 16;
/** Control characters, marks that turn the direction of writing, and what is not seen. */
// eslint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const FORBIDDEN = /[<>:"|?*]/g;
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

const encoder = new TextEncoder();
const bytesOf = (text: string) => encoder.encode(text).length;

/** The folders and the name, each harmless; never empty. */
export function safeParts(name: string): string[] {
  const parts = name
    .split(/[/\\]/)
    .map(safePart)
    .filter((part) => part !== '');
  const last = parts.pop() ?? 'file';
  return [...parts.slice(0, MOST_FOLDERS), last];
}

/** A name as it may be shown. */
export function shown(name: string): string {
  return safeParts(name).join('/');
}

/** The same without its folders. */
export function lastPart(name: string): string {
  return safeParts(name).at(-1) ?? 'file';
}

function safePart(part: string): string {
  // Half characters, which no disk takes.
  const plain = part.replace(/\p{Surrogate}/gu, '\uFFFD');
  const clean = plain
    .normalize('NFC')
    .replace(UNSEEN, '')
    .replace(FORBIDDEN, '_')
    .trim()
    .replace(/[. ]+$/, '');
  return shortened(RESERVED.test(clean) ? `_${clean}` : clean, MOST_BYTES);
}

/** At most so many bytes, with the ending kept. */
export function shortened(name: string, most: number): string {
  if (bytesOf(name) <= most) return name;
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 && bytesOf(name.slice(dot)) <= 20 ? name.slice(dot) : '';
  const stem = ending ? name.slice(0, dot) : name;
  let kept = '';
  let left = most - bytesOf(ending);
  for (const char of stem) {
    left -= bytesOf(char);
    if (left < 0) break;
    kept += char;
  }
  return kept.trimEnd() + ending;
}

/** A path of at most so many bytes: folders go first, from the front. */
export function shortPath(path: string, most: number): string {
  let parts = path.split('/');
  while (parts.length > 1 && bytesOf(parts.join('/')) > most) parts = parts.slice(1);
  return parts.length > 1 ? parts.join('/') : shortened(parts[0] ?? '', most);
}

/** Harmless paths for all files, where no two are the same on any disk. */
export function uniquePaths(names: string[]): string[][] {
  const taken = new Set<string>();
  // What is a folder for one file cannot be a file for another.
  const folders = new Set<string>();
  const key = (parts: string[]) => parts.join('/').toLowerCase();
  const all = names.map(safeParts);
  for (const parts of all) for (let n = 1; n < parts.length; n++) folders.add(key(parts.slice(0, n)));
  return all.map((parts) => {
    let chosen = parts;
    for (let n = 2; taken.has(key(chosen)) || folders.has(key(chosen)); n++)
      chosen = [...parts.slice(0, -1), numbered(parts.at(-1) ?? 'file', n)];
    taken.add(key(chosen));
    return chosen;
  });
}

/** "plan.txt" as "plan (2).txt". */
export function numbered(name: string, n: number): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? `${name.slice(0, dot)} (${n})${name.slice(dot)}` : `${name} (${n})`;
}

const PROGRAMS = new Set(
  (
    'action apk app appimage application applescript appref-ms appx appxbundle bash bat bin cab chm class cmd com command cpl csh ' +
    'deb desktop diagcab dll dmg docm dotm elf exe fileloc fish flatpakref gadget hta htm html img inetloc inf ins iqy iso jar ' +
    'jnlp js jse ksh library-ms lnk mht mhtml mobileconfig msc msi msix msp mst one osx pif pkg pl potm ppam ppsm pptm ps1 psm1 py ' +
    'pyw rb reg rpm run scf scpt scr sct search-ms settingcontent-ms sh shtml slk snap svg swf sys tcsh terminal tool url vb vbe ' +
    'vbs vbscript vhd vhdx wasm webloc workflow ws wsc wsf wsh xht xhtml xlam xll xlsb xlsm xltm xpi zsh'
  ).split(' '),
);

/** Whether opening it may start a program. The last ending counts, as systems see it. */
export function isProgram(name: string): boolean {
  const last = lastPart(name);
  const dot = last.lastIndexOf('.');
  return dot >= 0 && PROGRAMS.has(last.slice(dot + 1).toLowerCase());
}

/** What kind of thing it is by its ending, as people call it; empty without one. */
export function ending(name: string): string {
  const last = lastPart(name);
  const dot = last.lastIndexOf('.');
  return dot > 0 && last.length - dot <= 9 ? last.slice(dot + 1).toUpperCase() : '';
}

import type { Entry } from 'yauzl';

export type EntryKind = 'file' | 'folder' | 'link' | 'special';

const KIND_MASK = 0o170000;
const KINDS: ReadonlyMap<number, EntryKind> = new Map([
  [0, 'file'],
  [0o100000, 'file'],
  [0o040000, 'folder'],
  [0o120000, 'link'],
]);
/** `version made by`, high byte: the archiver ran on Unix, or on macOS, and kept modes. */
const UNIX_MADE: ReadonlySet<number> = new Set([3, 19]);

/** What an entry is; archives of other systems than Unix hold plain files only. */
export function kindOf(entry: Entry): EntryKind {
  if (entry.fileName.endsWith('/')) return 'folder';
  return isUnix(entry) ? (KINDS.get((entry.externalFileAttributes >>> 16) & KIND_MASK) ?? 'special') : 'file';
}

export function modeOf(entry: Entry): 0o644 | 0o755 {
  return isUnix(entry) && ((entry.externalFileAttributes >>> 16) & 0o111) !== 0 ? 0o755 : 0o644;
}

function isUnix({ versionMadeBy }: Entry): boolean {
  return UNIX_MADE.has(versionMadeBy >>> 8);
}

/** A file as the worker leaves it in the staging folder. */
export interface StagedFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly mode: 0o644 | 0o755;
  /** Where: a path. */
  readonly staged: string;
}

export interface StagedLink {
  readonly path: string;
  readonly target: string;
}

const HOPS_MAX = 16;

/**
 * Files in the place of links: a link to a file is a copy of it, one to a folder a copy of all in it.
 * @throws RangeError for a link that leads out, nowhere, or in a circle, and when links make more than `filesMax` files
 */
export function resolveLinks(
  files: ReadonlyMap<string, StagedFile>,
  links: readonly StagedLink[],
  filesMax: number,
): StagedFile[] {
  const targets = new Map(links.map(({ path, target }) => [path, insideTarget(path, target)]));
  const all = new Map(files);
  const sorted = [...files.keys()].sort(byText);
  for (const { path } of links) {
    let at = targets.get(path)!;
    for (let hops = 0; targets.has(at); hops += 1) {
      if (hops === HOPS_MAX) throw new RangeError(`the link "${path}" leads in a circle`);
      at = targets.get(at)!;
    }
    const file = files.get(at);
    const below = at === '' ? [] : startingWith(sorted, `${at}/`).map((name) => files.get(name)!);
    if (file === undefined && below.length === 0) throw new RangeError(`the link "${path}" leads nowhere`);
    if (file !== undefined) all.set(path, { ...file, path });
    for (const each of below) {
      const copy = path + each.path.slice(at.length);
      all.set(copy, { ...each, path: copy });
    }
    if (all.size > filesMax) throw new RangeError(`there are more than ${filesMax} files`);
  }
  return [...all.values()];
}

/** Those of sorted texts that begin like this. An archive may have as many links as files: looking at all for each takes minutes. */
function startingWith(sorted: readonly string[], start: string): readonly string[] {
  const first = firstFrom(sorted, start);
  let end = first;
  while (sorted[end]?.startsWith(start)) end += 1;
  return sorted.slice(first, end);
}

/** Where the first text is that does not come before this one. */
function firstFrom(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byText(sorted[middle]!, text) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

const byText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

function insideTarget(path: string, target: string): string {
  if (target.startsWith('/')) throw new RangeError(`the link "${path}" leads out`);
  const segments = path.split('/').slice(0, -1);
  for (const segment of target.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') segments.push(segment);
    else if (segments.pop() === undefined) throw new RangeError(`the link "${path}" leads out`);
  }
  return segments.join('/');
}

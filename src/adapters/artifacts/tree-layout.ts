import { chmodSync, constants, copyFileSync, linkSync, mkdirSync } from 'node:fs';
import { chmod, copyFile, link, mkdir } from 'node:fs/promises';
import type { ArtifactFile } from '../../ports/artifacts.ts';
import type { BlobFolder } from './blob-folder.ts';
import { foldersOf } from './file-list.ts';

/** What has to be made for one tree of an artifact. */
export interface TreeLayout {
  /** Relative, parents first. */
  readonly folders: readonly string[];
  readonly files: readonly { readonly path: string; readonly blob: string; readonly mode: number }[];
  /** JavaScript and TypeScript among the files, and eight times the Python, which takes so much longer to compile. */
  readonly codeBytes: number;
}

const JAVASCRIPT_FILE = /\.[cm]?[jt]s$/;
/** CPython compiles some 1 KB a millisecond. */
const PYTHON_WEIGHT = 8;

export function layoutOf(files: readonly ArtifactFile[], blobs: BlobFolder): TreeLayout {
  return {
    folders: foldersOf(files),
    files: files.map(({ path, sha256, mode }) => ({
      path,
      blob: blobs.pathOf(sha256, mode === 0o755),
      mode,
    })),
    codeBytes: files.reduce((sum, { path, bytes }) => sum + weightOf(path) * bytes, 0),
  };
}

function weightOf(path: string): number {
  if (path.endsWith('.py')) return PYTHON_WEIGHT;
  return JAVASCRIPT_FILE.test(path) ? 1 : 0;
}

/**
 * `link`: hard links to the blobs; safe only where code cannot write to its tree (a sandbox binds it read-only). `copy`: private
 * copies, for code that runs as a plain process and might write to its own files.
 */
export type TreeKind = 'link' | 'copy';

/**
 * A tree of up to this many entries is laid out synchronously: 10 µs an entry, while each hop to the thread pool and back
 * costs 50 on the way of a cold start.
 */
const SYNCHRONOUS_ENTRIES_MAX = 32;
/** Links under way at a time: as many as libuv's pool has threads, so that other file work gets its turn. */
const PARALLEL = 4;

export async function layOut(tree: string, layout: TreeLayout, kind: TreeKind): Promise<void> {
  if (layout.folders.length + layout.files.length <= SYNCHRONOUS_ENTRIES_MAX) {
    makeFolderSync(tree);
    for (const folder of layout.folders) makeFolderSync(`${tree}/${folder}`);
    for (const { path, blob, mode } of layout.files) placeSync(blob, `${tree}/${path}`, mode, kind);
    return;
  }
  await makeFolder(tree);
  for (const folder of layout.folders) await makeFolder(`${tree}/${folder}`);
  let next = 0;
  const work = async () => {
    while (next < layout.files.length) {
      const { path, blob, mode } = layout.files[next++]!;
      await place(blob, `${tree}/${path}`, mode, kind);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
}

/** Modes are set explicitly: the platform's umask must not hide the code from the sandbox's user. */
function makeFolderSync(path: string): void {
  mkdirSync(path);
  chmodSync(path, 0o755);
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path);
  await chmod(path, 0o755);
}

function placeSync(blob: string, path: string, mode: number, kind: TreeKind): void {
  if (kind === 'link') {
    try {
      linkSync(blob, path);
      return;
    } catch (thrown) {
      if (!mustCopyInstead(thrown)) throw thrown;
    }
  }
  copyFileSync(blob, path, constants.COPYFILE_FICLONE);
  chmodSync(path, copyMode(mode, kind));
}

async function place(blob: string, path: string, mode: number, kind: TreeKind): Promise<void> {
  if (kind === 'link') {
    try {
      await link(blob, path);
      return;
    } catch (thrown) {
      if (!mustCopyInstead(thrown)) throw thrown;
    }
  }
  await copyFile(blob, path, constants.COPYFILE_FICLONE);
  await chmod(path, copyMode(mode, kind));
}

const copyMode = (mode: number, kind: TreeKind): number => (kind === 'copy' ? mode : mode & 0o555);

/** An inode takes 65,000 links on ext4 (an empty file is in every other artifact); some file systems take none. */
function mustCopyInstead(thrown: unknown): boolean {
  return ['EMLINK', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP'].includes((thrown as NodeJS.ErrnoException).code ?? '');
}

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { killUntilGone, processesOf } from './process-tree.ts';

/** The driver's own folder, emptied of what an earlier platform process left. */
export interface RunFolder {
  readonly path: string;
  /** Names this node on the machine: in control groups and in the environment of its processes. */
  readonly owner: string;
}

/**
 * Opens `sandboxes/` in `runDir`: kills processes that an earlier platform process of this data folder started and could not end (it was killed
 * itself), and removes their folders. The caller holds the data folder's lock, so they cannot be anyone else's.
 */
export async function openRunFolder(runDir: string): Promise<RunFolder> {
  const path = `${runDir}/sandboxes`;
  mkdirSync(path, { recursive: true });
  const real = realpathSync(path);
  const owner = ownerOf(real);
  await killUntilGone(() => processesOf(owner));
  await Promise.all(readdirSync(real).map((name) => rm(`${real}/${name}`, { recursive: true, force: true })));
  return { path: real, owner };
}

/** What names the node whose sandboxes live in this folder; the path without symbolic links. */
export const ownerOf = (path: string): string => createHash('sha256').update(path).digest('hex').slice(0, 12);

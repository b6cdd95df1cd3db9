import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * How long a process that was told to end may take to be gone. A sandbox whose platform was killed between fork and prctl(2) boots, finds its channel closed
 * and ends: that takes long on a busy machine.
 */
const GRACE_MS = 10_000;
const POLL_MS = 50;
/** What Node itself leaves in a temporary folder. */
const NOT_LEFT_BY_TESTS = new Set(['node-compile-cache']);

export interface StrayProcess {
  readonly pid: number;
  readonly command: string;
}

/**
 * Processes that a test left behind, after a grace. They are known by the temporary folder that was theirs alone: it
 * stands in their environment, their command line, their working folder or, inside a sandbox, their mounts.
 * Linux only; elsewhere nothing is found.
 */
export async function findStrays(folder: string): Promise<StrayProcess[]> {
  for (let waited = 0; ; waited += POLL_MS) {
    const strays = listProcesses().filter(({ pid }) => belongsTo(pid, folder));
    if (strays.length === 0 || waited >= GRACE_MS) return strays;
    await wait(POLL_MS);
  }
}

/** Names of what was left in the temporary folder of a test. */
export function findLeftFiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => !NOT_LEFT_BY_TESTS.has(name));
}

function listProcesses(): StrayProcess[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({
      pid: Number(name),
      command: read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim().slice(0, 200),
    }))
    .filter(({ command }) => command !== '');
}

function belongsTo(pid: number, folder: string): boolean {
  const of = `/proc/${pid}`;
  if (read(`${of}/environ`).includes(folder) || read(`${of}/cmdline`).includes(folder)) return true;
  if (link(`${of}/cwd`).startsWith(folder)) return true;
  return link(`${of}/ns/mnt`) !== link('/proc/self/ns/mnt') && read(`${of}/mountinfo`).includes(folder);
}

/** A process may vanish, or belong to somebody else, at any moment: then there is nothing to read. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { OWNER_VARIABLE } from '../../contract/sandbox-owner.ts';

/** The children of every process that this machine shows; empty where there is no /proc. */
export function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const pid of listProcesses()) {
    const stat = readProc(pid, 'stat');
    // `pid (name) state ppid …`; the name may hold blanks and brackets.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [pid]);
    else siblings.push(pid);
  }
  return children;
}

/** `root` and everything below it. Processes in a pid namespace never leave the tree of its first process. */
export function processTree(root: number, children = childrenByParent()): number[] {
  const tree = [root];
  for (let at = 0; at < tree.length; at += 1) tree.push(...(children.get(tree[at]!) ?? []));
  return tree;
}

/** Signals a process or, when negative, a group; one that has gone is none of our business. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // ESRCH: gone already.
  }
}

/** Between two looks, a process may fork: repeat until a look finds nobody new. */
const SIGNAL_ROUNDS_MAX = 10;

/** Sends a signal to everything that `list` names, and to what was forked meanwhile. */
export function signalAll(list: () => readonly number[], name: 'SIGSTOP' | 'SIGCONT'): void {
  const seen = new Set<number>();
  for (let round = 0; round < SIGNAL_ROUNDS_MAX; round += 1) {
    const fresh = list().filter((pid) => !seen.has(pid));
    if (fresh.length === 0) return;
    for (const pid of fresh) {
      seen.add(pid);
      signal(pid, name);
    }
  }
}

/**
 * Resident memory of a process that is its own doing, bytes; pages that processes share count for each. Not counted are mapped
 * files: all processes of a runtime share its binary (40 MB of an empty Node.js), and the kernel can drop such pages.
 */
export function residentBytes(pid: number): number {
  const status = readProc(pid, 'status');
  return [/^RssAnon:\s+(\d+) kB/m, /^RssShmem:\s+(\d+) kB/m].reduce(
    (bytes, part) => bytes + Number(part.exec(status)?.[1] ?? 0) * 1024,
    0,
  );
}

/** How long a killed process may take to be gone. */
const KILL_WAIT_MS_MAX = 5_000;

/** Kills what `list` names until it names nobody. */
export async function killUntilGone(list: () => number[]): Promise<void> {
  for (let waitedMs = 0; waitedMs < KILL_WAIT_MS_MAX; waitedMs += 5) {
    const pids = list();
    if (pids.length === 0) return;
    for (const pid of pids) signal(pid, 'SIGKILL');
    await sleep(5);
  }
}

/** Processes whose environment says that they belong to the node `owner`. */
export function processesOf(owner: string): number[] {
  const mark = `${OWNER_VARIABLE}=${owner}`;
  return listProcesses().filter((pid) => readProc(pid, 'environ').split('\0').includes(mark));
}

function listProcesses(): number[] {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0);
  } catch {
    return [];
  }
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

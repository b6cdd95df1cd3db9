import { readFileSync, writeFileSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxGuarantees } from '../../ports/sandbox.ts';

/** One sandbox's control group: its bounds, its brake and the list of everything that runs inside. */
export interface Cgroup {
  /** May take 20 ms when no process has changed its group for a while: see `CgroupTree.announce`. */
  add(pid: number): Promise<void>;
  limitMemory(bytes: number): void;
  /** CPUs' worth of time (0.5: half a CPU) while others want it too; of what is idle, that many whole CPUs. */
  shareCpu(cpus: number): void;
  /** Null where the group has no brake that lets frozen processes be killed. */
  readonly freezer: { freeze(): void; thaw(): void } | null;
  /** Bytes charged now (without file cache that could be dropped) and at most. Takes some 50 µs. */
  memory(): { readonly used: number; readonly peak: number };
  /** How many processes the kernel killed here for want of memory. */
  memoryKills(): number;
  pids(): number[];
  /** Removes the group once it is empty. */
  remove(): Promise<void>;
}

/** The node's own corner of the cgroup file system: one folder named after the data folder, a group a sandbox in it. */
export interface CgroupTree {
  readonly controls: Pick<SandboxGuarantees, 'memory' | 'cpu' | 'pids' | 'freeze'>;
  /**
   * A process is about to be added. Before the first change of groups after a while the kernel lets all readers of its lock
   * pass (an RCU grace period, 6 to 20 ms); asked for early, that time passes while the sandbox is being set up.
   */
  announce(): void;
  create(id: string, bounds: { readonly memoryBytes: number; readonly pidsMax: number }): Cgroup;
  /** Kills what an earlier platform process left in this corner and removes the groups. */
  clean(): Promise<void>;
  /** Removes the corner itself; every group in it is gone already. */
  close(): Promise<void>;
}

/** The period over which the ceiling on CPU time is kept, µs; the kernel's default is five times as long. */
export const CPU_PERIOD_US = 20_000;

/**
 * Most CPU time in a period, µs. Whole CPUs: a quota of a fraction would let a small function stand still for most of
 * each period while the machine idles: in a trial with 0.1 CPU the median warm call took about twice as long.
 */
export const cpuQuotaUs = (cpus: number): number => Math.ceil(cpus) * CPU_PERIOD_US;

/** A group's folder stays busy until the kernel has reaped its last process. */
const REMOVE_WAIT_MS_MAX = 5_000;

export async function removeGroup(folder: string): Promise<void> {
  for (let waitedMs = 0; ; ) {
    try {
      await rmdir(folder);
      return;
    } catch (thrown) {
      const code = (thrown as NodeJS.ErrnoException).code;
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY' || waitedMs >= REMOVE_WAIT_MS_MAX) throw thrown;
    }
    const pauseMs = waitedMs < 20 ? 2 : 50;
    await sleep(pauseMs);
    waitedMs += pauseMs;
  }
}

export const readNumber = (file: string): number => Number.parseInt(readFileSync(file, 'utf8'), 10);

/** The number after `key` in a file of `key number` lines; 0 when it is not there. */
export function readField(file: string, key: string): number {
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line.startsWith(`${key} `)) return Number.parseInt(line.slice(key.length + 1), 10);
  }
  return 0;
}

export const readPids = (folder: string): number[] =>
  readFileSync(`${folder}/cgroup.procs`, 'utf8').split('\n').filter(Boolean).map(Number);

/** Writes a knob that not every kernel has (swap accounting, burst …): its absence is no failure. */
export function writeIfThere(file: string, value: string): void {
  try {
    writeFileSync(file, value);
  } catch {
    // Absent or refused: the bound beside it still holds.
  }
}

import type { Fleet } from './fleet.ts';
import type { InstanceState } from './instance-state.ts';

/** What exists and what waits, counted now. Walks all instances: for status pages and metrics, not for the hot path. */
export interface SchedulerStats {
  /** Instances by state; `gone` is always 0. */
  readonly instances: Readonly<Record<InstanceState, number>>;
  /** Memory that is accounted for, promises included, MB. */
  readonly memoryMb: number;
  readonly waiting: number;
  /** Starts in flight: without a guest yet, or loading code. */
  readonly starts: number;
  /** Functions that have instances, waiting calls, or a rhythm remembered. */
  readonly functions: readonly FunctionStats[];
}

export interface FunctionStats {
  readonly versionKey: string;
  /** Ready, busy or frozen. */
  readonly serving: number;
  readonly starts: number;
  readonly ending: number;
  readonly waiting: number;
  readonly retired: boolean;
}

export function statsOf(fleet: Fleet): SchedulerStats {
  const instances = {
    booting: 0,
    prewarmed: 0,
    specialising: 0,
    ready: 0,
    busy: 0,
    frozen: 0,
    draining: 0,
    gone: 0,
  };
  for (const instance of fleet.instances) instances[instance.state]++;
  const functions: FunctionStats[] = [];
  let waiting = 0;
  for (const pool of fleet.registry.pools.values()) {
    waiting += pool.queue.length;
    functions.push({
      versionKey: pool.version.key,
      serving: pool.serving,
      starts: pool.starts,
      ending: pool.ending,
      waiting: pool.queue.length,
      retired: pool.retired,
    });
  }
  return { instances, memoryMb: fleet.node.memoryMb, waiting, starts: fleet.starts, functions };
}

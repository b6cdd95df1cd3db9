import { guestOf } from '../../contract/runtimes.ts';
import type { FunctionVersion } from '../../domain/function-version.ts';
import { FunctionPool } from './function-pool.ts';
import type { GuestKind, Instance } from './instance.ts';
import type { SchedulerLimits } from './limits.ts';
import { PrewarmPool } from './prewarm-pool.ts';
import { Quota } from './quota.ts';
import type { MachineLoad } from './start-demand.ts';

/** Functions, kinds of empty guests and projects by their names, each made when it is first seen. */
export class Registry {
  /** By `FunctionVersion.key`. */
  readonly pools = new Map<string, FunctionPool>();
  readonly prewarms = new Map<string, PrewarmPool<FunctionPool>>();
  readonly #projects = new Map<string, Quota<FunctionPool>>();
  readonly #limits: SchedulerLimits;

  readonly load: MachineLoad = { saturated: false };

  constructor(limits: SchedulerLimits) {
    this.#limits = limits;
  }

  poolFor(version: FunctionVersion, now: number): FunctionPool {
    const known = this.pools.get(version.key);
    if (known !== undefined) return known;
    const prewarm = this.prewarmFor({ runtime: guestOf(version), network: version.limits.network });
    const pool = new FunctionPool(
      version,
      this.#projectFor(version.project),
      prewarm,
      this.#limits,
      this.load,
      now,
    );
    this.pools.set(version.key, pool);
    return pool;
  }

  /** The pool an instance belongs to; null: it is not specialised. */
  poolOf(instance: Instance): FunctionPool | null {
    return instance.version === null ? null : this.pools.get(instance.version.key)!;
  }

  prewarmFor(kind: GuestKind): PrewarmPool<FunctionPool> {
    const key = `${kind.runtime}/${kind.network}`;
    let prewarm = this.prewarms.get(key);
    if (prewarm === undefined) {
      prewarm = new PrewarmPool(kind, this.#limits);
      this.prewarms.set(key, prewarm);
    }
    return prewarm;
  }

  prewarmOf(instance: Instance): PrewarmPool<FunctionPool> {
    return this.prewarmFor(instance.kind);
  }

  /** Nothing of it is left, and what it learned is old. */
  forget(pool: FunctionPool): void {
    this.pools.delete(pool.version.key);
  }

  #projectFor(name: string): Quota<FunctionPool> {
    let project = this.#projects.get(name);
    if (project === undefined) {
      const { projectInstancesMax, fairTenureMs } = this.#limits;
      project = new Quota<FunctionPool>(projectInstancesMax, Number.POSITIVE_INFINITY, fairTenureMs);
      this.#projects.set(name, project);
    }
    return project;
  }
}

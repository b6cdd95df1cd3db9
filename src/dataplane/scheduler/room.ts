import type { Fleet } from './fleet.ts';
import type { FunctionPool } from './function-pool.ts';
import type { Instance } from './instance.ts';
import type { Quota } from './quota.ts';

/** Idle instances looked at, oldest first, to find one that may be ended: the search stays short on a crowded node. */
const EVICTION_SCAN_MAX = 32;

/**
 * Who gets room when a project or the node is full, and who gives it up.
 *
 * Idle instances go first, the longest idle before others. A function that has none may take any of them; a function
 * that has some may take what has been idle for a while, or an instance of a function that has at least two more than
 * itself: a flood thus takes no warm instance from a function that lives on few. When no instance is idle, a function
 * that holds at least two more gives up the one whose call just ended, although calls of its own wait; and so does one that holds
 * a single instance, after a tenure, for one that has none. All levels of load end in equal shares, and nobody
 * waits longer than the tenures of those before it.
 */
export class Room {
  readonly #fleet: Fleet;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  /** The level of limits that has no room for another start, or where it is another function's turn; null: none. */
  lacking(pool: FunctionPool, now: number): Quota<FunctionPool> | null {
    if (!this.#mayTake(pool.project, pool, now)) return pool.project;
    return this.#mayTake(this.#fleet.node, pool, now) ? null : this.#fleet.node;
  }

  /** There could be room for another instance, if everybody gave up all but their provisioned ones. */
  possible(pool: FunctionPool): boolean {
    return pool.project.couldFit(pool.memoryMb) && this.#fleet.node.couldFit(pool.memoryMb);
  }

  /**
   * Ends what may be ended for `pool`, which waits at `quota`, until enough room is on its way for all who wait there.
   */
  make(pool: FunctionPool, quota: Quota<FunctionPool>, now: number): void {
    const fleet = this.#fleet;
    while (quota.short) {
      const guest = quota === fleet.node ? this.#spareGuest(pool) : null;
      const victim = guest ?? this.#idleVictim(pool, quota, now);
      if (victim === null || !quota.worthFreeing(victim.memoryMb, pool, now)) return;
      if (guest === null) fleet.drain(victim);
      else fleet.kill(victim);
    }
  }

  /** Whether an instance that just ended a call makes room for another function instead of taking its next call. */
  yields(instance: Instance, pool: FunctionPool, now: number): boolean {
    const { project } = pool;
    const { node } = this.#fleet;
    if (!project.contended && !node.contended) return false;
    // A new instance serves at least one call: giving it up before would only heat the machine.
    if (instance.served === 0 || pool.serving <= pool.provisioned) return false;
    return this.#yieldsTo(project, instance, pool, now) || this.#yieldsTo(node, instance, pool, now);
  }

  #mayTake(quota: Quota<FunctionPool>, pool: FunctionPool, now: number): boolean {
    const { head } = quota;
    if (head !== null && head !== pool && (quota.holds(now) || this.#fits(quota, head))) return false;
    return this.#fits(quota, pool);
  }

  #fits(quota: Quota<FunctionPool>, { memoryMb, prewarm }: FunctionPool): boolean {
    if (quota !== this.#fleet.node) return quota.fits(1, memoryMb);
    const hasSeat = prewarm.idle.length > 0 || prewarm.booting > prewarm.pending;
    return hasSeat ? quota.fits(0, memoryMb - this.#fleet.limits.genericMemoryMb) : quota.fits(1, memoryMb);
  }

  #yieldsTo(quota: Quota<FunctionPool>, instance: Instance, pool: FunctionPool, now: number): boolean {
    if (!quota.short) return false;
    const [head, second] = quota.inLine();
    if (head === undefined) return false;
    const taker = quota.worthFreeing(instance.memoryMb, head, now) ? head : second;
    if (taker === undefined || taker === pool) return false;
    const tenureMs = this.#fleet.limits.fairTenureMs;
    const levels = pool.held >= taker.held + 2;
    const rotates = taker.held === 0 && now - instance.readyAt >= tenureMs;
    if (!levels && !rotates) return false;
    // An instance with other calls leaves nobody knows when, so it is not room on its way: one at a time may go.
    if (instance.inUse > 0) {
      if (now - quota.yieldedAt < tenureMs) return false;
      quota.yieldedAt = now;
    }
    return true;
  }

  /** A prewarmed guest that the function cannot use: of another kind, or one more than it needs when memory is short. */
  #spareGuest(pool: FunctionPool): Instance | null {
    for (const prewarm of this.#fleet.registry.prewarms.values()) {
      const needed = prewarm === pool.prewarm ? 1 : 0;
      if (prewarm.idle.length > needed) return prewarm.idle.last!.item;
    }
    return null;
  }

  #idleVictim(pool: FunctionPool, quota: Quota<FunctionPool>, now: number): Instance | null {
    const longIdle = now - this.#fleet.limits.evictIdleMs;
    let link = quota.idle.first;
    for (let scanned = 0; link !== null && scanned < EVICTION_SCAN_MAX; scanned++) {
      const instance = link.item;
      link = link.next;
      const owner = this.#fleet.registry.poolOf(instance)!;
      if (owner === pool) continue;
      if (owner.serving <= owner.provisioned) this.#fleet.protect(instance, owner);
      else if (pool.held === 0 || instance.idleSince <= longIdle || owner.held >= pool.held + 2)
        return instance;
    }
    return null;
  }
}

import type { Fleet } from './fleet.ts';
import type { FunctionPool } from './function-pool.ts';
import type { Instance } from './instance.ts';
import type { PrewarmPool } from './prewarm-pool.ts';
import type { Quota } from './quota.ts';
import type { Room } from './room.ts';

/** Functions in a line looked at, to find one that is content with the room there is. */
const LINE_SCAN_MAX = 32;

/**
 * Turns demand into starts: as many as waiting calls can use, each as soon as every level of limits has room, by a
 * prewarmed guest or the next one that boots. Refills the prewarmed guests when no call is hurt by it.
 */
export class Starts {
  readonly #fleet: Fleet;
  readonly #room: Room;

  constructor(fleet: Fleet, room: Room) {
    this.#fleet = fleet;
    this.#room = room;
  }

  /** Brings the starts of a function in line with its demand: makes some, drops those without a guest, or waits for room. */
  plan(pool: FunctionPool, now: number): void {
    const wanted = this.#fleet.closing ? 0 : pool.startsWanted(now);
    if (pool.pending > 0 && pool.starts > wanted) {
      while (pool.pending > 0 && pool.starts > wanted) this.#fleet.unexpect(pool);
      this.#unblock(pool);
      this.serve(pool.project, now);
      this.serve(this.#fleet.node, now);
      return;
    }
    while (pool.starts < wanted && pool.held + pool.ending < pool.limits.maxInstances) {
      const quota = this.#room.lacking(pool, now);
      if (quota !== null) {
        this.#await(pool, quota, now);
        return;
      }
      this.#unblock(pool);
      this.#start(pool, now);
    }
    const left = pool.blockedOn;
    this.#unblock(pool);
    // The next in the line may be content with less room than this one asked for.
    if (left !== null) this.serve(left, now);
  }

  /** Room may have been freed at this level: gives it to those who wait there, in turn. */
  serve(quota: Quota<FunctionPool>, now: number): void {
    if (this.#fleet.closing) return;
    for (let pool = this.#next(quota, now); pool !== null; pool = this.#next(quota, now)) {
      this.#unblock(pool);
      this.#start(pool, now);
      const more = pool.starts < pool.startsWanted(now) && pool.held + pool.ending < pool.limits.maxInstances;
      if (more) this.#await(pool, this.#room.lacking(pool, now) ?? quota, now);
    }
  }

  /** A guest has booted: it goes to the start whose turn it is, else to the pool. */
  booted(instance: Instance, now: number): void {
    const prewarm = this.#fleet.registry.prewarmOf(instance);
    prewarm.backoff.succeeded();
    this.#fleet.booted(instance);
    const pool = prewarm.next();
    if (pool !== null) this.#fleet.specialise(instance, pool, now);
    this.boot(prewarm, now);
    this.serve(this.#fleet.node, now);
    this.refill(prewarm, now);
  }

  /** Boots guests for the starts that wait for one. */
  boot(prewarm: PrewarmPool<FunctionPool>, now: number): void {
    if (prewarm.booting >= prewarm.pending) return;
    if (prewarm.backoff.closed(now)) {
      this.#fleet.prewarmDeadlines.wakeBy(prewarm, prewarm.backoff.retryAt);
      return;
    }
    const max = prewarm.backoff.probing ? 1 : this.#fleet.limits.bootsParallelMax;
    const most = Math.min(prewarm.pending, max - prewarm.hurried);
    while (prewarm.booting < most && this.#fleet.canBoot) this.#fleet.boot(prewarm);
  }

  /** Boots a guest for the pool if one is missing and no call would wait longer for it; ends those that are too many. */
  refill(prewarm: PrewarmPool<FunctionPool>, now: number): void {
    const fleet = this.#fleet;
    const { limits, node } = fleet;
    if (fleet.closing) return;
    const target = prewarm.target(now);
    while (prewarm.idle.length > target) fleet.kill(prewarm.idle.last!.item);
    if (target > 0) fleet.prewarmDeadlines.wakeBy(prewarm, prewarm.reviewAt(now));
    if (prewarm.idle.length + prewarm.booting - prewarm.pending >= target) {
      prewarm.shortSince = Number.POSITIVE_INFINITY;
      return;
    }
    prewarm.shortSince = Math.min(prewarm.shortSince, now);
    // Each of these ends with an event that comes back here.
    if (fleet.pending > 0 || node.contended || prewarm.booting > 0) return;
    if (!node.fits(1, limits.genericMemoryMb)) return;
    const holdEnds = prewarm.shortSince + limits.prewarmHoldMs;
    const quietAt = fleet.starts > 0 ? holdEnds : Math.min(holdEnds, fleet.startedAt + limits.prewarmQuietMs);
    // Looked at again as often as other work holds a refill: the machine may have time sooner.
    const timeAt = fleet.registry.load.saturated
      ? Math.min(
          prewarm.shortSince + limits.prewarmSaturatedMs,
          Math.max(now, quietAt) + limits.prewarmHoldMs,
        )
      : quietAt;
    const at = Math.max(timeAt, prewarm.backoff.retryAt);
    if (now < at) {
      fleet.prewarmDeadlines.wakeBy(prewarm, at);
      return;
    }
    prewarm.shortSince = now;
    fleet.boot(prewarm);
  }

  /** After an event that freed room or ended a start: everything that may have waited for it. */
  settle(now: number): void {
    const { node, registry } = this.#fleet;
    this.serve(node, now);
    for (const prewarm of registry.prewarms.values()) {
      this.boot(prewarm, now);
      this.refill(prewarm, now);
    }
  }

  #start(pool: FunctionPool, now: number): void {
    const { prewarm } = pool;
    prewarm.taken(now);
    this.#fleet.startedAt = now;
    this.#fleet.expect(pool);
    const guest = prewarm.idle.first;
    if (guest !== null) this.#fleet.specialise(guest.item, pool, now);
    else this.boot(prewarm, now);
  }

  /** The first in line for whom there is room now; null: nobody. Makes room for the head of the line. */
  #next(quota: Quota<FunctionPool>, now: number): FunctionPool | null {
    let looked = 0;
    for (const pool of quota.inLine()) {
      const lacking = this.#room.lacking(pool, now);
      if (lacking === null) return pool;
      if (lacking !== quota || looked === 0) this.#await(pool, lacking, now);
      looked++;
      if (looked >= LINE_SCAN_MAX || (lacking === quota && quota.holds(now))) return null;
    }
    return null;
  }

  /** The function waits at this level until room is freed, and looks again from time to time: whose turn it is changes with time. */
  #await(pool: FunctionPool, quota: Quota<FunctionPool>, now: number): void {
    if (pool.blockedOn !== quota) this.#unblock(pool);
    const { fairTenureMs, evictIdleMs } = this.#fleet.limits;
    this.#fleet.poolDeadlines.wakeBy(pool, now + (pool.called ? fairTenureMs : evictIdleMs));
    if (!this.#room.possible(pool)) {
      this.#unblock(pool);
      return;
    }
    pool.blockedOn = quota;
    quota.block(pool, now);
    this.#room.make(pool, quota, now);
  }

  #unblock(pool: FunctionPool): void {
    pool.blockedOn?.unblock(pool);
    pool.blockedOn = null;
  }
}

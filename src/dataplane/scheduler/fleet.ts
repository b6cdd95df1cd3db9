import { DeadlineHeap } from '../../kit/deadline-heap.ts';
import type { FunctionPool } from './function-pool.ts';
import { Instance } from './instance.ts';
import { become } from './instance-state.ts';
import type { SchedulerLimits } from './limits.ts';
import type { Outbox } from './outbox.ts';
import type { PrewarmPool } from './prewarm-pool.ts';
import { Quota } from './quota.ts';
import { Registry } from './registry.ts';

/**
 * All instances there are. It moves them through their states and keeps the books of every level; it decides nothing.
 *
 * The books: a start takes its room (an instance of the function, of the project, of the node, and its memory) when it is
 * decided, before a guest is there. Until it has one, the node's share is kept as a seat of the kind plus the memory by
 * which the function exceeds an empty guest. Room is given back when the process has gone, not when it was told to go.
 */
export class Fleet {
  readonly limits: SchedulerLimits;
  readonly node: Quota<FunctionPool>;
  readonly instances = new Set<Instance>();
  readonly registry: Registry;
  /** When to look at an idle instance, a function, a kind. */
  readonly idleDeadlines = new DeadlineHeap<Instance>();
  readonly poolDeadlines = new DeadlineHeap<FunctionPool>();
  readonly prewarmDeadlines = new DeadlineHeap<PrewarmPool<FunctionPool>>();
  /** Starts in flight, and those of them that have no guest yet, over all functions. */
  starts = 0;
  pending = 0;
  /** When a start was last decided or completed, ms. */
  startedAt = Number.NEGATIVE_INFINITY;
  /** The node is shutting down: nothing new is made. */
  closing = false;
  readonly #out: Outbox;
  #lastId = 0;

  constructor(limits: SchedulerLimits, out: Outbox) {
    this.limits = limits;
    this.#out = out;
    this.registry = new Registry(limits);
    this.node = new Quota(limits.instancesMax, limits.memoryMbMax, limits.fairTenureMs);
  }

  /** A release names the version, or none does any more. */
  activate(pool: FunctionPool, active: boolean): void {
    pool.active = active;
    pool.retired = !active;
    this.#settleKept(pool);
  }

  /** No release is active that names the version, and calls of one that was are still under way. */
  linger(pool: FunctionPool): void {
    pool.active = false;
    this.#settleKept(pool);
  }

  /**
   * A promised guest may be booted now. Not while a boot that failed has yet to leave: its process and its replacement
   * are then both on the books, and together they could pass the node's bounds.
   */
  get canBoot(): boolean {
    return this.node.fits(0, 0);
  }

  boot(prewarm: PrewarmPool<FunctionPool>): void {
    const instance = new Instance(++this.#lastId, prewarm.kind, this.limits.genericMemoryMb);
    this.instances.add(instance);
    prewarm.booting++;
    this.#settleSeats(prewarm);
    this.#out.boot(instance);
  }

  /** The guest has loaded: it may wait in its pool, or be specialised at once. */
  booted(instance: Instance): void {
    const prewarm = this.registry.prewarmOf(instance);
    become(instance, 'prewarmed');
    prewarm.booting--;
    this.node.take(1, instance.memoryMb);
    this.#settleSeats(prewarm);
    prewarm.idle.unshift(instance.poolLink);
  }

  /** It is to load a function before it has warmed up. */
  hurry(instance: Instance): void {
    instance.hurried = true;
    this.registry.prewarmOf(instance).hurried++;
  }

  /** It has booted after all, or never will. */
  calm(instance: Instance): void {
    if (!instance.hurried) return;
    instance.hurried = false;
    this.registry.prewarmOf(instance).hurried--;
  }

  /** A start of this function is decided: its room is taken, a guest is still to come. */
  expect(pool: FunctionPool): void {
    pool.prewarm.expect(pool);
    this.starts++;
    this.pending++;
    pool.project.take(1, pool.memoryMb);
    this.node.take(0, this.#excessMb(pool));
    this.#settleSeats(pool.prewarm);
  }

  /** A start that has no guest yet is not wanted any more. */
  unexpect(pool: FunctionPool): void {
    pool.prewarm.forget(pool);
    this.starts--;
    this.pending--;
    pool.project.take(-1, -pool.memoryMb);
    this.node.take(0, -this.#excessMb(pool));
    this.#settleSeats(pool.prewarm);
  }

  /** A prewarmed guest takes over one of the function's starts. */
  specialise(instance: Instance, pool: FunctionPool, now: number): void {
    pool.prewarm.idle.remove(instance.poolLink);
    become(instance, 'specialising');
    pool.prewarm.forget(pool);
    this.pending--;
    pool.specialising++;
    this.#settleSeats(pool.prewarm);
    instance.memoryMb = pool.memoryMb;
    instance.version = pool.version;
    instance.specialisedAt = now;
    this.#out.specialise(instance, pool.version);
  }

  ready(instance: Instance, pool: FunctionPool, now: number): void {
    become(instance, 'ready');
    this.calm(instance);
    this.starts--;
    pool.specialising--;
    pool.serving++;
    this.#settleKept(pool);
    instance.readyAt = now;
    this.#rest(instance, pool, now);
  }

  /** Takes a slot of an open or idle instance. */
  occupy(instance: Instance, pool: FunctionPool): void {
    if (instance.inUse === 0) {
      this.#unrest(instance, pool);
      if (instance.state === 'frozen') {
        become(instance, 'ready');
        this.#out.thaw(instance);
      }
      become(instance, 'busy');
      if (pool.limits.perInstance > 1) pool.open.unshift(instance.poolLink);
    }
    instance.inUse++;
    instance.served++;
    if (instance.inUse >= pool.limits.perInstance) pool.open.remove(instance.poolLink);
  }

  /** Gives a slot back. An instance that was to end once it serves nothing ends now. */
  vacate(instance: Instance, pool: FunctionPool, now: number): void {
    instance.inUse--;
    if (instance.state === 'draining') {
      if (instance.inUse === 0 && !instance.leaving) {
        this.#leave(instance, pool);
        this.#out.drain(instance);
      }
    } else if (instance.inUse === 0) {
      pool.open.remove(instance.poolLink);
      become(instance, 'ready');
      this.#rest(instance, pool, now);
    } else if (instance.poolLink.list === null) {
      pool.open.unshift(instance.poolLink);
    }
  }

  freeze(instance: Instance): void {
    become(instance, 'frozen');
    this.#out.freeze(instance);
  }

  /** It serves no further call, and ends when it serves none. */
  drain(instance: Instance): void {
    const pool = this.registry.poolOf(instance);
    const thaw = instance.state === 'frozen';
    this.#withdraw(instance, pool);
    become(instance, 'draining');
    if (instance.inUse > 0) return;
    this.#leave(instance, pool);
    if (thaw) this.#out.thaw(instance);
    this.#out.drain(instance);
  }

  /** It ends at once, whatever it does. */
  kill(instance: Instance): void {
    if (instance.leaving) return;
    const pool = this.registry.poolOf(instance);
    if (instance.state !== 'draining') {
      this.#withdraw(instance, pool);
      become(instance, 'draining');
    }
    this.#leave(instance, pool);
    this.#out.kill(instance);
  }

  /** Its process has exited: its room is free. */
  gone(instance: Instance): void {
    const pool = this.registry.poolOf(instance);
    if (instance.state !== 'draining') this.#withdraw(instance, pool);
    become(instance, 'gone');
    if (instance.leaving) {
      this.node.leave(-1, instance.memoryMb);
      pool?.project.leave(-1, instance.memoryMb);
    }
    this.node.take(-1, -instance.memoryMb);
    if (pool !== null) {
      pool.ending--;
      pool.project.take(-1, -instance.memoryMb);
    }
    this.instances.delete(instance);
  }

  /** Not to be ended to make room; it is so again after its next use. */
  protect(instance: Instance, pool: FunctionPool): void {
    this.node.idle.remove(instance.nodeLink);
    pool.project.idle.remove(instance.projectLink);
  }

  /** Takes an instance out of all that may still use it. Its room stays taken. */
  #withdraw(instance: Instance, pool: FunctionPool | null): void {
    const prewarm = this.registry.prewarmOf(instance);
    this.calm(instance);
    if (instance.state === 'booting') {
      prewarm.booting--;
      this.node.take(1, instance.memoryMb);
      this.#settleSeats(prewarm);
    } else if (instance.state === 'prewarmed') {
      prewarm.idle.remove(instance.poolLink);
    } else if (pool !== null) {
      if (instance.state === 'specialising') {
        pool.specialising--;
        this.starts--;
      } else {
        pool.serving--;
        this.#settleKept(pool);
        this.#unrest(instance, pool);
        pool.open.remove(instance.poolLink);
      }
      pool.ending++;
    }
    this.idleDeadlines.remove(instance);
  }

  #leave(instance: Instance, pool: FunctionPool | null): void {
    instance.leaving = true;
    this.node.leave(1, instance.memoryMb);
    pool?.project.leave(1, instance.memoryMb);
  }

  #rest(instance: Instance, pool: FunctionPool, now: number): void {
    instance.idleSince = now;
    pool.idle.unshift(instance.poolLink);
    pool.project.idle.push(instance.projectLink);
    this.node.idle.push(instance.nodeLink);
  }

  #unrest(instance: Instance, pool: FunctionPool): void {
    pool.idle.remove(instance.poolLink);
    pool.project.idle.remove(instance.projectLink);
    this.node.idle.remove(instance.nodeLink);
  }

  #excessMb(pool: FunctionPool): number {
    return pool.memoryMb - this.limits.genericMemoryMb;
  }

  #settleSeats(prewarm: PrewarmPool<FunctionPool>): void {
    const seats = Math.max(prewarm.booting, prewarm.pending);
    const change = seats - prewarm.seats;
    if (change === 0) return;
    prewarm.seats = seats;
    this.node.take(change, change * this.limits.genericMemoryMb);
  }

  #settleKept(pool: FunctionPool): void {
    const change = Math.min(pool.serving, pool.provisioned) - pool.kept;
    if (change === 0) return;
    pool.kept += change;
    pool.project.keep(change, change * pool.memoryMb);
    this.node.keep(change, change * pool.memoryMb);
  }
}

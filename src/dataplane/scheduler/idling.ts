import type { Fleet } from './fleet.ts';
import type { FunctionPool } from './function-pool.ts';
import type { Instance } from './instance.ts';

/** From this part of the node taken on, idle instances are kept shorter, in proportion to what is left. */
const PRESSURE_FROM = 0.75;

/** What becomes of an instance that serves nothing: frozen after a moment, ended when it is not expected to be used again. */
export class Idling {
  readonly #fleet: Fleet;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  /** It has just gone idle. The deadline of an earlier rest is left standing: it comes early and looks again. */
  rest(instance: Instance, pool: FunctionPool): void {
    const { idleFreezeMs } = this.#fleet.limits;
    const { keepAliveMs } = pool.limits;
    const lookMs = keepAliveMs === null ? idleFreezeMs : Math.min(idleFreezeMs, keepAliveMs);
    this.#fleet.idleDeadlines.wakeBy(instance, instance.idleSince + lookMs);
  }

  /** Its deadline has come, early perhaps. */
  review(instance: Instance, pool: FunctionPool, now: number): void {
    if (instance.inUse > 0) return;
    const fleet = this.#fleet;
    const freezeAt = instance.idleSince + fleet.limits.idleFreezeMs;
    // A provisioned instance is not reaped; it comes back here after its next use.
    const surplus = pool.serving > pool.provisioned;
    const reapAt = surplus ? instance.idleSince + this.#keepAliveMs(pool) : Number.POSITIVE_INFINITY;
    if (now >= reapAt) {
      fleet.drain(instance);
      return;
    }
    if (instance.state === 'ready' && now >= freezeAt) fleet.freeze(instance);
    fleet.idleDeadlines.wakeBy(instance, instance.state === 'ready' ? Math.min(freezeAt, reapAt) : reapAt);
  }

  #keepAliveMs(pool: FunctionPool): number {
    const { node, limits } = this.#fleet;
    const wished = pool.limits.keepAliveMs ?? pool.keepAlive.ms;
    const used = Math.max(node.instances / node.instancesMax, node.memoryMb / node.memoryMbMax);
    if (used <= PRESSURE_FROM) return wished;
    const left = (wished * Math.max(0, 1 - used)) / (1 - PRESSURE_FROM);
    // Not shorter than what protects it from other functions: a full node must not make every call a cold one.
    return Math.min(wished, Math.max(left, limits.evictIdleMs));
  }
}

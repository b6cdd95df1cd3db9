import type { FunctionLimits } from '../../domain/function-version.ts';
import type { LinkedList } from '../../kit/linked-list.ts';
import type { SchedulerLimits } from './limits.ts';
import type { Ticket } from './ticket.ts';

/** What the scheduler was last told of its machine. */
export interface MachineLoad {
  /** The processors have more to run than they can. */
  saturated: boolean;
}

/** A function's calls and instances, as far as its demand depends on them. */
interface Demander {
  readonly queue: LinkedList<Ticket>;
  readonly limits: FunctionLimits;
  /** Instances that are ready, busy or frozen. */
  readonly serving: number;
}

/**
 * The estimate of the quicker calls follows a quicker one at once and a slower one hardly: a busy machine makes every call
 * slow, and more instances would make it busier.
 */
const QUICKER_WEIGHT = 1 / 4;
const SLOWER_WEIGHT = 1 / 64;
/** A service time below this says nothing: the clock is not that fine. */
const SERVICE_MS_MIN = 0.01;
/** Waiting calls looked at to find those that have waited long: more starts at once help nobody. */
const OVERDUE_SCAN_MAX = 64;

/**
 * How many starts the waiting calls of one function are worth. An upper bound is one for each free slot they need; less is
 * better while instances that are busy now, or a few new ones, will have served them sooner. Without this, 32
 * clients of a function of 0.1 ms made 32 instances, which on two cores served 1,000 calls a second where
 * four of them serve 15,000. No call is held back for longer than `startHoldMaxMs` (`startHoldSaturatedMs` while the
 * machine is saturated), and none that its queue has no place for.
 */
export class StartDemand {
  readonly #limits: SchedulerLimits;
  readonly #load: MachineLoad;
  /** Service time of the quicker calls: what it takes when nothing is in the way, ms; negative: no call has ended yet. */
  #quickMs = -1;

  constructor(limits: SchedulerLimits, load: MachineLoad) {
    this.#limits = limits;
    this.#load = load;
  }

  /** A call was served in this time. */
  settled(serviceMs: number): void {
    if (this.#quickMs < 0) {
      this.#quickMs = serviceMs;
      return;
    }
    const change = serviceMs - this.#quickMs;
    this.#quickMs += change * (change < 0 ? QUICKER_WEIGHT : SLOWER_WEIGHT);
  }

  /** Starts that should be in flight for the calls that wait. */
  starts({ queue, limits, serving }: Demander, now: number): number {
    const waiting = queue.length;
    const { perInstance, queueMax } = limits;
    if (waiting === 0) return 0;
    if (!this.#mayHold(limits)) return Math.ceil(waiting / perInstance);
    const urgent = Math.max(this.#overdue(queue, now).count, waiting - queueMax);
    return Math.max(this.#sensible(waiting, serving, limits), Math.ceil(urgent / perInstance));
  }

  /** When a call that is held back will have waited too long, ms; Infinity: none is. */
  holdEndsAt({ queue, limits }: Demander, now: number): number {
    if (!this.#mayHold(limits)) return Number.POSITIVE_INFINITY;
    const { nextAt } = this.#overdue(queue, now);
    // The machine may have time again sooner: looked at as often as a call is held back otherwise.
    return this.#load.saturated ? Math.min(nextAt, now + this.#limits.startHoldMaxMs) : nextAt;
  }

  #sensible(waiting: number, serving: number, { perInstance, queueMax }: FunctionLimits): number {
    const { startHoldMs, startsUnknownMax } = this.#limits;
    if (this.#load.saturated && serving > 0) return 0;
    if (this.#load.saturated || this.#quickMs < 0)
      return Math.min(Math.ceil(waiting / perInstance), startsUnknownMax);
    // Calls that one slot takes within the time that a call may sensibly wait for it.
    const turns = startHoldMs / Math.max(this.#quickMs, SERVICE_MS_MIN);
    const soon = Math.min(Math.floor(serving * perInstance * turns), queueMax);
    return Math.ceil(Math.max(0, waiting - soon) / (perInstance * Math.max(1, Math.floor(turns))));
  }

  #mayHold(limits: FunctionLimits): boolean {
    return limits.queueTimeoutMs > this.#holdMaxMs;
  }

  get #holdMaxMs(): number {
    return this.#load.saturated ? this.#limits.startHoldSaturatedMs : this.#limits.startHoldMaxMs;
  }

  #overdue(queue: LinkedList<Ticket>, now: number): { readonly count: number; readonly nextAt: number } {
    let count = 0;
    for (let link = queue.first; link !== null && count < OVERDUE_SCAN_MAX; link = link.next) {
      const at = link.item.submittedAt + this.#holdMaxMs;
      if (at > now) return { count, nextAt: at };
      count++;
    }
    // All that were looked at have waited too long, and so has the rest, or soon will have.
    return { count: count < OVERDUE_SCAN_MAX ? count : queue.length, nextAt: Number.POSITIVE_INFINITY };
  }
}

import type { LinkedList } from '../../kit/linked-list.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Call } from './call.ts';

/**
 * The time-outs of the calls that run in one instance, with one timer. All have the same time, so the oldest call is due
 * first; a call that ends in time leaves the timer alone, which then finds the next one not due yet and waits on.
 * (A timer of its own for each call took 3 % of the platform's time.)
 */
export class CallDeadlines {
  readonly #calls: LinkedList<Call>;
  readonly #clock: Clock;
  readonly #onDue: (call: Call) => void;
  #timer: NodeJS.Timeout | null = null;

  /** `calls` in the order in which they began. `onDue` must take the call out of them. */
  constructor(calls: LinkedList<Call>, clock: Clock, onDue: (call: Call) => void) {
    this.#calls = calls;
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** A call has begun. */
  watch(call: Call): void {
    if (this.#timer === null) this.#arm(call.function.limits.timeoutMs);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(ms: number): void {
    this.#timer = setTimeout(() => this.#fired(), ms);
  }

  #fired(): void {
    this.#timer = null;
    const now = this.#clock.now();
    for (let first = this.#calls.first; first !== null; first = this.#calls.first) {
      const call = first.item;
      const leftMs = call.assignedAt + call.function.limits.timeoutMs - now;
      if (leftMs > 0) {
        this.#arm(Math.ceil(leftMs));
        return;
      }
      this.#onDue(call);
    }
  }
}

import type { Scheduler } from '../scheduler/scheduler.ts';

/** The longest that a timer can be set for; a later deadline is approached in steps. */
const DELAY_MS_MAX = 2 ** 31 - 1;

/**
 * The one timer behind all of the scheduler's deadlines. It is set anew only for an earlier deadline; when it fires too
 * early, because the deadline has moved on, it is set again. So a warm call, which only moves deadlines on, sets none.
 */
export class SchedulerTimer {
  readonly #scheduler: Scheduler;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | null = null;
  #firesAt = Number.POSITIVE_INFINITY;
  #closed = false;

  constructor(scheduler: Scheduler, now: () => number) {
    this.#scheduler = scheduler;
    this.#now = now;
  }

  arm(): void {
    const deadline = this.#scheduler.nextDeadline();
    if (deadline >= this.#firesAt || this.#closed) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#firesAt = deadline;
    const delayMs = Math.min(DELAY_MS_MAX, Math.max(0, Math.ceil(deadline - this.#now())));
    this.#timer = setTimeout(() => this.#fired(), delayMs);
  }

  /** Sets no timer ever again: what is reported while the last instances end must not keep the process alive. */
  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #fired(): void {
    this.#timer = null;
    this.#firesAt = Number.POSITIVE_INFINITY;
    const now = this.#now();
    if (this.#scheduler.nextDeadline() <= now) this.#scheduler.tick(now);
    this.arm();
  }
}

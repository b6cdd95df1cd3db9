import { ERROR_TABLE, type MayflyError } from '../../domain/errors.ts';
import type { SchedulerLimits } from './limits.ts';

/**
 * What is remembered of starts that failed, so that code which cannot load, or a machine that refuses, is not hammered.
 *
 * An error of the function's author closes at once: while closed, calls are refused with the same error. An error of the
 * platform is forgiven a few times: starts pause shortly, calls go on waiting. After a pause one start at a time tries
 * (`probing`); the first that succeeds forgets it all.
 */
export class StartBackoff {
  #failures = 0;
  #retryAt = Number.NEGATIVE_INFINITY;
  #error: MayflyError | null = null;
  #refuses = false;
  readonly #limits: SchedulerLimits;

  constructor(limits: SchedulerLimits) {
    this.#limits = limits;
  }

  /** When the next start may be tried, ms. */
  get retryAt(): number {
    return this.#retryAt;
  }

  get probing(): boolean {
    return this.#failures > 0;
  }

  /** No start may be made now. */
  closed(now: number): boolean {
    return now < this.#retryAt;
  }

  /** The error to refuse calls with now; null: they may wait. */
  refusal(now: number): MayflyError | null {
    return this.#refuses && now < this.#retryAt ? this.#error : null;
  }

  failed(error: MayflyError, now: number): void {
    this.#error = error;
    // Starts that were under way together fail together: one failure, not many.
    if (this.closed(now)) return;
    this.#failures++;
    const limits = this.#limits;
    const own = ERROR_TABLE[error.code].blame === 'function';
    const min = own ? limits.initBackoffMinMs : limits.platformBackoffMinMs;
    const max = own ? limits.initBackoffMaxMs : limits.platformBackoffMaxMs;
    this.#retryAt = now + Math.min(max, min * 2 ** Math.min(this.#failures - 1, 30));
    this.#refuses = own || this.#failures > limits.platformRetriesMax;
  }

  succeeded(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.#retryAt = Number.NEGATIVE_INFINITY;
    this.#error = null;
    this.#refuses = false;
  }
}

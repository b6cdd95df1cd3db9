import type { MachineLoad } from '../../ports/machine-load.ts';

/** Looked at no more often than this, ms. */
const LOOK_EVERY_MS = 10;
/** A look moves the average by this part of the difference: about five looks decide. */
const LOOK_WEIGHT = 0.3;
/**
 * More tasks than this run or wait per processor: saturated. Every processor is busy then and every second one has a task
 * waiting, so that one more instance could only wait as well. Functions that wait for others do not count.
 */
const RUNNABLE_PER_CPU_MAX = 1.5;

/** Smooths what the machine says of its load into one answer. */
export class LoadWatch {
  readonly #load: MachineLoad;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #average = 0;

  constructor(load: MachineLoad) {
    this.#load = load;
  }

  /** Whether the processors have more to run than they can, at `now` (monotonic ms). */
  saturated(now: number): boolean {
    const since = now - this.#lookedAt;
    if (since >= LOOK_EVERY_MS) {
      this.#lookedAt = now;
      // After a pause the past says nothing any more.
      const weight = Math.min(1, (LOOK_WEIGHT * since) / LOOK_EVERY_MS);
      this.#average += (this.#load.runnablePerCpu() - this.#average) * weight;
    }
    return this.#average > RUNNABLE_PER_CPU_MAX;
  }
}

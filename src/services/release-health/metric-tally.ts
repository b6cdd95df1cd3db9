import type { MetricFigures } from '../../ports/release-health.ts';

/** Mean and variance of one value a call, without keeping the values (Welford, Technometrics 4, 1962). */
export class MetricTally {
  #count = 0;
  #mean = 0;
  /** Sum of squared distances from the mean. */
  #spread = 0;

  add(value: number): void {
    this.#count++;
    const distance = value - this.#mean;
    this.#mean += distance / this.#count;
    this.#spread += distance * (value - this.#mean);
  }

  figures(): MetricFigures {
    return { mean: this.#mean, variance: this.#count < 2 ? 0 : this.#spread / (this.#count - 1) };
  }
}

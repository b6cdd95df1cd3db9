import type { UsageRecord } from '../../domain/invocation.ts';
import { Histogram } from '../../kit/histogram.ts';
import type { HealthFigures, MetricFigures } from '../../ports/release-health.ts';
import type { CallOutcome } from './call-outcome.ts';
import { MetricTally } from './metric-tally.ts';

/** Adds up the calls of one release. */
export class ReleaseTally {
  readonly #release: string;
  #calls = 0;
  #errors = 0;
  #cold = 0;
  readonly #warmMs = new Histogram();
  readonly #metrics: ReadonlyMap<string, MetricTally>;

  constructor(release: string, metrics: readonly string[]) {
    this.#release = release;
    this.#metrics = new Map(metrics.map((name) => [name, new MetricTally()]));
  }

  /** `values`: what the call logged of the metrics; null: nothing. */
  add(
    record: UsageRecord,
    outcome: Exclude<CallOutcome, 'none'>,
    values: ReadonlyMap<string, number> | null,
  ): void {
    this.#calls++;
    if (outcome === 'failed') this.#errors++;
    if (record.cold) this.#cold++;
    // A call that no instance got to run says nothing about how long one takes.
    else if (record.durationMs > 0) this.#warmMs.add(record.durationMs);
    for (const [name, tally] of this.#metrics) tally.add(values?.get(name) ?? 0);
  }

  /** As of now; `slowerThan` goes on to count. */
  figures(): HealthFigures {
    const warmMs = this.#warmMs;
    const metrics = [...this.#metrics].map(([name, tally]): [string, MetricFigures] => [
      name,
      tally.figures(),
    ]);
    return {
      release: this.#release,
      calls: this.#calls,
      errors: this.#errors,
      cold: this.#cold,
      p50Ms: warmMs.quantile(0.5),
      p99Ms: warmMs.quantile(0.99),
      warm: warmMs.count,
      slowerThan: (ms) => warmMs.countAbove(ms),
      metrics: Object.fromEntries(metrics),
    };
  }
}

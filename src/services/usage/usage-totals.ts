import type { UsageRecord } from '../../domain/invocation.ts';
import { Histogram } from '../../kit/histogram.ts';

/**
 * What some calls took together. Counters are whole numbers, so that sums of sums are exact in any order:
 * megabyte-milliseconds up to 2^53, which is 8.8 thousand million GB-seconds.
 */
export class UsageTotals {
  calls = 0;
  /** Calls whose outcome is not `ok`. */
  errors = 0;
  coldStarts = 0;
  billedMs = 0;
  /** Sum of memory × billed time: what GB-seconds are made of. */
  mbMs = 0;
  cpuUs = 0;
  /** `durationMs` of the calls. */
  durations = new Histogram();

  add(record: UsageRecord): void {
    this.calls++;
    if (record.outcome !== 'ok') this.errors++;
    if (record.cold) this.coldStarts++;
    this.billedMs += wholeOf(record.billedMs);
    this.mbMs += wholeOf(record.memoryMb * record.billedMs);
    this.cpuUs += wholeOf(record.cpuUs);
    this.durations.add(record.durationMs);
  }

  merge(other: UsageTotals): void {
    this.calls += other.calls;
    this.errors += other.errors;
    this.coldStarts += other.coldStarts;
    this.billedMs += other.billedMs;
    this.mbMs += other.mbMs;
    this.cpuUs += other.cpuUs;
    this.durations.merge(other.durations);
  }

  toJSON(): readonly unknown[] {
    const { calls, errors, coldStarts, billedMs, mbMs, cpuUs, durations } = this;
    return [calls, errors, coldStarts, billedMs, mbMs, cpuUs, durations];
  }

  /** @throws Error when it is not one of `toJSON`. */
  static fromJSON(json: unknown): UsageTotals {
    if (!Array.isArray(json) || json.length !== 7) throw new RangeError('These are no totals.');
    const totals = new UsageTotals();
    [totals.calls, totals.errors, totals.coldStarts, totals.billedMs, totals.mbMs, totals.cpuUs] = json;
    totals.durations = Histogram.fromJSON(json[6]);
    return totals;
  }
}

/** A broken number in one record must not spoil the sum of all others. */
function wholeOf(value: number): number {
  return Number.isFinite(value) && value > 0 ? Math.round(value) : 0;
}

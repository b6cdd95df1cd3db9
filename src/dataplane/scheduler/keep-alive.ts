import type { SchedulerLimits } from './limits.ts';

/** Buckets an octave: a learned keep-alive is at most 2^(1/2), 41 %, longer than the gap it covers. */
const BUCKETS_PER_OCTAVE = 2;
/** Gaps that must have been seen before the rhythm counts. */
const SAMPLES_MIN = 4;
/** Counts are halved at this many gaps, so that an old rhythm is forgotten. */
const SAMPLES_MAX = 1_024;
const COVERED = 0.99;

/**
 * Learns how long to keep an idle instance from the gaps between uses, after the histogram policy of "Serverless in the
 * Wild" (Shahrad et al., 2020): keep for the gap that 99 of 100 stay under. A start of an instance takes milliseconds
 * here, so the paper's second half, starting one shortly before a long gap ends, is left out.
 *
 * Gaps under the minimum ask no question (an instance is kept that long anyway) and only add to a count; most functions
 * never allocate the histogram.
 */
export class KeepAlive {
  readonly #minMs: number;
  readonly #defaultMs: number;
  readonly #maxMs: number;
  #short = 0;
  #long = 0;
  #over = 0;
  #buckets: Uint16Array | null = null;
  #learnedMs = -1;

  constructor(limits: SchedulerLimits) {
    this.#minMs = limits.keepAliveMinMs;
    this.#defaultMs = limits.keepAliveDefaultMs;
    this.#maxMs = limits.keepAliveMaxMs;
  }

  /** An instance, or the whole function, was idle for `gapMs` and was then called. */
  record(gapMs: number): void {
    this.#learnedMs = -1;
    if (gapMs < this.#minMs) this.#short++;
    else if (gapMs >= this.#maxMs) this.#over++;
    else {
      this.#buckets ??= new Uint16Array(this.#bucketOf(this.#maxMs) + 1);
      this.#buckets[this.#bucketOf(gapMs)]!++;
      this.#long++;
    }
    if (this.#short + this.#long + this.#over >= SAMPLES_MAX) this.#forgetHalf();
  }

  /** How long an idle instance is kept, ms. */
  get ms(): number {
    if (this.#learnedMs < 0) this.#learnedMs = this.#learn();
    return this.#learnedMs;
  }

  #learn(): number {
    const total = this.#short + this.#long + this.#over;
    if (total < SAMPLES_MIN) return this.#defaultMs;
    // Called more rarely than anything is kept: keeping it would only cost memory.
    if (this.#over * 2 > total) return this.#minMs;
    let uncovered = Math.ceil(total * COVERED) - this.#short;
    if (uncovered <= 0) return this.#minMs;
    if (this.#buckets !== null) {
      for (let bucket = 0; bucket < this.#buckets.length; bucket++) {
        uncovered -= this.#buckets[bucket]!;
        if (uncovered <= 0) {
          return Math.min(this.#maxMs, this.#minMs * 2 ** ((bucket + 1) / BUCKETS_PER_OCTAVE));
        }
      }
    }
    return this.#maxMs;
  }

  #bucketOf(gapMs: number): number {
    return Math.floor(Math.log2(gapMs / this.#minMs) * BUCKETS_PER_OCTAVE);
  }

  #forgetHalf(): void {
    this.#short >>= 1;
    this.#over >>= 1;
    this.#long = 0;
    if (this.#buckets === null) return;
    for (let bucket = 0; bucket < this.#buckets.length; bucket++) {
      this.#buckets[bucket]! >>= 1;
      this.#long += this.#buckets[bucket]!;
    }
  }
}

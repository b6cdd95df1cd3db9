/** Largest relative error of a quantile of values within `VALUE_MIN … VALUE_MAX`. */
export const QUANTILE_ERROR_MAX = 0.02;

/** Smaller values are counted as 0, larger ones as the largest: one nanosecond to three years, in ms. */
const VALUE_MIN = 1e-6;
const VALUE_MAX = 1e11;

const GAMMA = (1 + QUANTILE_ERROR_MAX) / (1 - QUANTILE_ERROR_MAX);
const PER_LOG = 1 / Math.log(GAMMA);
/** Bucket numbers begin here, so that they are array indexes. */
const OFFSET = Math.ceil(Math.log(VALUE_MIN) * PER_LOG);
/** Index of the bucket of values below VALUE_MIN. */
const ZERO = 0;

/**
 * Counts of values in buckets whose bounds grow by a constant factor, so that every quantile is known to a constant
 * relative error, whatever the values are. Two histograms can be merged without any loss. Memory: one number for each
 * bucket up to the largest value; at most 980. After DDSketch (Masson, Rim, Lee: VLDB 2019).
 */
export class Histogram {
  count = 0;
  readonly #buckets: number[] = [];

  /** Counts one value: ≥ 0; anything else counts as 0. */
  add(value: number): void {
    this.#increase(bucketOf(value), 1);
  }

  merge(other: Histogram): void {
    other.#buckets.forEach((count, bucket) => {
      if (count > 0) this.#increase(bucket, count);
    });
  }

  /** The value that the share `q` (0 … 1) of the values does not exceed (nearest rank); 0 of no values. */
  quantile(q: number): number {
    const rank = Math.max(1, Math.ceil(q * this.count));
    let seen = 0;
    for (let bucket = 0; bucket < this.#buckets.length; bucket++) {
      seen += this.#buckets[bucket]!;
      if (seen >= rank) return middleOf(bucket);
    }
    return 0;
  }

  /** How many values are larger; those too close to tell, by up to twice the error of a quantile, are not counted. */
  countAbove(value: number): number {
    let count = 0;
    for (let bucket = bucketOf(value) + 1; bucket < this.#buckets.length; bucket++) {
      count += this.#buckets[bucket]!;
    }
    return count;
  }

  /** The buckets in use, flat: `[bucket, count, bucket, count …]`. */
  toJSON(): number[] {
    return this.#buckets.flatMap((count, bucket) => (count > 0 ? [bucket, count] : []));
  }

  /** @throws RangeError when the numbers are not those of `toJSON`. */
  static fromJSON(pairs: readonly number[]): Histogram {
    const histogram = new Histogram();
    for (let i = 0; i < pairs.length; i += 2) {
      const bucket = pairs[i]!;
      const count = pairs[i + 1]!;
      const known = Number.isSafeInteger(bucket) && bucket >= 0 && bucket <= bucketOf(VALUE_MAX);
      if (!known || !Number.isSafeInteger(count) || count <= 0) throw new RangeError('This is no histogram.');
      histogram.#increase(bucket, count);
    }
    return histogram;
  }

  #increase(bucket: number, by: number): void {
    // Filled without holes: V8 keeps such an array packed, and indexing it fast.
    while (this.#buckets.length <= bucket) this.#buckets.push(0);
    this.#buckets[bucket]! += by;
    this.count += by;
  }
}

function bucketOf(value: number): number {
  if (!(value >= VALUE_MIN)) return ZERO;
  return Math.ceil(Math.log(Math.min(value, VALUE_MAX)) * PER_LOG) - OFFSET + 1;
}

/** The value that is within the error of both bounds of the bucket. */
function middleOf(bucket: number): number {
  if (bucket === ZERO) return 0;
  return (2 * GAMMA ** (bucket + OFFSET - 1)) / (GAMMA + 1);
}

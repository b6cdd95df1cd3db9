import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WEIGHT_MAX } from './snapshot.ts';
import { bucketOf, isForCanary } from './traffic-split.ts';

const KEYS = 40_000;
const CLASSES = 20;
/** Chi-squared of 19 degrees of freedom is above this once in a million draws. */
const CHI_SQUARED_MAX = 63;

/** Chi-squared of counts that should all be equal. */
function unevenness(counts: readonly number[]): number {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
}

const families: Record<string, (n: number) => string> = {
  'numbers in a row': String,
  'addresses of one network': (n) => `10.0.${n >> 8}.${n & 255}`,
  'IPv6 addresses': (n) => `2001:db8::${n.toString(16)}`,
  'long names with a number at the end': (n) => `customer-of-the-shop-with-a-long-name-${n}`,
  'numbers and a common end': (n) => `${n}@example.org`,
};

for (const [family, keyOf] of Object.entries(families)) {
  test(`keys spread evenly over the buckets: ${family}`, () => {
    const counts = new Array<number>(CLASSES).fill(0);
    for (let n = 0; n < KEYS; n++) {
      const at = Math.floor((bucketOf('c-0123456789ab', keyOf(n)) / WEIGHT_MAX) * CLASSES);
      counts[at] = counts[at]! + 1;
    }
    const chi = unevenness(counts);
    assert.ok(chi < CHI_SQUARED_MAX, `chi-squared ${chi}`);
  });

  test(`the next canary draws anew: ${family}`, () => {
    // Of those on one side in one canary, as many are on each side of the next.
    const counts = [0, 0, 0, 0];
    for (let n = 0; n < KEYS; n++) {
      const first = bucketOf('c-000000000001', keyOf(n)) < WEIGHT_MAX / 2 ? 0 : 1;
      const second = bucketOf('c-000000000002', keyOf(n)) < WEIGHT_MAX / 2 ? 0 : 2;
      counts[first + second]!++;
    }
    // 3 degrees of freedom, once in a million.
    assert.ok(unevenness(counts) < 31, `${counts}`);
  });
}

test('a bucket is one of 10,000 and always the same', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: 'binary' }), (canary, key) => {
      const bucket = bucketOf(canary, key);
      assert.ok(Number.isInteger(bucket) && bucket >= 0 && bucket < WEIGHT_MAX);
      assert.equal(bucketOf(canary, key), bucket);
    }),
  );
});

test('raising the weight moves nobody back, and the ends are nobody and everybody', () => {
  const weight = fc.integer({ min: 0, max: WEIGHT_MAX });
  fc.assert(
    fc.property(fc.string(), weight, weight, (key, one, other) => {
      const bucket = bucketOf('c-1', key);
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      if (isForCanary({ weight: low }, bucket)) assert.ok(isForCanary({ weight: high }, bucket));
      assert.equal(isForCanary({ weight: 0 }, bucket), false);
      assert.equal(isForCanary({ weight: WEIGHT_MAX }, bucket), true);
    }),
  );
});

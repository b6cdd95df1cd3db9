import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Histogram, QUANTILE_ERROR_MAX } from './histogram.ts';

const values = fc.array(fc.oneof(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), fc.constant(0)), {
  minLength: 1,
  maxLength: 300,
});
const shares = fc.constantFrom(0, 0.01, 0.5, 0.9, 0.99, 1);

function histogramOf(numbers: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const number of numbers) histogram.add(number);
  return histogram;
}

test('every quantile is within the promised error of the exact one', () => {
  fc.assert(
    fc.property(values, shares, (numbers, share) => {
      const sorted = numbers.toSorted((a, b) => a - b);
      const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!;
      const found = histogramOf(numbers).quantile(share);
      assert.ok(
        Math.abs(found - exact) <= exact * (QUANTILE_ERROR_MAX + 1e-9),
        `quantile ${share}: ${found} instead of ${exact}`,
      );
    }),
  );
});

test('merging parts gives the histogram of the whole, also through JSON', () => {
  fc.assert(
    fc.property(values, values, (left, right) => {
      const merged = Histogram.fromJSON(JSON.parse(JSON.stringify(histogramOf(left))));
      merged.merge(histogramOf(right));
      const whole = histogramOf([...left, ...right]);
      assert.deepEqual(merged.toJSON(), whole.toJSON());
      assert.equal(merged.count, left.length + right.length);
    }),
  );
});

test('nothing counted: quantiles are 0; odd values count as 0 or as the largest', () => {
  assert.equal(new Histogram().quantile(0.5), 0);
  assert.equal(histogramOf([-1, Number.NaN, 1e-9]).quantile(1), 0);
  assert.equal(histogramOf([Number.POSITIVE_INFINITY]).quantile(1), histogramOf([1e11]).quantile(1));
});

test('numbers that are no histogram are refused', () => {
  for (const pairs of [[-1, 1], [1.5, 1], [3], [3, 0], [1e6, 1]]) {
    assert.throws(() => Histogram.fromJSON(pairs), RangeError);
  }
});

test('values above another are counted, but for those within the error', () => {
  const histogram = new Histogram();
  for (let value = 1; value <= 1_000; value++) histogram.add(value);
  for (const value of [0, 1, 10, 500, 999, 2_000]) {
    const above = Math.max(0, 1_000 - value);
    const far = Math.max(0, 1_000 - value * (1 + 2.1 * QUANTILE_ERROR_MAX));
    const count = histogram.countAbove(value);
    assert.ok(count <= above && count >= Math.floor(far), `${count} above ${value}`);
  }
  assert.equal(new Histogram().countAbove(1), 0);
});

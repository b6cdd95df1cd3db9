import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { incompleteBeta } from './incomplete-beta.ts';

function assertClose(found: number, expected: number, relative: number, what: string): void {
  assert.ok(
    Math.abs(found - expected) <= relative * Math.max(Math.abs(expected), 1e-12),
    `${what}: ${found}, not ${expected}`,
  );
}

/** P(X ≥ hits), added up term by term. */
function tailByAdding(hits: number, trials: number, chance: number): number {
  let sum = 0;
  for (let k = hits; k <= trials; k++) {
    let log = 0;
    for (let i = 1; i <= k; i++) log += Math.log((trials - k + i) / i);
    sum += Math.exp(log + k * Math.log(chance) + (trials - k) * Math.log1p(-chance));
  }
  return sum;
}

test('values known in closed form', () => {
  for (const x of [0.001, 0.3, 0.5, 0.9]) {
    assertClose(incompleteBeta(x, 1, 1), x, 1e-12, 'uniform');
    assertClose(incompleteBeta(x, 5, 1), x ** 5, 1e-12, 'power');
    assertClose(incompleteBeta(x, 1, 7), 1 - (1 - x) ** 7, 1e-12, 'complement of a power');
    assertClose(incompleteBeta(x, 0.5, 0.5), (2 / Math.PI) * Math.asin(Math.sqrt(x)), 1e-12, 'arc sine');
  }
  assert.equal(incompleteBeta(0, 2, 3), 0);
  assert.equal(incompleteBeta(1, 2, 3), 1);
});

test('it is the tail of the binomial distribution', () => {
  const shapes = fc.record({
    trials: fc.integer({ min: 1, max: 200 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    chance: fc.double({ min: 0.001, max: 0.999, noNaN: true }),
  });
  fc.assert(
    fc.property(shapes, ({ trials, share, chance }) => {
      const hits = Math.max(1, Math.round(share * trials));
      const expected = tailByAdding(hits, trials, chance);
      assertClose(incompleteBeta(chance, hits, trials - hits + 1), expected, 1e-9, `${hits} of ${trials}`);
    }),
  );
});

test('it is symmetrical and rises, also with ten million trials', () => {
  for (const [a, b] of [
    [3, 50_000],
    [100_000, 9_900_001],
  ] as const) {
    const mean = a / (a + b);
    let before = 0;
    for (const factor of [0.9, 0.99, 0.999, 1, 1.001, 1.01, 1.1]) {
      const value = incompleteBeta(mean * factor, a, b);
      assert.ok(value >= before && value <= 1, `${value} after ${before}`);
      assertClose(value, 1 - incompleteBeta(1 - mean * factor, b, a), 1e-5, 'symmetry');
      before = value;
    }
    assert.ok(before > 0.6);
  }
});

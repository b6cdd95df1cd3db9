import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { CanaryGuards } from '../../../domain/traffic.ts';
import { Histogram } from '../../../kit/histogram.ts';
import type { HealthComparison, HealthFigures } from '../../../ports/release-health.ts';
import { judgeCanary, NO_LOOKS } from './canary-guards.ts';
import { compareMeans, compareTails } from './comparisons.ts';
import { shareExcess, studentTail } from './distributions.ts';

const NONE: CanaryGuards = {
  callsMin: 100,
  falseAlarm: 0.01,
  errors: null,
  p99: null,
  coldStarts: null,
  metrics: {},
};
const ERRORS: CanaryGuards = { ...NONE, errors: 0.01 };

function figuresOf(
  release: string,
  changes: Partial<HealthFigures> & { ms?: readonly number[] },
): HealthFigures {
  const durations = new Histogram();
  for (const ms of changes.ms ?? []) durations.add(ms);
  return {
    release,
    calls: 0,
    errors: 0,
    cold: 0,
    p50Ms: durations.quantile(0.5),
    p99Ms: durations.quantile(0.99),
    warm: durations.count,
    slowerThan: (ms) => durations.countAbove(ms),
    metrics: {},
    ...changes,
  };
}

function healthOf(
  stable: Partial<HealthFigures>,
  canary: Partial<HealthFigures>,
  since = 1,
): HealthComparison {
  return { since, stable: figuresOf('r-old', stable), canary: figuresOf('r-new', canary) };
}

test('without guards nothing is asked for', () => {
  const { verdict } = judgeCanary(NONE, healthOf({}, {}), NO_LOOKS);
  assert.equal(verdict.kind, 'fine');
});

test('below the calls that are needed nothing is concluded, whatever they were like', () => {
  fc.assert(
    fc.property(fc.nat({ max: 99 }), fc.nat({ max: 99 }), (calls, stableCalls) => {
      for (const health of [
        healthOf({ calls: 10_000 }, { calls, errors: calls }),
        healthOf({ calls: stableCalls }, { calls: 10_000, errors: 10_000 }),
      ]) {
        const { verdict, state } = judgeCanary(ERRORS, health, NO_LOOKS);
        assert.equal(verdict.kind, 'waiting');
        assert.deepEqual(state, NO_LOOKS);
      }
    }),
  );
  const { verdict } = judgeCanary(ERRORS, healthOf({ calls: 500 }, { calls: 12 }), NO_LOOKS);
  assert.equal(verdict.reason, 'r-new has had 12 of the 100 calls that the guards need.');
});

test('a canary that fails more than is tolerated is bad, and the reason says by how much', () => {
  const health = healthOf({ calls: 5_000, errors: 5 }, { calls: 400, errors: 40 });
  const { verdict } = judgeCanary(ERRORS, health, NO_LOOKS);
  assert.equal(verdict.kind, 'bad');
  assert.equal(
    verdict.reason,
    'The canary is worse after 400 calls: errors in 10% of the calls against 0.1%, tolerated 1% more.',
  );
  assert.deepEqual(
    verdict.figures.map(({ guard, stable, canary }) => [guard, stable, canary]),
    [['errors', 0.001, 0.1]],
  );
});

test('a bad look does not count: asked again, it is bad again', () => {
  const health = healthOf({ calls: 5_000 }, { calls: 400, errors: 400 });
  const first = judgeCanary(ERRORS, health, NO_LOOKS);
  assert.deepEqual(judgeCanary(ERRORS, health, first.state), first);
  assert.equal(first.verdict.kind, 'bad');
});

test('the false-alarm chance is spent look by look and shared by the guards', () => {
  const guards = { ...ERRORS, coldStarts: 0.1 };
  let state = NO_LOOKS;
  let spent = 0;
  for (let calls = 100; calls < 1e6; calls += 10) {
    const judged = judgeCanary(guards, healthOf({ calls: 1_000 }, { calls }), state);
    assert.equal(judged.verdict.kind, 'fine');
    for (const { threshold } of judged.verdict.figures) spent += threshold;
    assert.equal(judged.verdict.figures.length > 0, judged.state.looks > state.looks);
    state = judged.state;
  }
  assert.ok(state.looks > 40 && state.looks < 55, `${state.looks} looks`);
  assert.ok(Math.abs(spent - 0.01 * (1 - 1 / (state.looks + 1))) < 1e-12, `${spent}`);
});

test('figures that were begun anew are looked at anew, with what is left to spend', () => {
  const before = judgeCanary(ERRORS, healthOf({ calls: 9_000 }, { calls: 5_000 }), NO_LOOKS).state;
  assert.deepEqual(before, { looks: 1, since: 1, calls: 5_000 });
  assert.equal(judgeCanary(ERRORS, healthOf({}, {}, 2), before).verdict.kind, 'waiting');
  const { verdict, state } = judgeCanary(ERRORS, healthOf({ calls: 100 }, { calls: 100 }, 2), before);
  assert.deepEqual(state, { looks: 2, since: 2, calls: 100 });
  assert.ok(Math.abs(verdict.figures[0]!.threshold - 0.01 / 6) < 1e-12);
});

test('without tolerance shares are compared by Fisher’s exact test, rounded up', () => {
  // The lady tasting tea: 3 of 4 right. One-sided p-value: (16 + 1) / 70.
  const tea = shareExcess({ hits: 1, calls: 4 }, { hits: 3, calls: 4 }, 0);
  assert.ok(tea >= 17 / 70 && tea < (17 / 70) * 1.02, `${tea}`);
  assert.equal(shareExcess({ hits: 4, calls: 4 }, { hits: 4, calls: 4 }, 0), 1);
  assert.equal(shareExcess({ hits: 0, calls: 0 }, { hits: 4, calls: 4 }, 0), 1);
  assert.equal(shareExcess({ hits: 0, calls: 9 }, { hits: 0, calls: 0 }, 0), 1);
});

test('more failures of the canary are never less suspicious, more tolerance never more', () => {
  const counts = fc.record({
    calls: fc.integer({ min: 1, max: 3_000 }),
    others: fc.integer({ min: 1, max: 3_000 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    other: fc.double({ min: 0, max: 1, noNaN: true }),
    tolerated: fc.double({ min: 0, max: 0.5, noNaN: true }),
  });
  fc.assert(
    fc.property(counts, ({ calls, others, share, other, tolerated }) => {
      const stable = { hits: Math.floor(other * others), calls: others };
      const hits = Math.floor(share * (calls - 1));
      const p = shareExcess(stable, { hits, calls }, tolerated);
      assert.ok(p >= 0 && p <= 1);
      assert.ok(shareExcess(stable, { hits: hits + 1, calls }, tolerated) <= p + 1e-9);
      assert.ok(shareExcess(stable, { hits, calls }, tolerated + 0.01) >= p - 1e-9);
    }),
  );
});

test('p99 is judged by how many calls are slower than what is tolerated', () => {
  const even = Array.from({ length: 2_000 }, (_, index) => 1 + index / 100);
  const stable = figuresOf('r-old', { ms: even });
  const slower = (factor: number): HealthFigures => figuresOf('r-new', { ms: even.map((ms) => ms * factor) });
  assert.ok(compareTails(stable, slower(1), 1).pValue > 0.5);
  assert.ok(compareTails(stable, slower(1.5), 1.5).pValue > 0.5);
  assert.ok(compareTails(stable, slower(2), 1.5).pValue < 1e-12);
  assert.equal(compareTails(stable, figuresOf('r-new', {}), 1).pValue, 1);
  assert.equal(compareTails(figuresOf('r-old', {}), slower(9), 1).pValue, 1);
});

test('means are compared by their difference beyond what is tolerated', () => {
  const stable = { calls: 1_000, mean: 10, variance: 4 };
  // A difference of 0.3 with a standard error of √(4/1000 + 4/400): z of 2.54.
  const { pValue } = compareMeans(stable, { calls: 400, mean: 11.3, variance: 1 }, 1);
  assert.ok(pValue > 0.0055 && pValue < 0.006, `${pValue}`);
  assert.ok(compareMeans(stable, { calls: 400, mean: 10.9, variance: 4 }, 1).pValue > 0.5);
  assert.equal(compareMeans(stable, { calls: 99, mean: 99, variance: 4 }, 1).pValue, 1);
  const still = { calls: 200, mean: 1, variance: 0 };
  assert.equal(compareMeans(still, { ...still, mean: 3 }, 1).pValue, 0);
  assert.equal(compareMeans(still, { ...still, mean: 2 }, 1).pValue, 1);
});

test('Student’s distribution has its tabled quantiles', () => {
  for (const [t, freedom, tail] of [
    [2.015, 5, 0.05],
    [-2.015, 5, 0.95],
    [3.169, 10, 0.005],
    [0, 7, 0.5],
    [1.645, 100_000, 0.05],
  ] as const) {
    assert.ok(Math.abs(studentTail(t, freedom) - tail) < 2e-4, `${t}`);
  }
});

import assert from 'node:assert/strict';
import test from 'node:test';
import type { CanaryGuards } from '../../../src/domain/traffic.ts';
import { type Life, live, type TrueRelease } from './simulated-canary.ts';

const lives = 200;

const GOOD: TrueRelease = { errors: 0.001, cold: 0.02, medianMs: 10, spread: 1, cost: () => 1 };
/** What the documents show as an example. */
const GUARDS: CanaryGuards = {
  callsMin: 100,
  falseAlarm: 0.01,
  errors: 0.01,
  p99: 1.5,
  coldStarts: 0.2,
  metrics: { cost: 0.5 },
};

interface Worse {
  readonly what: string;
  readonly canary: TrueRelease;
  readonly weight: number;
  /** Calls of the canary within which 95 of 100 such canaries are found out. */
  readonly calls: number;
}

const WORSE: readonly Worse[] = [
  { what: 'errors 0.1% → 5%', canary: { ...GOOD, errors: 0.05 }, weight: 0.05, calls: 600 },
  { what: 'errors 0.1% → 5%', canary: { ...GOOD, errors: 0.05 }, weight: 0.5, calls: 1_200 },
  { what: 'every call fails', canary: { ...GOOD, errors: 1 }, weight: 0.05, calls: 100 },
  { what: 'p99 × 3', canary: { ...GOOD, medianMs: 30 }, weight: 0.05, calls: 1_000 },
  { what: 'p99 × 3', canary: { ...GOOD, medianMs: 30 }, weight: 0.5, calls: 2_500 },
  { what: 'half of the calls cold', canary: { ...GOOD, cold: 0.5 }, weight: 0.05, calls: 200 },
  { what: 'a metric doubled', canary: { ...GOOD, cost: () => 2 }, weight: 0.05, calls: 100 },
];

for (const { what, canary, weight, calls } of WORSE) {
  test(`${what} with ${weight * 100}% of the calls is found out within ${calls} calls of the canary`, (t) => {
    const life: Life = {
      guards: GUARDS,
      stable: GOOD,
      canary,
      steps: [{ weight, calls: Math.ceil((3 * calls) / weight) + 2_000 }],
      timed: true,
    };
    const found = Array.from({ length: lives }, (_, index) => live(life, 1_000 + index) ?? Infinity).sort(
      (a, b) => a - b,
    );
    const within = (share: number): number => found[Math.ceil(share * lives) - 1]!;
    t.diagnostic(`half within ${within(0.5)}, 95% within ${within(0.95)}`);
    assert.ok(within(0.95) <= calls, `95% within ${within(0.95)} calls`);
    assert.ok(found[0]! >= GUARDS.callsMin, `after ${found[0]} calls`);
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDuration, formatPercent } from '../kit/quantity.ts';
import { parseCanarySteps } from './canary-steps.ts';

test('steps: shares, and how long each is held', () => {
  const cases: [string, [number, number | null][]][] = [
    ['10%', [[1_000, null]]],
    [
      '5% 10m, 25% 10m, 100%',
      [
        [500, 600_000],
        [2_500, 600_000],
        [10_000, null],
      ],
    ],
    [
      ' 0.5% 1.5h,50% ',
      [
        [50, 5_400_000],
        [5_000, null],
      ],
    ],
    [
      '5%, 100% 1m',
      [
        [500, null],
        [10_000, 60_000],
      ],
    ],
  ];
  for (const [text, steps] of cases) {
    assert.deepEqual(
      parseCanarySteps(text),
      steps.map(([weight, holdMs]) => ({ weight, holdMs })),
      text,
    );
  }
});

test('what cannot be meant is said in a sentence', () => {
  const cases: [string, RegExp][] = [
    ['', /is no list of steps/],
    ['10', /is no list of steps/],
    ['examples/shop', /is no list of steps/],
    ['5% 10m 25%', /is no list of steps/],
    ['5% 10m,', /is no list of steps/],
    ['0%', /has the share "0%"; a share is from 0\.01% to 100%/],
    ['101%', /has the share "101%"/],
    ['25% 1m, 10%', /goes from 25% to 10%; shares rise/],
    ['25% 1m, 25%', /goes from 25% to 25%/],
    ['5% 31d, 100%', /holds 5% for 31d; a step is held for at most 30d/],
    ['5% 10m, 25% 10m', /ends with 25% for 10m; end with 100%, or leave the time out to stay at 25%/],
    [
      Array.from({ length: 101 }, (_, step) => `${(step / 100 + 0.01).toFixed(2)}%`).join(','),
      /more than 100 steps/,
    ],
  ];
  for (const [text, message] of cases) assert.match(String(parseCanarySteps(text)), message, text);
});

test('steps that rise to 100% read back as they were written', () => {
  const shares = fc.uniqueArray(fc.integer({ min: 1, max: 9_999 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(shares, fc.integer({ min: 0, max: 2_592_000_000 }), (weights, holdMs) => {
      const steps = [
        ...weights.sort((a, b) => a - b).map((weight) => ({ weight, holdMs })),
        { weight: 10_000, holdMs: null },
      ];
      const text = steps
        .map(({ weight, holdMs: hold }) =>
          hold === null ? formatPercent(weight) : `${formatPercent(weight)} ${formatDuration(hold)}`,
        )
        .join(', ');
      assert.deepEqual(parseCanarySteps(text), steps);
    }),
  );
});

import assert from 'node:assert/strict';
import test from 'node:test';
import type { CanaryGuards } from '../../../src/domain/traffic.ts';
import type { HealthComparison } from '../../../src/ports/release-health.ts';
import { type Judge, type Life, live, type TrueRelease } from './simulated-canary.ts';

/** `LIVES=n` runs so many of each kind; `FROM` is the first seed. */
const lives = Number(process.env.LIVES ?? 300);
const from = Number(process.env.FROM ?? 1);
const FALSE_ALARM = 0.05;

const GOOD: TrueRelease = {
  errors: 0.01,
  cold: 0.05,
  medianMs: 10,
  spread: 1,
  cost: (random) => (random < 0.9 ? 0 : (random - 0.9) * 100),
};
const GUARDS: CanaryGuards = {
  callsMin: 50,
  falseAlarm: FALSE_ALARM,
  errors: 0,
  p99: 1,
  coldStarts: 0,
  metrics: { cost: 0 },
};
const UNTIMED: CanaryGuards = { ...GUARDS, p99: null };
const STEPS = [
  { weight: 0.1, calls: 4_000 },
  { weight: 0.5, calls: 4_000 },
  { weight: 0.9, calls: 4_000 },
];

/**
 * The most alarms of so many lives, were each as likely as allowed: four standard deviations above, which honest guards
 * exceed once in 30,000 sets of seeds.
 */
const alarmsMax = lives * FALSE_ALARM + 4 * Math.sqrt(lives * FALSE_ALARM * (1 - FALSE_ALARM));

function alarmsOf(life: Life, judgeOf?: () => Judge): number {
  let alarms = 0;
  for (let seed = from; seed < from + lives; seed++) if (live(life, seed, judgeOf?.()) !== null) alarms++;
  return alarms;
}

const LIVES: readonly { what: string; life: Life }[] = [
  {
    what: 'equal releases, nothing tolerated',
    life: { guards: GUARDS, stable: GOOD, canary: GOOD, steps: STEPS, timed: true },
  },
  {
    what: 'a canary that is just tolerable in everything',
    life: {
      guards: { ...GUARDS, errors: 0.02, p99: 1.5, coldStarts: 0.1, metrics: { cost: 1 } },
      stable: GOOD,
      canary: {
        ...GOOD,
        errors: 0.03,
        cold: 0.15,
        medianMs: 15,
        cost: (random) => GOOD.cost(random) + 1,
      },
      steps: STEPS,
      timed: true,
    },
  },
  {
    what: 'hardly any error, and a metric that is hardly ever counted',
    life: {
      guards: UNTIMED,
      stable: { ...GOOD, errors: 0.001, cost: (random) => (random < 0.005 ? 1 : 0) },
      canary: { ...GOOD, errors: 0.001, cost: (random) => (random < 0.005 ? 1 : 0) },
      steps: STEPS,
      timed: false,
    },
  },
  {
    what: 'a metric that is hardly ever not counted',
    life: {
      guards: { ...UNTIMED, errors: null, coldStarts: null },
      stable: { ...GOOD, cost: (random) => (random < 0.99 ? 1 : 0) },
      canary: { ...GOOD, cost: (random) => (random < 0.99 ? 1 : 0) },
      steps: STEPS,
      timed: false,
    },
  },
  {
    what: 'every second call failing on both sides, one guard, a long life',
    life: {
      guards: { ...UNTIMED, coldStarts: null, metrics: {} },
      stable: { ...GOOD, errors: 0.5 },
      canary: { ...GOOD, errors: 0.5 },
      steps: [{ weight: 0.5, calls: 20_000 }],
      timed: false,
    },
  },
];

for (const { what, life } of LIVES) {
  test(`${what}: no more false alarms than allowed (${lives} lives from FROM=${from})`, (t) => {
    const alarms = alarmsOf(life);
    t.diagnostic(`${alarms} of ${lives} aborted, allowed are ${FALSE_ALARM * lives}`);
    assert.ok(alarms <= alarmsMax, `${alarms} of ${lives} good canaries were aborted`);
  });
}

/** A test at every call, as if it were the only one, and as if the stable share were known. */
function impatientJudge({ stable, canary }: HealthComparison): boolean {
  if (canary.calls < 50 || stable.calls < 50) return false;
  const share = (stable.errors + canary.errors) / (stable.calls + canary.calls);
  const error = Math.sqrt(share * (1 - share) * (1 / stable.calls + 1 / canary.calls));
  return canary.errors / canary.calls - stable.errors / stable.calls > 1.645 * error;
}

test('the lives notice guards that look again and again without paying for it', (t) => {
  const life = LIVES.at(-1)!.life;
  const alarms = alarmsOf(life, () => impatientJudge);
  t.diagnostic(`${alarms} of ${lives} aborted`);
  assert.ok(alarms > 2 * alarmsMax, `only ${alarms} of ${lives}`);
});

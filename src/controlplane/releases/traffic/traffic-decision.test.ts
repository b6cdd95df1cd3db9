import assert from 'node:assert/strict';
import test from 'node:test';
import type { ErrorCode } from '../../../domain/errors.ts';
import type { CanaryPlan, Traffic } from '../../../domain/traffic.ts';
import { PAST_RELEASES_MAX, withoutCollected } from './past-releases.ts';
import type { TrafficCommand } from './traffic-command.ts';
import { decide } from './traffic-decision.ts';

const NOTHING: Traffic = { stable: null, past: [], canary: null };
const NO_GUARDS = {
  callsMin: 1,
  falseAlarm: 0.01,
  errors: null,
  p99: null,
  coldStarts: null,
  metrics: {},
} as const;

function planOf(...steps: readonly [number, number | null][]): CanaryPlan {
  return {
    steps: steps.map(([weight, holdMs]) => ({ weight, holdMs })),
    key: { kind: 'cookie' },
    guards: NO_GUARDS,
  };
}

const activate = (release: string): TrafficCommand => ({
  kind: 'activate',
  cause: 'deploy',
  release,
  reason: '',
});
const rollback = (release: string | null = null): TrafficCommand => ({
  kind: 'rollback',
  release,
  reason: '',
});
const start = (
  release: string,
  plan = planOf([500, 600_000], [2_500, 600_000], [10_000, null]),
): TrafficCommand => ({
  kind: 'canary-start',
  cause: 'deploy',
  release,
  plan,
  id: `c-${release}`,
  reason: '',
});
const set = (weight: number): TrafficCommand => ({ kind: 'canary-set', weight, reason: '' });
const say = (kind: 'canary-pause' | 'canary-resume' | 'canary-finish' | 'canary-abort'): TrafficCommand => ({
  kind,
  reason: '',
});

function after(...commands: readonly TrafficCommand[]): Traffic {
  return commands.reduce(
    (traffic, command, index) => decide(traffic, command, 1_000 * index).traffic,
    NOTHING,
  );
}

function assertRefused(traffic: Traffic, command: TrafficCommand, code: ErrorCode): void {
  const before = structuredClone(traffic);
  assert.throws(() => decide(traffic, command, 0), { code });
  assert.deepEqual(traffic, before);
}

test('activations pile up, rollbacks take them off one by one', () => {
  const traffic = after(activate('a'), activate('b'), activate('c'));
  assert.deepEqual(traffic, { stable: 'c', past: ['a', 'b'], canary: null });
  const once = decide(traffic, rollback(), 0);
  assert.deepEqual(once, {
    traffic: { stable: 'b', past: ['a'], canary: null },
    action: 'rollback',
    reason: 'Rolled back from c.',
  });
  const twice = decide(once.traffic, rollback(), 0).traffic;
  assert.deepEqual(twice, { stable: 'a', past: [], canary: null });
  assertRefused(twice, rollback(), 'NO_EARLIER_RELEASE');
});

test('the history says how a release came and why', () => {
  assert.deepEqual(decide(NOTHING, { ...activate('a'), reason: 'ticket 7' }, 0), {
    traffic: { stable: 'a', past: [], canary: null },
    action: 'deploy',
    reason: 'ticket 7',
  });
  assert.equal(
    decide(NOTHING, { ...activate('a'), cause: 'promote' } as TrafficCommand, 0).action,
    'promote',
  );
});

test('rolling back to a named release drops what came after it', () => {
  const traffic = after(activate('a'), activate('b'), activate('a'), activate('c'), activate('d'));
  assert.deepEqual(decide(traffic, rollback('a'), 0).traffic, {
    stable: 'a',
    past: ['a', 'b'],
    canary: null,
  });
  assertRefused(traffic, rollback('d'), 'ALREADY_LIVE');
  assertRefused(traffic, rollback('x'), 'NO_EARLIER_RELEASE');
});

test('what is live is not activated again', () => {
  assertRefused(after(activate('a')), activate('a'), 'ALREADY_LIVE');
  assertRefused(after(activate('a')), start('a'), 'ALREADY_LIVE');
  assertRefused(NOTHING, rollback(), 'NO_EARLIER_RELEASE');
});

test('a canary stands beside the stable release until it is finished', () => {
  const traffic = after(activate('a'), start('b'));
  assert.deepEqual(
    { ...traffic.canary, plan: null },
    {
      id: 'c-b',
      release: 'b',
      plan: null,
      startedAt: 1_000,
      step: 0,
      stepSince: 1_000,
      weight: 500,
      paused: false,
    },
  );
  assert.deepEqual(decide(traffic, say('canary-finish'), 0).traffic, {
    stable: 'b',
    past: ['a'],
    canary: null,
  });
  assert.deepEqual(decide(traffic, say('canary-abort'), 0).traffic, { stable: 'a', past: [], canary: null });
});

test('nothing else is activated beside a canary', () => {
  const traffic = after(activate('a'), start('b'));
  for (const release of ['a', 'b', 'c']) {
    assertRefused(traffic, activate(release), 'CANARY_ACTIVE');
    assertRefused(traffic, start(release), 'CANARY_ACTIVE');
  }
});

test('a rollback during a canary ends it', () => {
  const traffic = after(activate('a'), activate('b'), start('c'));
  for (const command of [rollback(), rollback('b')]) {
    const { traffic: next, action } = decide(traffic, command, 0);
    assert.deepEqual(next, { stable: 'b', past: ['a'], canary: null });
    assert.equal(action, 'canary-abort');
  }
  const { traffic: next, action } = decide(traffic, rollback('a'), 0);
  assert.deepEqual(next, { stable: 'a', past: [], canary: null });
  assert.equal(action, 'rollback');
  assertRefused(traffic, rollback('c'), 'NO_EARLIER_RELEASE');
});

test('the first release of an environment needs no canary', () => {
  const { traffic, action } = decide(NOTHING, start('a'), 0);
  assert.deepEqual(traffic, { stable: 'a', past: [], canary: null });
  assert.equal(action, 'deploy');
});

test('without a canary there is nothing to steer', () => {
  const traffic = after(activate('a'));
  for (const kind of ['canary-pause', 'canary-resume', 'canary-finish', 'canary-abort'] as const) {
    assertRefused(traffic, say(kind), 'NO_CANARY');
  }
  assertRefused(traffic, set(100), 'NO_CANARY');
});

test('a weight set by hand enters the step it reaches; a lower one pauses the steps', () => {
  const traffic = after(activate('a'), start('b'));
  const raised = decide(traffic, set(5_000), 9_000);
  const { step, weight, paused, stepSince } = raised.traffic.canary!;
  assert.deepEqual(
    { step, weight, paused, stepSince },
    { step: 1, weight: 5_000, paused: false, stepSince: 9_000 },
  );
  assert.equal(raised.reason, 'From 5% to 50% by hand.');
  const lowered = decide(raised.traffic, set(25), 9_500).traffic.canary!;
  assert.deepEqual(
    { step: lowered.step, weight: lowered.weight, paused: lowered.paused },
    { step: 1, weight: 25, paused: true },
  );
  for (const wrong of [-1, 10_001, 0.5, Number.NaN]) assertRefused(traffic, set(wrong), 'VALIDATION_FAILED');
});

test('a canary is paused once and resumed once', () => {
  const traffic = after(activate('a'), start('b'));
  assertRefused(traffic, say('canary-resume'), 'CONFLICT');
  const paused = decide(traffic, say('canary-pause'), 5_000).traffic;
  assertRefused(paused, say('canary-pause'), 'CONFLICT');
  const { canary } = decide(paused, say('canary-resume'), 7_000).traffic;
  assert.deepEqual([canary!.paused, canary!.stepSince], [false, 7_000]);
});

test('plans that cannot be followed are refused', () => {
  const traffic = after(activate('a'));
  const plan = planOf([500, null]);
  const wrong: readonly [CanaryPlan, RegExp][] = [
    [planOf(), /at least one/],
    [planOf([500, 1], [500, 1]), /weights rise/],
    [planOf([2_500, 1], [500, 1]), /steps\[1\]\.weight: 500 is not more than the step before \(2500\)/],
    [planOf([0, null]), /steps\[0\]\.weight/],
    [planOf([10_001, null]), /steps\[0\]\.weight/],
    [planOf([500, -1]), /holdMs/],
    [{ ...plan, guards: { ...NO_GUARDS, callsMin: 0 } }, /callsMin/],
    [{ ...plan, guards: { ...NO_GUARDS, falseAlarm: 0 } }, /falseAlarm/],
    [{ ...plan, guards: { ...NO_GUARDS, errors: 1.1 } }, /errors/],
    [{ ...plan, guards: { ...NO_GUARDS, p99: 0.9 } }, /p99/],
    [{ ...plan, guards: { ...NO_GUARDS, coldStarts: -0.1 } }, /coldStarts/],
    [{ ...plan, guards: { ...NO_GUARDS, metrics: { cost: Number.NaN } } }, /metrics\.cost/],
  ];
  for (const [each, message] of wrong) {
    assertRefused(traffic, start('b', each), 'VALIDATION_FAILED');
    assert.throws(() => decide(traffic, start('b', each), 0), { message });
  }
});

test('the past is bounded', () => {
  let traffic = NOTHING;
  for (let i = 0; i <= PAST_RELEASES_MAX + 5; i++) traffic = decide(traffic, activate(`r${i}`), 0).traffic;
  assert.equal(traffic.past.length, PAST_RELEASES_MAX);
  assert.equal(traffic.past[0], 'r5');
});

test('collected releases leave the past, and no rollback to the same one remains', () => {
  const traffic = after(activate('a'), activate('b'), activate('a'), activate('c'), activate('a'));
  assert.equal(
    withoutCollected(traffic, () => true),
    traffic,
  );
  assert.deepEqual(withoutCollected(traffic, (release) => release !== 'b').past, ['a', 'c']);
  assert.deepEqual(withoutCollected(traffic, (release) => release !== 'c').past, ['a', 'b']);
  assert.deepEqual(withoutCollected(traffic, (release) => release === 'a').past, []);
});

import assert from 'node:assert/strict';
import test from 'node:test';
import type { CanaryPlan, Traffic } from '../../../domain/traffic.ts';
import type { GuardVerdict } from '../guards/guard-verdict.ts';
import { nextStepAt, tick, type WatchedCanary } from './canary-schedule.ts';
import type { TrafficCommand } from './traffic-command.ts';
import { decide } from './traffic-decision.ts';

const MINUTE = 60_000;

function begun(...steps: readonly [number, number | null][]): Traffic {
  const plan: CanaryPlan = {
    steps: steps.map(([weight, holdMs]) => ({ weight, holdMs })),
    key: { kind: 'cookie' },
    guards: { callsMin: 1, falseAlarm: 0.01, errors: 0.01, p99: null, coldStarts: null, metrics: {} },
  };
  const stable: Traffic = { stable: 'a', past: [], canary: null };
  const command = {
    kind: 'canary-start',
    cause: 'deploy',
    release: 'b',
    plan,
    id: 'c-1',
    reason: '',
  } as const;
  return decide(stable, command, 0).traffic;
}

function saying(kind: GuardVerdict['kind'], canary = 'c-1'): WatchedCanary {
  return { canary, verdict: { kind, reason: `It is ${kind}.`, figures: [] } };
}

function told(traffic: Traffic, command: TrafficCommand, now: number): Traffic {
  return decide(traffic, command, now).traffic;
}

test('without a canary there is nothing to ask', () => {
  const traffic: Traffic = { stable: 'a', past: [], canary: null };
  assert.deepEqual(tick(traffic, 0, saying('bad')), { decision: null, nextAt: null });
});

test('steps come one by one, each after its hold, and the last makes the canary stable', () => {
  let traffic = begun([500, 10 * MINUTE], [2_500, 5 * MINUTE], [10_000, MINUTE]);
  assert.deepEqual(tick(traffic, 10 * MINUTE - 1, saying('fine')), { decision: null, nextAt: 10 * MINUTE });
  // The node slept: only one step is taken, and its hold begins now.
  const first = tick(traffic, 60 * MINUTE, saying('fine'));
  assert.equal(first.decision!.action, 'canary-step');
  assert.equal(first.decision!.reason, 'From 5% to 25%, as planned. It is fine.');
  assert.equal(first.nextAt, 65 * MINUTE);
  traffic = first.decision!.traffic;
  const second = tick(traffic, 65 * MINUTE, saying('fine'));
  assert.equal(second.decision!.traffic.canary!.weight, 10_000);
  assert.equal(second.nextAt, 66 * MINUTE);
  const last = tick(second.decision!.traffic, 66 * MINUTE, saying('fine'));
  assert.equal(last.decision!.action, 'canary-finish');
  assert.deepEqual(last.decision!.traffic, { stable: 'b', past: ['a'], canary: null });
  assert.equal(last.nextAt, null);
});

test('a last step of everybody without a hold finishes when next asked', () => {
  const traffic = begun([10_000, null]);
  assert.equal(nextStepAt(traffic.canary!), 0);
  assert.equal(tick(traffic, 0, saying('fine')).decision!.action, 'canary-finish');
});

test('a last step of fewer stays until somebody says so', () => {
  assert.deepEqual(tick(begun([1_000, MINUTE]), 9 * MINUTE, saying('fine')), {
    decision: null,
    nextAt: null,
  });
  assert.deepEqual(tick(begun([1_000, null], [10_000, null]), 9 * MINUTE, saying('fine')), {
    decision: null,
    nextAt: null,
  });
});

test('guards that wait hold the steps back, and so does not knowing', () => {
  const traffic = begun([500, MINUTE], [10_000, null]);
  for (const watched of [saying('waiting'), null, saying('fine', 'c-2')]) {
    assert.deepEqual(tick(traffic, 2 * MINUTE, watched), { decision: null, nextAt: null });
  }
});

test('a bad canary is ended at once, paused or not; the verdict on another one ends nothing', () => {
  const traffic = begun([500, MINUTE], [10_000, null]);
  const paused = told(traffic, { kind: 'canary-pause', reason: '' }, 0);
  for (const each of [traffic, paused]) {
    const { decision } = tick(each, 1, saying('bad'));
    assert.deepEqual(decision, {
      traffic: { stable: 'a', past: [], canary: null },
      action: 'canary-abort',
      reason: 'It is bad.',
    });
    assert.equal(tick(each, 1, saying('bad', 'c-0')).decision, null);
  }
});

test('a paused canary takes no step, and its hold begins anew when it is resumed', () => {
  let traffic = told(begun([500, MINUTE], [10_000, null]), { kind: 'canary-pause', reason: '' }, 1);
  assert.deepEqual(tick(traffic, 9 * MINUTE, saying('fine')), { decision: null, nextAt: null });
  traffic = told(traffic, { kind: 'canary-resume', reason: '' }, 9 * MINUTE);
  assert.deepEqual(tick(traffic, 9 * MINUTE, saying('fine')), { decision: null, nextAt: 10 * MINUTE });
});

test('after a weight set by hand the schedule never lowers it', () => {
  const traffic = begun([500, MINUTE], [2_500, MINUTE], [10_000, MINUTE]);
  const raised = told(traffic, { kind: 'canary-set', weight: 5_000, reason: '' }, 30_000);
  assert.equal(nextStepAt(raised.canary!), 90_000);
  assert.equal(tick(raised, 90_000, saying('fine')).decision!.traffic.canary!.weight, 10_000);
});

test('a weight lowered by hand is brought back by the present step, once resumed', () => {
  let traffic = told(
    begun([500, MINUTE], [10_000, MINUTE]),
    { kind: 'canary-set', weight: 10_000, reason: '' },
    0,
  );
  traffic = told(traffic, { kind: 'canary-set', weight: 100, reason: '' }, 0);
  assert.equal(nextStepAt(traffic.canary!), null);
  traffic = told(traffic, { kind: 'canary-resume', reason: '' }, 0);
  const { decision } = tick(traffic, MINUTE, saying('fine'));
  assert.equal(decision!.action, 'canary-step');
  assert.deepEqual([decision!.traffic.canary!.step, decision!.traffic.canary!.weight], [1, 10_000]);
});

test('a lowered weight comes back at once where the present step has no hold', () => {
  let traffic = told(begun([500, null], [10_000, null]), { kind: 'canary-set', weight: 100, reason: '' }, 0);
  traffic = told(traffic, { kind: 'canary-resume', reason: '' }, 7);
  const { decision, nextAt } = tick(traffic, 7, saying('fine'));
  assert.deepEqual([decision!.traffic.canary!.step, decision!.traffic.canary!.weight], [0, 500]);
  assert.equal(nextAt, null);
});

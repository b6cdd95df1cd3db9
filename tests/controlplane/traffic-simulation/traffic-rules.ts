import assert from 'node:assert/strict';
import { tick } from '../../../src/controlplane/releases/traffic/canary-schedule.ts';
import { decide } from '../../../src/controlplane/releases/traffic/traffic-decision.ts';
import type { Canary, Traffic } from '../../../src/domain/traffic.ts';

/** What decides: the real thing, or one with a bug planted. */
export interface Core {
  readonly decide: typeof decide;
  readonly tick: typeof tick;
}

export const REAL: Core = { decide, tick };

/** Holds of every traffic that is ever committed. */
export function checkState(before: Traffic, after: Traffic): void {
  assert.ok(before.stable === null || after.stable !== null, 'nothing is stable any more');
  const line = [...after.past, after.stable];
  assert.ok(
    line.every((release, index) => index === 0 || release !== line[index - 1]),
    `a rollback would do nothing: ${line.join(' ')}`,
  );
  const { canary } = after;
  if (canary === null) return;
  assert.notEqual(after.stable, null, 'a canary without a stable release');
  assert.notEqual(canary.release, after.stable, 'a canary of what is stable');
  assert.ok(canary.weight >= 0 && canary.weight <= 10_000, `a weight of ${canary.weight}`);
  assert.ok(canary.plan.steps[canary.step] !== undefined, `a step ${canary.step}`);
  if (before.canary?.id === canary.id) {
    assert.ok(canary.step >= before.canary.step, 'a step back');
    assert.equal(canary.startedAt, before.canary.startedAt);
  }
}

/** Holds of what time and the guards alone do to a canary. */
export function checkStep(before: Canary, after: Canary | null, now: number, verdict: string | null): void {
  const { plan, step, stepSince, paused } = before;
  if (after === null && verdict === 'bad') return;
  assert.equal(verdict, 'fine', 'a step without the guards');
  assert.equal(paused, false, 'a paused canary was moved');
  const isEnd = step === plan.steps.length - 1 && before.weight === 10_000;
  const { holdMs } = plan.steps[step]!;
  const isReturn = after !== null && after.step === step;
  const endless = isEnd || isReturn ? 0 : Number.POSITIVE_INFINITY;
  assert.ok(now >= stepSince + (holdMs ?? endless), 'a hold was cut short');
  if (after === null) assert.ok(isEnd, 'finished before the last step was everybody');
  else assert.ok(after.weight > before.weight, 'a schedule that lowers the weight');
}

/** A canary can always be ended by hand; left alone with guards that are fine, one with a plan to the end ends by itself. */
export function checkEnd(core: Core, traffic: Traffic, now: number): void {
  const { canary } = traffic;
  if (canary === null) return;
  const finished = core.decide(traffic, { kind: 'canary-finish', reason: '' }, now).traffic;
  assert.deepEqual(finished.canary, null, 'a canary that cannot be finished');
  assert.equal(finished.stable, canary.release);
  const aborted = core.decide(traffic, { kind: 'canary-abort', reason: '' }, now).traffic;
  assert.deepEqual([aborted.canary, aborted.stable], [null, traffic.stable], 'an abort that changes more');
  const { steps } = canary.plan;
  const goesToTheEnd =
    steps.at(-1)!.weight === 10_000 &&
    steps.every(({ holdMs }, at) => holdMs !== null || at === steps.length - 1);
  if (goesToTheEnd) checkEndsByItself(core, traffic, now);
}

function checkEndsByItself(core: Core, from: Traffic, now: number): void {
  const id = from.canary!.id;
  const verdict = { kind: 'fine', reason: '', figures: [] } as const;
  let traffic = from;
  if (from.canary!.paused) traffic = core.decide(from, { kind: 'canary-resume', reason: '' }, now).traffic;
  let at = now;
  for (let asked = 0; traffic.canary !== null; asked++) {
    assert.ok(asked <= 2 * from.canary!.plan.steps.length + 3, 'a canary outlives its end');
    const { decision, nextAt } = core.tick(traffic, at, { canary: id, verdict });
    if (decision !== null) traffic = decision.traffic;
    assert.ok(traffic.canary === null || nextAt !== null, 'a canary is forgotten');
    assert.ok(decision !== null || nextAt === null || nextAt > at, 'asked again for nothing');
    at = Math.max(at, nextAt ?? at);
  }
}

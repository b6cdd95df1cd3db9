import { WEIGHT_MAX } from '../../../domain/snapshot.ts';
import type { Canary, Traffic } from '../../../domain/traffic.ts';
import type { GuardVerdict } from '../guards/guard-verdict.ts';
import type { Decision } from './traffic-command.ts';
import { abortCanary, finishCanary, percentOf } from './traffic-decision.ts';

/** What the guards said, and about which canary: a verdict on one that has ended says nothing about the next. */
export interface WatchedCanary {
  /** The canary's id. */
  readonly canary: string;
  readonly verdict: GuardVerdict;
}

export interface Tick {
  /** Null: everything stays as it is. */
  readonly decision: Decision | null;
  /**
   * When the schedule must be asked next, ms since the epoch; null: not for the schedule's sake. A step that is due and
   * that the guards hold back has none: ask whenever they have been asked.
   */
  readonly nextAt: number | null;
}

/**
 * What time and the guards make of a canary; at most one step at a time. Guards that find it bad end it, paused or not. A
 * step comes when its predecessor's hold has passed and the guards are fine: while they wait for calls it waits too, since
 * a release that nobody has called has not been tried. Null for `watched`: as guards that wait.
 */
export function tick(traffic: Traffic, now: number, watched: WatchedCanary | null): Tick {
  const { canary } = traffic;
  if (canary === null) return { decision: null, nextAt: null };
  const verdict = watched?.canary === canary.id ? watched.verdict : null;
  if (verdict?.kind === 'bad') return { decision: abortCanary(traffic, verdict.reason), nextAt: null };
  const dueAt = nextStepAt(canary);
  if (dueAt === null) return { decision: null, nextAt: null };
  if (now < dueAt) return { decision: null, nextAt: dueAt };
  if (verdict?.kind !== 'fine') return { decision: null, nextAt: null };
  const decision = advance(traffic, canary, now, verdict.reason);
  const { canary: after } = decision.traffic;
  return { decision, nextAt: after === null ? null : nextStepAt(after) };
}

/** When the canary's next step, or its finish, is due by its plan, ms since the epoch; null: when somebody says so. */
export function nextStepAt(canary: Canary): number | null {
  const finishes = finishesNext(canary);
  const next = nextStepOf(canary);
  if (canary.paused || (!finishes && next === null)) return null;
  // A hold without an end waits for somebody's word before the step after it. What finishes the plan, or brings a lowered
  // weight back to the present step once that was resumed, needs no other.
  const endlessMs = finishes || next === canary.step ? 0 : null;
  const holdMs = canary.plan.steps[canary.step]!.holdMs ?? endlessMs;
  return holdMs === null ? null : canary.stepSince + holdMs;
}

function advance(traffic: Traffic, canary: Canary, now: number, why: string): Decision {
  if (finishesNext(canary)) return finishCanary(traffic, `The last step has been held. ${why}`);
  const step = nextStepOf(canary)!;
  const { weight } = canary.plan.steps[step]!;
  return {
    traffic: { ...traffic, canary: { ...canary, step, stepSince: now, weight } },
    action: 'canary-step',
    reason: `From ${percentOf(canary.weight)} to ${percentOf(weight)}, as planned. ${why}`,
  };
}

/** It has its last step's weight, and that is everybody. */
function finishesNext({ plan, step, weight }: Canary): boolean {
  return step === plan.steps.length - 1 && plan.steps[step]!.weight === WEIGHT_MAX && weight === WEIGHT_MAX;
}

/**
 * Index of the step that comes next: the first from the present one on that brings more clients. It is the present one itself
 * when the weight was lowered by hand. Null: the plan is at its end.
 */
function nextStepOf({ plan, step, weight }: Canary): number | null {
  const next = plan.steps.findIndex((each, index) => index >= step && each.weight > weight);
  return next < 0 ? null : next;
}

import { MayflyError } from '../../../domain/errors.ts';
import { WEIGHT_MAX } from '../../../domain/snapshot.ts';
import type { Canary, Traffic } from '../../../domain/traffic.ts';
import { canaryPlanProblems } from './canary-plan.ts';
import { pastWith } from './past-releases.ts';
import type { CommandOf, Decision, TrafficCommand } from './traffic-command.ts';

/**
 * What becomes of an environment's traffic when somebody commands something. Pure: the traffic that came in is untouched,
 * whether a decision comes out or an error.
 *
 * ```
 *            activate                    canary-start
 *   nothing ─────────► stable, no canary ────────────► stable and canary ──┐ set, pause,
 *                      ▲ ▲  │ activate                   │   │        ▲    │ resume, steps
 *                      │ └──┘ rollback                   │   │        └────┘
 *                      └──── abort, rollback ────────────┘   │
 *                      └──── finish: the canary is stable ───┘
 * ```
 *
 * Choices: the first release of an environment is activated at once even when a canary was asked for, for there is
 * nothing to compare it with and nobody to protect. A rollback is the emergency exit and always leads to one
 * release for everybody: during a canary it ends the canary and stays with the stable release, or goes to the
 * named one. It goes back only to what was stable before; anything else is a promotion and must be called one.
 * A weight set by hand enters the last step that it reaches and lets its hold begin anew; a lower weight pauses the
 * steps: who lowers it has doubts, and a schedule must not raise it again behind his back.
 *
 * @param now ms since the epoch
 * @throws MayflyError ALREADY_LIVE, CANARY_ACTIVE, NO_CANARY, NO_EARLIER_RELEASE, VALIDATION_FAILED, CONFLICT
 */
export function decide(traffic: Traffic, command: TrafficCommand, now: number): Decision {
  switch (command.kind) {
    case 'activate':
      return activate(traffic, command);
    case 'rollback':
      return rollBack(traffic, command);
    case 'canary-start':
      return startCanary(traffic, command, now);
    case 'canary-set':
      return setWeight(traffic, command, now);
    case 'canary-pause':
      return pause(traffic, command);
    case 'canary-resume':
      return resume(traffic, command, now);
    case 'canary-finish':
      return finishCanary(traffic, reasonOf(command, 'Finished by hand.'));
    case 'canary-abort':
      return abortCanary(traffic, reasonOf(command, 'Aborted by hand.'));
  }
}

/** The canary becomes what everybody is served by. @throws MayflyError NO_CANARY */
export function finishCanary(traffic: Traffic, reason: string): Decision {
  const { release } = canaryOf(traffic);
  return { traffic: stableOn(traffic, release), action: 'canary-finish', reason };
}

/** Everybody is served by the stable release again. @throws MayflyError NO_CANARY */
export function abortCanary(traffic: Traffic, reason: string): Decision {
  canaryOf(traffic);
  return { traffic: { ...traffic, canary: null }, action: 'canary-abort', reason };
}

function activate(traffic: Traffic, command: CommandOf<'activate' | 'canary-start'>): Decision {
  assertReplaceable(traffic, command.release);
  const how = command.cause === 'deploy' ? 'Deployed.' : 'Promoted.';
  return {
    traffic: stableOn(traffic, command.release),
    action: command.cause,
    reason: reasonOf(command, how),
  };
}

function rollBack(traffic: Traffic, command: CommandOf<'rollback'>): Decision {
  const { stable, past, canary } = traffic;
  const { release } = command;
  if (canary !== null && (release === null || release === stable)) {
    return abortCanary(traffic, reasonOf(command, `Rolled back from the canary ${canary.release}.`));
  }
  if (release !== null && release === stable) throw alreadyLive(release);
  const at = release === null ? past.length - 1 : past.lastIndexOf(release);
  const target = past[at];
  if (target === undefined) {
    throw new MayflyError(
      'NO_EARLIER_RELEASE',
      release === null
        ? 'No release was stable here before this one.'
        : `${release} is none of the releases that were stable here before; "mayfly promote ${release}" activates it.`,
    );
  }
  return {
    traffic: { stable: target, past: past.slice(0, at), canary: null },
    action: 'rollback',
    reason: reasonOf(command, `Rolled back from ${stable}.`),
  };
}

function startCanary(traffic: Traffic, command: CommandOf<'canary-start'>, now: number): Decision {
  const { release, plan, id } = command;
  assertReplaceable(traffic, release);
  const problems = canaryPlanProblems(plan);
  if (problems.length > 0) {
    throw new MayflyError('VALIDATION_FAILED', `The canary's plan is wrong: ${problems.join('; ')}.`, {
      details: { problems },
    });
  }
  if (traffic.stable === null) return activate(traffic, command);
  const { weight } = plan.steps[0]!;
  const canary: Canary = {
    id,
    release,
    plan,
    startedAt: now,
    step: 0,
    stepSince: now,
    weight,
    paused: false,
  };
  const reason = reasonOf(command, `Begun with ${percentOf(weight)} of the clients.`);
  return { traffic: { ...traffic, canary }, action: 'canary-start', reason };
}

function setWeight(traffic: Traffic, command: CommandOf<'canary-set'>, now: number): Decision {
  const canary = canaryOf(traffic);
  const { weight } = command;
  if (!Number.isSafeInteger(weight) || weight < 0 || weight > WEIGHT_MAX) {
    throw new MayflyError(
      'VALIDATION_FAILED',
      `A canary's weight is a whole number from 0 to ${WEIGHT_MAX} basis points, not ${weight}.`,
    );
  }
  const paused = canary.paused || weight < canary.weight;
  const reached = canary.plan.steps.findLastIndex((each) => each.weight <= weight);
  const step = Math.max(canary.step, reached);
  const how = `From ${percentOf(canary.weight)} to ${percentOf(weight)} by hand.`;
  return {
    traffic: { ...traffic, canary: { ...canary, weight, paused, step, stepSince: now } },
    action: 'canary-set',
    reason: reasonOf(command, paused && !canary.paused ? `${how} Its steps are paused.` : how),
  };
}

function pause(traffic: Traffic, command: CommandOf<'canary-pause'>): Decision {
  const canary = canaryOf(traffic);
  if (canary.paused) throw new MayflyError('CONFLICT', 'The canary is paused already.');
  return {
    traffic: { ...traffic, canary: { ...canary, paused: true } },
    action: 'canary-pause',
    reason: reasonOf(command, 'Paused by hand.'),
  };
}

function resume(traffic: Traffic, command: CommandOf<'canary-resume'>, now: number): Decision {
  const canary = canaryOf(traffic);
  if (!canary.paused) throw new MayflyError('CONFLICT', 'The canary is not paused.');
  return {
    // The hold begins anew: else a canary that was paused for longer than it would leap at once.
    traffic: { ...traffic, canary: { ...canary, paused: false, stepSince: now } },
    action: 'canary-resume',
    reason: reasonOf(command, 'Resumed by hand.'),
  };
}

function stableOn({ stable, past }: Traffic, release: string): Traffic {
  return { stable: release, past: pastWith(past, stable), canary: null };
}

function assertReplaceable({ stable, canary }: Traffic, release: string): void {
  if (canary !== null) {
    throw new MayflyError('CANARY_ACTIVE', `${canary.release} is on trial here as ${canary.id}.`);
  }
  if (release === stable) throw alreadyLive(release);
}

function canaryOf({ canary }: Traffic): Canary {
  if (canary === null) throw new MayflyError('NO_CANARY', 'No release is on trial here.');
  return canary;
}

function alreadyLive(release: string): MayflyError {
  return new MayflyError('ALREADY_LIVE', `${release} is what the environment serves already.`);
}

function reasonOf({ reason }: TrafficCommand, otherwise: string): string {
  return reason === '' ? otherwise : reason;
}

/** Basis points as people write them: 25 → `0.25%`. */
export function percentOf(weight: number): string {
  return `${weight / 100}%`;
}

import { WEIGHT_MAX } from '../../../domain/snapshot.ts';
import type { CanaryGuards, CanaryPlan } from '../../../domain/traffic.ts';

const STEPS_MAX = 100;
const HOLD_MS_MAX = 30 * 86_400_000;
const FALSE_ALARM_MAX = 0.5;

/** What is wrong with a plan, as sentences that name the place; empty: it can be followed. */
export function canaryPlanProblems(plan: CanaryPlan): string[] {
  return [...stepsProblems(plan), ...guardsProblems(plan.guards)];
}

function stepsProblems({ steps }: CanaryPlan): string[] {
  if (steps.length === 0) return ['steps: a canary needs at least one'];
  if (steps.length > STEPS_MAX) return [`steps: ${steps.length}, but at most ${STEPS_MAX} are allowed`];
  return steps.flatMap(({ weight, holdMs }, index) => {
    const at = `steps[${index}]`;
    const before = steps[index - 1]?.weight ?? 0;
    const problems: string[] = [];
    if (!isWhole(weight, 1, WEIGHT_MAX)) {
      problems.push(`${at}.weight: ${weight} is not a whole number from 1 to ${WEIGHT_MAX} basis points`);
    } else if (weight <= before) {
      problems.push(`${at}.weight: ${weight} is not more than the step before (${before}); weights rise`);
    }
    if (holdMs !== null && !isWhole(holdMs, 0, HOLD_MS_MAX)) {
      problems.push(`${at}.holdMs: ${holdMs} is not a whole number from 0 to ${HOLD_MS_MAX} (30 days)`);
    }
    return problems;
  });
}

function guardsProblems(guards: CanaryGuards): string[] {
  const { callsMin, falseAlarm, errors, p99, coldStarts, metrics } = guards;
  const problems: string[] = [];
  const check = (fine: boolean, message: string): void => void (fine || problems.push(`guards.${message}`));
  check(isWhole(callsMin, 1, 1_000_000), `callsMin: ${callsMin} is not a whole number from 1 to 1,000,000`);
  check(
    falseAlarm > 0 && falseAlarm <= FALSE_ALARM_MAX,
    `falseAlarm: ${falseAlarm} is not a chance above 0 and up to ${FALSE_ALARM_MAX}`,
  );
  check(errors === null || isShare(errors), `errors: ${errors} is not a share from 0 to 1`);
  check(coldStarts === null || isShare(coldStarts), `coldStarts: ${coldStarts} is not a share from 0 to 1`);
  check(p99 === null || (p99 >= 1 && p99 <= 1_000), `p99: ${p99} is not a factor from 1 to 1,000`);
  for (const [name, more] of Object.entries(metrics)) {
    check(Number.isFinite(more), `metrics.${name}: ${more} is not a number`);
  }
  return problems;
}

function isWhole(value: number, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= max;
}

function isShare(value: number): boolean {
  return value >= 0 && value <= 1;
}

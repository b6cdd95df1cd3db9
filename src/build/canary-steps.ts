import type { CanaryPlanManifest } from '../contract/manifest.ts';
import { WEIGHT_MAX } from '../domain/snapshot.ts';
import { formatDuration, formatPercent, parseDuration, parsePercent } from '../kit/quantity.ts';

type CanaryStepManifest = CanaryPlanManifest['steps'][number];

/** A step as written down: `"5% 10m"` in two parts. */
interface WrittenStep {
  readonly weight: string;
  readonly hold?: string | number | undefined;
}

const holdMaxMs = 2_592_000_000;
const stepsMax = 100;

/** Pattern of one written step, for schemas: `5% 10m`, `100%`. */
export const CANARY_STEP_PATTERN = '^ *[0-9]+(\\.[0-9]{1,2})?%( +[0-9]+(\\.[0-9]+)?(ms|s|m|h|d))? *$';
/** Pattern of steps in one text, for schemas. */
export const CANARY_STEPS_PATTERN =
  '^ *[0-9]+(\\.[0-9]{1,2})?%( +[0-9]+(\\.[0-9]+)?(ms|s|m|h|d))?( *, *[0-9]+(\\.[0-9]{1,2})?%( +[0-9]+(\\.[0-9]+)?(ms|s|m|h|d))?)* *$';

/** `5% 10m, 25% 10m, 100%` → its steps; a sentence that says what is wrong instead (`… "x" is …`). */
export function parseCanarySteps(text: string): CanaryStepManifest[] | string {
  if (!new RegExp(CANARY_STEPS_PATTERN).test(text)) {
    return 'is no list of steps such as "5% 10m, 25% 10m, 100%"';
  }
  return readCanarySteps(text.split(',').map(splitStep));
}

/** One step of a list: `5% 10m`. */
export function splitStep(text: string): WrittenStep {
  const [weight = '', hold] = text.trim().split(/ +/);
  return { weight, hold };
}

/**
 * Steps as they must be: shares that rise, each held for a time or until somebody says otherwise, to 100 % or to where the canary
 * is to stay. A plan that stops short after a time is a mistake in every reading.
 */
export function readCanarySteps(written: readonly WrittenStep[]): CanaryStepManifest[] | string {
  if (written.length > stepsMax) return `has more than ${stepsMax} steps`;
  const steps: CanaryStepManifest[] = [];
  for (const { weight: share, hold } of written) {
    const weight = parsePercent(share);
    if (weight === null || weight < 1 || weight > WEIGHT_MAX) {
      return `has the share "${share}"; a share is from 0.01% to 100%`;
    }
    const before = steps.at(-1)?.weight ?? 0;
    if (weight <= before) {
      return `goes from ${formatPercent(before)} to ${formatPercent(weight)}; shares rise from step to step`;
    }
    const holdMs = hold === undefined ? null : parseDuration(hold);
    if (hold !== undefined && (holdMs === null || holdMs > holdMaxMs)) {
      return `holds ${share} for ${hold}; a step is held for at most ${formatDuration(holdMaxMs)}`;
    }
    steps.push({ weight, holdMs });
  }
  const last = steps.at(-1);
  if (last === undefined) return 'has no step';
  if (last.holdMs === null || last.weight === WEIGHT_MAX) return steps;
  const share = formatPercent(last.weight);
  return `ends with ${share} for ${formatDuration(last.holdMs)}; end with 100%, or leave the time out to stay at ${share}`;
}

import type { CanaryPlanManifest } from '../contract/manifest.ts';
import { formatPercent, parsePercent } from '../kit/quantity.ts';
import { parseCanarySteps, readCanarySteps, splitStep } from './canary-steps.ts';
import type { CanaryFile, GuardsFile } from './release-schema.ts';
import { type KeyPath, sayPath } from './schema-mismatch.ts';

type Guards = CanaryPlanManifest['guards'];
type Steps = CanaryPlanManifest['steps'];
type Fail = (path: KeyPath, message: string) => void;

/** Guards of a plan that says nothing about them. A canary with few clients is colder by nature, so cold starts do not count. */
const DEFAULT_GUARDS: Guards = {
  callsMin: 100,
  falseAlarm: 0.01,
  errors: 0.01,
  p99: 1.5,
  coldStarts: null,
  metrics: {},
};
const NO_GUARDS: Guards = { ...DEFAULT_GUARDS, errors: null, p99: null, coldStarts: null, metrics: {} };

/** The plan that steps alone mean: clients are recognised by a cookie, the default guards watch. */
export function planOfSteps(steps: Steps): CanaryPlanManifest {
  return { steps, key: { kind: 'cookie' }, guards: DEFAULT_GUARDS };
}

/**
 * `canary` of a configuration that fits the schema.
 * @param fail called with what is wrong, and where; the result means nothing then
 */
export function readCanaryPlan(file: CanaryFile, fail: Fail): CanaryPlanManifest {
  const alone = typeof file === 'string' || isList(file);
  const given = alone ? { steps: file } : file;
  const written = given.steps;
  const steps =
    typeof written === 'string'
      ? parseCanarySteps(written)
      : readCanarySteps(written.map((step) => (typeof step === 'string' ? splitStep(step) : step)));
  if (typeof steps === 'string') {
    const path = alone ? ['canary'] : ['canary', 'steps'];
    fail(path, `${sayPath(path)} ${steps}`);
  }
  return {
    steps: typeof steps === 'string' ? [] : steps,
    key: readKey(given.key ?? 'cookie'),
    guards: readGuards(given.guards, fail),
  };
}

function readKey(text: string): CanaryPlanManifest['key'] {
  if (text === 'cookie' || text === 'address') return { kind: text };
  return { kind: 'header', name: text.slice('header:'.length).toLowerCase() };
}

function readGuards(file: GuardsFile | undefined, fail: Fail): Guards {
  if (file === undefined) return DEFAULT_GUARDS;
  if (isOff(file)) return NO_GUARDS;
  const { errors, coldStarts, p99, metrics } = file;
  return {
    callsMin: file.calls ?? DEFAULT_GUARDS.callsMin,
    falseAlarm: readShare('falseAlarm', file.falseAlarm, 1, 5_000, fail) ?? DEFAULT_GUARDS.falseAlarm,
    errors: isOff(errors) ? null : (readShare('errors', errors, 0, 10_000, fail) ?? DEFAULT_GUARDS.errors),
    p99: isOff(p99) ? null : (p99 ?? DEFAULT_GUARDS.p99),
    coldStarts: isOff(coldStarts)
      ? null
      : (readShare('coldStarts', coldStarts, 0, 10_000, fail) ?? DEFAULT_GUARDS.coldStarts),
    metrics: metrics === undefined || isOff(metrics) ? {} : metrics,
  };
}

/** A written share as a fraction; `least` and `most` are basis points. */
function readShare(
  key: string,
  written: string | undefined,
  least: number,
  most: number,
  fail: Fail,
): number | null {
  if (written === undefined) return null;
  const points = parsePercent(written) ?? -1;
  if (points >= least && points <= most) return points / 10_000;
  const path = ['canary', 'guards', key];
  fail(
    path,
    `${sayPath(path)} must be from ${formatPercent(least)} to ${formatPercent(most)}, not "${written}"`,
  );
  return null;
}

function isOff(value: unknown): value is 'off' {
  return value === 'off';
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

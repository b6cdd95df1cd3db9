import { planOfSteps } from '../build/canary-plan.ts';
import { parseCanarySteps } from '../build/canary-steps.ts';
import type { CanaryPlanManifest } from '../contract/manifest.ts';
import { parsePercent } from '../kit/quantity.ts';
import { usageError } from './errors.ts';

/**
 * `--canary 10%`, `--canary "5% 10m, 100%"`: the steps are the flag's, the key and the guards the app's own plan's, where it has one.
 * @throws MayflyError USAGE
 */
export function canaryPlanOf(text: string, own: CanaryPlanManifest | undefined): CanaryPlanManifest {
  const steps = parseCanarySteps(text);
  if (typeof steps === 'string') throw usageError(`--canary: "${text}" ${steps}.`);
  return own === undefined ? planOfSteps(steps) : { ...own, steps };
}

/** `25%` → basis points. @throws MayflyError USAGE */
export function weightOf(text: string): number {
  const weight = parsePercent(text);
  if (weight !== null && weight <= 10_000) return weight;
  throw usageError(`"${text}" is no share of the clients; write one from 0% to 100%, such as 25%.`);
}

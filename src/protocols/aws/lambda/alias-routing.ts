import type { LambdaAliasRecord } from '../../../ports/lambda-store.ts';
import { invalidParameter } from '../aws-error.ts';
import { versionNumber } from './function-catalog.ts';
import { LATEST } from './names.ts';

/** `FunctionVersion` of an alias as a number; `$LATEST` is 0. The schema lets nothing else through: an alias of an alias cannot be said. */
export function aliasedVersion(text: string): number {
  return text === LATEST ? 0 : (versionNumber(text) ?? -1);
}

/**
 * Shares of further versions, checked against the version that the alias leads to.
 * @throws AwsError InvalidParameterValueException
 */
export function checkRouting(
  version: number,
  weights: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const entries = Object.entries(weights);
  if (entries.length === 0) return {};
  if (entries.length > 1)
    throw invalidParameter('Number of items in AdditionalVersionWeights cannot be greater than 1');
  const [[other, weight]] = entries as [[string, number]];
  if (version === 0 || other === LATEST)
    throw invalidParameter('$LATEST is not supported for an alias pointing to more than 1 version');
  if (versionNumber(other) === null)
    throw invalidParameter(`The version ${other} of AdditionalVersionWeights is no version number`);
  if (Number(other) === version)
    throw invalidParameter(
      `Invalid function version ${other}. Function version ${other} is already included in routing configuration.`,
    );
  if (!(weight >= 0 && weight <= 1))
    throw invalidParameter(`The weight of version ${other} must be from 0.0 to 1.0`);
  return weights;
}

/** Which version a call gets; `drawn` is a number from 0 to 1, drawn for it. */
export function versionFor({ version, routing }: LambdaAliasRecord, drawn: number): number {
  let passed = 0;
  for (const [other, weight] of Object.entries(routing)) {
    passed += weight;
    if (drawn < passed) return Number(other);
  }
  return version;
}

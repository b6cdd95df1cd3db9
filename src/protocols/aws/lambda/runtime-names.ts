import type { Language } from '../../../contract/runtimes.ts';
import { RUNTIMES } from '../../../contract/runtimes.ts';
import { invalidParameter } from '../aws-error.ts';

/** What Mayfly runs it on, by AWS's name. */
const AWS_RUNTIMES: Readonly<Record<string, string>> = {
  'nodejs26.x': 'nodejs26',
  'nodejs24.x': 'nodejs24',
  'nodejs22.x': 'nodejs22',
  // Past their end of life: on what every node has, without a download.
  'nodejs20.x': 'nodejs24',
  'nodejs18.x': 'nodejs24',
  'python3.14': 'python3',
  'python3.13': 'python3',
  'python3.12': 'python3',
  'python3.11': 'python3',
  'python3.10': 'python3',
  'python3.9': 'python3',
  'provided.al2023': 'provided',
  'provided.al2': 'provided',
};

/** Runtimes as the API names them, that this program could run. */
function knownRuntimes(): string[] {
  return Object.keys(AWS_RUNTIMES).filter((name) => AWS_RUNTIMES[name]! in RUNTIMES);
}

/** Mayfly's runtime for AWS's name. @throws AwsError InvalidParameterValueException naming those that there are */
export function runtimeOf(name: string): { readonly runtime: string; readonly language: Language | null } {
  const runtime = AWS_RUNTIMES[name];
  const row = runtime === undefined ? undefined : RUNTIMES[runtime];
  if (runtime !== undefined && row !== undefined) return { runtime, language: row.language };
  throw invalidParameter(
    `Value ${name} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${knownRuntimes().join(', ')}] or be a valid ARN`,
  );
}

/** AWS's name for a runtime of Mayfly's, for functions that were deployed otherwise; its own name where AWS has none. */
export function awsNameOf(runtime: string): string {
  return Object.entries(AWS_RUNTIMES).find(([, own]) => own === runtime)?.[0] ?? runtime;
}

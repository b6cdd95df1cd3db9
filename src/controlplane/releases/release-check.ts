import { MayflyError } from '../../domain/errors.ts';
import {
  type Abilities,
  addressProblems,
  type ReleaseCandidate,
  type ReleaseProblem,
  releaseProblems,
} from './release-rules.ts';

const PROBLEMS_NAMED_MAX = 20;

/** @throws MayflyError VALIDATION_FAILED naming what is wrong with the release */
export function checkRelease(candidate: ReleaseCandidate, abilities: Abilities): void {
  refuse(releaseProblems(candidate, abilities));
}

/** @throws MayflyError VALIDATION_FAILED when the two make no host name */
export function checkAddress(app: string, environment: string): void {
  refuse(addressProblems(app, environment));
}

function refuse(problems: readonly ReleaseProblem[]): void {
  if (problems.length === 0) return;
  const named = problems.slice(0, PROBLEMS_NAMED_MAX);
  const rest = problems.length - named.length;
  const message = named.map(({ path, message: what }) => `${path} ${what}`).join('; ');
  throw new MayflyError('VALIDATION_FAILED', rest > 0 ? `${message}; and ${rest} more` : message, {
    details: { problems: named },
  });
}

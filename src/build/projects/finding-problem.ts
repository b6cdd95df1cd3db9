import { type Problem, problemAt } from '../problem.ts';
import type { Finding } from './foreign-project.ts';

/** A finding as a line: `serverless.yml:12:5: provider.vpc: functions reach …`. */
export function problemOfFinding({ place, what, means, suggestion }: Finding): Problem {
  return problemAt(place, `${what}: ${means}`, suggestion);
}

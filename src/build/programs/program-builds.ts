import type { AppConfig } from '../app-config.ts';
import type { FunctionBuild } from '../function-build.ts';
import { type Problem, problemsError } from '../problem.ts';
import { buildProgram } from './program-files.ts';
import { isProgram, type ProgramPlan, planProgram } from './program-plan.ts';

/**
 * Settles what starts each function that is a program.
 * @throws MayflyError BUILD_FAILED with all that is wrong: no such program, one without a run bit
 */
export async function planPrograms(app: AppConfig): Promise<ProgramPlan[]> {
  const settled = await Promise.all(
    app.functions.filter(isProgram).map((config) => planProgram(app.dir, config)),
  );
  const problems = settled.filter((one): one is Problem => 'message' in one);
  if (problems.length > 0) throw problemsError('BUILD_FAILED', problems);
  return settled.filter((one): one is ProgramPlan => !('message' in one));
}

export function buildPrograms({ dir }: AppConfig, plans: readonly ProgramPlan[]): Promise<FunctionBuild[]> {
  return Promise.all(plans.map((plan) => buildProgram(dir, plan)));
}

import { join, posix } from 'node:path';
import type { AppConfig, FunctionConfig } from './app-config.ts';
import { chooseHandler, type HandlerChoice } from './dialect-inference.ts';
import { analyseModules } from './export-analysis.ts';
import { findHandler, type HandlerReference } from './handler-file.ts';
import { type Problem, problemAt, problemsError } from './problem.ts';
import { isProgram } from './programs/program-plan.ts';
import { isPython } from './python/python-builds.ts';
import { inRoot, missingRoot } from './root-folder.ts';

const JAVASCRIPT = /\.([cm]?[jt]s|[jt]sx|json)$/;
const PROGRAMS =
  'a program that listens on PORT runs with "runtime: http", one that asks the Lambda Runtime API for calls with "runtime: provided"';

/** A function whose source file, export and dialect are settled. */
export interface FunctionPlan extends HandlerChoice {
  readonly config: FunctionConfig;
  /** Relative to the app's folder. */
  readonly file: string;
}

/**
 * Finds the source of every function in JavaScript or TypeScript and settles what in it is called, and how.
 * @throws MayflyError BUILD_FAILED with all that is wrong: a file or an export missing, a syntax error, a dialect
 *   that cannot be told
 */
export async function planFunctions(app: AppConfig): Promise<FunctionPlan[]> {
  const problems: Problem[] = [];
  const found: { readonly config: FunctionConfig; readonly reference: HandlerReference }[] = [];
  for (const config of app.functions) {
    if (isProgram(config) || isPython(config)) continue;
    const { root } = config;
    const missing = await missingRoot(app.dir, config);
    if (missing !== null) {
      problems.push(missing);
      continue;
    }
    const reference = await findHandler(join(app.dir, root), config.handler.text, config.dialect);
    if ('file' in reference && /\.\w+$/.test(reference.file) && !JAVASCRIPT.test(reference.file)) {
      const fault = `"${posix.join(root, reference.file)}" is neither JavaScript nor TypeScript`;
      problems.push(problemAt(config.handler.place, fault, PROGRAMS));
    } else if ('file' in reference) {
      found.push({ config, reference: { ...reference, file: posix.join(root, reference.file) } });
    } else {
      const fault = `${reference.fault}${inRoot(config)}`;
      problems.push(problemAt(config.handler.place, fault, reference.suggestion));
    }
  }
  if (problems.length > 0) throw problemsError('BUILD_FAILED', problems);

  const modules = await analyseModules(app.dir, [...new Set(found.map(({ reference }) => reference.file))]);
  const plans: FunctionPlan[] = [];
  for (const { config, reference } of found) {
    const { file } = reference;
    const module = modules.get(file);
    if (module === undefined) continue;
    const choice = chooseHandler(module, config.dialect, reference.export, config);
    if ('dialect' in choice) plans.push({ config, file, ...choice });
    else
      problems.push(
        problemAt(
          { file, line: null, column: null },
          `function "${config.name}" ${choice.fault}`,
          choice.suggestion,
        ),
      );
  }
  if (problems.length > 0) throw problemsError('BUILD_FAILED', problems);
  return plans;
}

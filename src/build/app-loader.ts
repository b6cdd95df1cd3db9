import { realpath } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { slug } from '../kit/slug.ts';
import type { AppConfig } from './app-config.ts';
import { readAppSource } from './app-source.ts';
import { resolveFunctions } from './config-resolution.ts';
import { type AppFile, AppFileSchema } from './config-schema.ts';
import type { ConfigSource } from './config-source.ts';
import { type Discovery, discoverFunctions } from './function-discovery.ts';
import { suggestFunction } from './missing-function.ts';
import { NOWHERE, type Problem, problemAt, problemsError } from './problem.ts';
import { problemOfFinding } from './projects/finding-problem.ts';
import type { ProjectOptions } from './projects/foreign-project.ts';
import { adviseUnread } from './projects/unread-project.ts';
import { resolveRelease } from './release-settings.ts';
import { findMismatches, type Schema } from './schema-mismatch.ts';

/** How a folder is read. */
export interface LoadOptions extends ProjectOptions {
  /** Whether functions that could not run are left out instead of being an error: for `mayfly check` and `mayfly import`. */
  readonly tolerant?: boolean;
  /** Whether Mayfly's own configuration file is passed over. */
  readonly foreign?: boolean;
}

/**
 * Reads the app in `dir`: `mayfly.yaml`, or `mayfly.config.ts`, or another tool's project file, or nothing but
 * `functions/`.
 * @throws MayflyError CONFIG_INVALID; `details.problems` has every problem found (`Problem[]`).
 */
export async function loadApp(dir: string, options: LoadOptions = {}): Promise<AppConfig> {
  return (await loadAppAndFile(dir, options)).app;
}

/**
 * The same, with the configuration as written.
 * @throws as `loadApp`
 */
export async function loadAppAndFile(
  dir: string,
  options: LoadOptions,
): Promise<{ readonly app: AppConfig; readonly file: AppFile }> {
  const folder = await realpath(dir).catch(() => {
    throw problemsError('CONFIG_INVALID', [problemAt(NOWHERE, `the folder ${resolve(dir)} does not exist`)]);
  });
  const discovered = await discoverFunctions(folder);
  const foreign = options.foreign === true;
  const found = await readAppSource(folder, options, { foreign, hasFunctions: discovered.files.size > 0 });
  const { source, findings } = found;
  const file = source.value as AppFile;
  const discovery = file?.discover === false ? NO_DISCOVERY : discovered;
  const blocking = findings.filter(({ severity }) => severity === 'blocks');
  const problems: Problem[] = [
    ...discovery.problems,
    ...(options.tolerant === true ? [] : blocking.map(problemOfFinding)),
    ...(source.problems.length ? source.problems : check(source)),
  ];
  if (problems.length > 0) throw problemsError('CONFIG_INVALID', distinct(problems));

  const report = (problem: Problem): void => void problems.push(problem);
  const functions = resolveFunctions(file, discovery.files, source, report);
  const release = resolveRelease(file, source, report);
  const name = file.name ?? slug(basename(folder));
  if (name === '')
    problems.push(problemAt(NOWHERE, 'the folder has no usable name', 'write "name: NAME" in mayfly.yaml'));
  if (functions.length === 0 && blocking.length === 0) {
    const message = `${folder} has no function`;
    const advice =
      (source.file === null ? await adviseUnread(folder) : null) ?? (await suggestFunction(folder));
    problems.push(problemAt(NOWHERE, message, advice));
  }
  if (problems.length > 0) throw problemsError('CONFIG_INVALID', distinct(problems));
  const { project, notices, files: configParts } = found;
  const configFile = source.file;
  return {
    app: { dir: folder, name, configFile, project, findings, notices, configParts, functions, release },
    file,
  };
}

const NO_DISCOVERY: Discovery = { files: new Map(), problems: [] };

function check(source: ConfigSource): Problem[] {
  return findMismatches(AppFileSchema as Schema, source.value).map(({ path, at, message, suggestion }) =>
    problemAt(source.placeOf(path, at), message, suggestion),
  );
}

/** A wrong setting of the app is found once for every function that takes it over. */
function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

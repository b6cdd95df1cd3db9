import { readFile, realpath } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { slug } from '../kit/slug.ts';
import type { AppConfig } from './app-config.ts';
import { resolveFunctions } from './config-resolution.ts';
import { type AppFile, AppFileSchema } from './config-schema.ts';
import type { ConfigSource } from './config-source.ts';
import { discoverFunctions } from './function-discovery.ts';
import { readModuleSource } from './module-source.ts';
import { NOWHERE, type Problem, problemAt, problemsError } from './problem.ts';
import { resolveRelease } from './release-settings.ts';
import { findMismatches, type Schema } from './schema-mismatch.ts';
import { readYamlSource } from './yaml-source.ts';

/**
 * Reads the app in `dir`: `mayfly.yaml`, or `mayfly.config.ts`, or nothing but `functions/`.
 * @throws MayflyError CONFIG_INVALID; `details.problems` has every problem found (`Problem[]`).
 */
export async function loadApp(dir: string): Promise<AppConfig> {
  const folder = await realpath(dir).catch(() => {
    throw problemsError('CONFIG_INVALID', [problemAt(NOWHERE, `the folder ${resolve(dir)} does not exist`)]);
  });
  const [source, discovery] = await Promise.all([readSource(folder), discoverFunctions(folder)]);
  const problems: Problem[] = [
    ...discovery.problems,
    ...(source.problems.length ? source.problems : check(source)),
  ];
  if (problems.length > 0) throw problemsError('CONFIG_INVALID', problems);

  const app = source.value as AppFile;
  const report = (problem: Problem): void => void problems.push(problem);
  const functions = resolveFunctions(app, discovery.files, source, report);
  const release = resolveRelease(app, source, report);
  const name = app.name ?? slug(basename(folder));
  if (name === '')
    problems.push(problemAt(NOWHERE, 'the folder has no usable name', 'write "name: NAME" in mayfly.yaml'));
  if (functions.length === 0) {
    const message = `${folder} has no function`;
    problems.push(problemAt(NOWHERE, message, 'make functions/hello.ts, or name a function in mayfly.yaml'));
  }
  if (problems.length > 0) throw problemsError('CONFIG_INVALID', distinct(problems));
  return { dir: folder, name, configFile: source.file, functions, release };
}

async function readSource(folder: string): Promise<ConfigSource> {
  const yamlFile = join(folder, 'mayfly.yaml');
  const moduleFile = join(folder, 'mayfly.config.ts');
  const [yaml, module, misnamed] = await Promise.all([
    readText(yamlFile),
    readText(moduleFile),
    readText(join(folder, 'mayfly.yml')),
  ]);
  if (misnamed !== null) {
    const place = { file: 'mayfly.yml', line: null, column: null };
    throw problemsError('CONFIG_INVALID', [
      problemAt(place, 'this name is not read', 'rename it to mayfly.yaml'),
    ]);
  }
  if (yaml !== null && module !== null) {
    const message = 'the app has both mayfly.yaml and mayfly.config.ts';
    throw problemsError('CONFIG_INVALID', [problemAt(NOWHERE, message, 'keep one of them')]);
  }
  if (yaml !== null) return readYamlSource(yamlFile, yaml);
  if (module !== null) return readModuleSource(moduleFile);
  return { file: null, value: {}, problems: [], placeOf: () => NOWHERE };
}

function check(source: ConfigSource): Problem[] {
  return findMismatches(AppFileSchema as Schema, source.value).map(({ path, at, message, suggestion }) =>
    problemAt(source.placeOf(path, at), message, suggestion),
  );
}

/** A wrong setting of the app is found once for every function that takes it over. */
function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

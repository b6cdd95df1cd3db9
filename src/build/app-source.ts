import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ConfigSource } from './config-source.ts';
import { readModuleSource } from './module-source.ts';
import { NOWHERE, problemAt, problemsError } from './problem.ts';
import type { Finding, ProjectOptions } from './projects/foreign-project.ts';
import { findProject, strongProjects } from './projects/project-search.ts';
import { readProjectSource } from './projects/project-source.ts';
import { readYamlSource } from './yaml-source.ts';

/** What an app was read from, and what was noticed on the way. */
export interface AppSource {
  readonly source: ConfigSource;
  /** The tool whose project file it is; null: Mayfly's own, or no file. */
  readonly project: string | null;
  readonly findings: readonly Finding[];
  readonly notices: readonly string[];
  readonly files: readonly string[];
}

/**
 * Mayfly's own configuration file, else another tool's project file, else nothing.
 * @param foreign whether Mayfly's own is passed over
 * @throws MayflyError CONFIG_INVALID
 */
export async function readAppSource(
  folder: string,
  options: ProjectOptions,
  { foreign, hasFunctions }: { readonly foreign: boolean; readonly hasFunctions: boolean },
): Promise<AppSource> {
  const own = foreign || options.project !== undefined ? null : await readOwnSource(folder);
  if (own !== null) {
    const others = (await strongProjects(folder)).map(({ file }) => file);
    const notice = `${basename(own.file ?? '')} is read; ${others.join(' and ')} beside it ${others.length === 1 ? 'is' : 'are'} not`;
    return {
      source: own,
      project: null,
      findings: [],
      notices: others.length === 0 ? [] : [notice],
      files: [],
    };
  }
  const found = await findProject(folder, options.project, hasFunctions);
  if (found !== null) {
    const source = await readProjectSource(folder, found, options);
    const { findings, files } = source;
    return { source, project: found.project.name, findings, notices: [], files };
  }
  const source = { file: null, value: {}, problems: [], placeOf: () => NOWHERE };
  return { source, project: null, findings: [], notices: [], files: [] };
}

/** Mayfly's own configuration file, or null. */
async function readOwnSource(folder: string): Promise<ConfigSource | null> {
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
  return module === null ? null : readModuleSource(moduleFile);
}

async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

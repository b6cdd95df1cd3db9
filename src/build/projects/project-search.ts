import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NOWHERE, problemAt, problemsError } from '../problem.ts';
import type { ForeignProject } from './foreign-project.ts';
import { PROJECTS } from './index.ts';

export interface FoundProject {
  readonly project: ForeignProject;
  /** Relative to the folder. */
  readonly file: string;
}

/**
 * The one project of another tool in a folder, or null. A file that serves other purposes too counts only when there is no
 * other and no function in `functions/`.
 * @param chosen what `--project` names
 * @throws MayflyError CONFIG_INVALID: several, or not what was chosen
 */
export async function findProject(
  dir: string,
  chosen: string | undefined,
  hasFunctions: boolean,
): Promise<FoundProject | null> {
  const all = await allProjects(dir);
  if (chosen !== undefined) {
    const wanted = all.find(({ file, project }) => file === chosen || project.name === chosen);
    if (wanted !== undefined) return wanted;
    const other = PROJECTS.find(({ names }) => names?.test(chosen) === true);
    const isFile = (await stat(join(dir, chosen)).catch(() => null))?.isFile() === true;
    if (other !== undefined && isFile) return { project: other, file: chosen };
    const names = all.map(({ file }) => file).join(', ');
    const message = `there is no project file "${chosen}" that Mayfly can read`;
    throw problemsError('CONFIG_INVALID', [
      problemAt(NOWHERE, message, names === '' ? null : `there is ${names}`),
    ]);
  }
  const strong = all.filter(({ project }) => project.weak !== true);
  const [first, ...others] = await withoutParts(dir, strong.length > 0 || hasFunctions ? strong : all);
  if (first === undefined) return null;
  if (others.length === 0) return first;
  const list = [first, ...others].map(({ file, project }) => `${file} (${project.name})`).join(', ');
  const message = `the folder has several project files: ${list}`;
  throw problemsError('CONFIG_INVALID', [problemAt(NOWHERE, message, `choose one: --project ${first.file}`)]);
}

/** Whether a folder is an app because of exactly one other tool's project file. */
export async function hasProject(dir: string): Promise<boolean> {
  return (await withoutParts(dir, await allProjects(dir))).length === 1;
}

/** Project files beside Mayfly's own, for a notice; a file with other purposes is none. */
export async function strongProjects(dir: string): Promise<FoundProject[]> {
  return (await allProjects(dir)).filter(({ project }) => project.weak !== true);
}

/** Leaves out files that are part of another project in the folder. */
async function withoutParts(dir: string, found: readonly FoundProject[]): Promise<FoundProject[]> {
  const parts = new Set<FoundProject>();
  for (const whole of found) {
    for (const part of found) {
      const isPart = part !== whole && (await whole.project.includes?.(dir, whole.file, part.file)) === true;
      if (isPart) parts.add(part);
    }
  }
  return found.filter((each) => !parts.has(each));
}

async function allProjects(dir: string): Promise<FoundProject[]> {
  if ((await readdir(dir).catch(() => [])).length === 0) return [];
  const found: FoundProject[] = [];
  for (const project of PROJECTS) {
    const file = await project.detect(dir);
    if (file !== null) found.push({ project, file });
  }
  return found;
}

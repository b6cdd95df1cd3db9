import { readdirSync } from 'node:fs';
import { cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppFile, FunctionFile } from '../../../src/build/config-schema.ts';
import type { Finding, ProjectOptions } from '../../../src/build/projects/foreign-project.ts';
import { PROJECTS } from '../../../src/build/projects/index.ts';

const folder = join(import.meta.dirname, 'fixtures');

/** Names of all projects, one folder each, shaped after the vendors' own templates. */
export const FIXTURES: readonly string[] = readdirSync(folder).sort();

/** How a folder is shipped that a vendor ships as it is. */
export const WHOLE_FOLDER: readonly string[] = ['**', '!mayfly.yaml', '!.env', '!.env.*'];

/** A project as its tool's reader understands it. */
export interface ProjectReading {
  readonly tool: string;
  readonly file: string;
  readonly app: AppFile;
  readonly findings: readonly Finding[];
  /** `severity what: means`, in the order in which they were found. */
  readonly said: readonly string[];
  function(name: string): FunctionFile;
  /** What is said of a key, as `severity means`. */
  about(what: string): readonly string[];
}

/** Reads a folder of `fixtures`, or any other, with the reader that recognises it. */
export async function readFixture(name: string, options: ProjectOptions = {}): Promise<ProjectReading> {
  return readFolder(join(folder, name), options);
}

export async function readFolder(dir: string, options: ProjectOptions = {}): Promise<ProjectReading> {
  for (const project of PROJECTS) {
    const file = await project.detect(dir);
    if (file === null) continue;
    const { app, findings } = await project.read(dir, file, options);
    return {
      tool: project.name,
      file,
      app,
      findings,
      said: findings.map(({ severity, what, means }) => `${severity} ${what}: ${means}`),
      function: (wanted) => app.functions?.[wanted] ?? {},
      about: (what) =>
        findings.filter((each) => each.what === what).map(({ severity, means }) => `${severity} ${means}`),
    };
  }
  throw new Error(`no tool recognises ${dir}`);
}

/** A copy of a fixture in a folder of its own, to change or to deploy; removed at the end of the scope. */
export async function copyFixture(name: string) {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'mayfly-project-')));
  const dir = join(root, name);
  await cp(join(folder, name), dir, { recursive: true });
  return {
    dir,
    async [Symbol.asyncDispose](): Promise<void> {
      await rm(root, { recursive: true, force: true });
    },
  };
}

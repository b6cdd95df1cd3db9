import { spawn } from 'node:child_process';
import { accessSync, constants, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { FunctionConfig } from '../app-config.ts';
import { problemAt, problemsError } from '../problem.ts';

/** In the order in which they are looked for: those that need no daemon first. */
const ENGINES = ['podman', 'buildah', 'docker'] as const;
type Engine = (typeof ENGINES)[number];

/** Of what an engine complains, the last lines. */
const COMPLAINT_LINES = 8;
/** The same for every build, so that a machine does not fill with images nobody names. */
const TAG = 'localhost/mayfly-build:latest';

const folders: string[] = [];

/**
 * Builds a Dockerfile with whatever engine this machine has, its folder being the context, and answers the image's archive: a file
 * in a temporary folder that goes when this process ends.
 * @throws MayflyError BUILD_FAILED
 */
export async function buildImageFile(recipe: string, { name, place }: FunctionConfig): Promise<string> {
  const fail = (message: string): Error =>
    problemsError('BUILD_FAILED', [
      problemAt(
        place,
        `function "${name}": ${message}`,
        'build it where an engine runs, save it (docker save -o FILE.tar IMAGE), and write "image: FILE.tar"',
      ),
    ]);
  const engine = ENGINES.find(isInstalled);
  if (engine === undefined)
    throw fail('building a Dockerfile needs podman, buildah or docker; none of them is installed here');
  const folder = await temporaryFolder();
  const file = join(folder, 'image.tar');
  for (const words of stepsOf(engine, recipe, file)) {
    const complaint = await run(engine, words);
    if (complaint !== null) throw fail(`${engine} ${words[0]} failed: ${complaint}`);
  }
  return file;
}

function stepsOf(engine: Engine, recipe: string, file: string): string[][] {
  const build = ['build', '-t', TAG, '-f', recipe, dirname(recipe)];
  if (engine === 'buildah') return [build, ['push', TAG, `docker-archive:${file}`]];
  return [build, ['save', '-o', file, TAG]];
}

function isInstalled(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Null: it went well; else what it said last. */
async function run(engine: Engine, words: readonly string[]): Promise<string | null> {
  const child = spawn(engine, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<string | null>((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('close', (code) => resolve(code === 0 ? null : `exit code ${code}`));
  });
  const [said, reason] = await Promise.all([text(child.stderr), ended]);
  const lines = said.trim().split('\n').slice(-COMPLAINT_LINES).join('\n');
  return reason === null ? null : lines === '' ? reason : lines;
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-image-'));
  if (folders.length === 0)
    process.once('exit', () => {
      for (const path of folders) rmSync(path, { recursive: true, force: true });
    });
  folders.push(folder);
  return folder;
}

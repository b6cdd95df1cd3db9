import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { usageError } from './errors.ts';
import type { Shell } from './shell.ts';

const GIT_TIMEOUT_MS = 10_000;

/** The Git branch that is checked out in a folder. @throws MayflyError USAGE: no branch can be told */
export async function checkedOutBranch(shell: Shell, dir: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('git', ['-C', dir, 'symbolic-ref', '--short', 'HEAD'], {
      env: { ...shell.env, LC_ALL: 'C' },
      timeout: GIT_TIMEOUT_MS,
      signal: shell.signal,
    });
    return stdout.trim();
  } catch (error) {
    shell.signal.throwIfAborted();
    throw usageError(
      `${reasonOf(error as NodeJS.ErrnoException & { stderr?: string }, dir)}; name the preview: --preview NAME.`,
    );
  }
}

function reasonOf(error: NodeJS.ErrnoException & { stderr?: string }, dir: string): string {
  if (error.code === 'ENOENT') return 'Git is not installed, so it names no branch';
  const said = error.stderr ?? '';
  if (said.includes('not a git repository')) return `${dir} is in no Git repository`;
  if (said.includes('not a symbolic ref')) return `No branch is checked out in ${dir}`;
  return `Git names no branch in ${dir}`;
}

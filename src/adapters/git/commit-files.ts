import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MayflyError } from '../../domain/errors.ts';
import type { GitLimits } from './git-limits.ts';
import type { GitCall, GitProgram } from './git-program.ts';

/**
 * Writes the files of a commit into a folder. They are counted first: a few kilobytes of pack can describe
 * more files than any disk holds.
 * @throws MayflyError BODY_TOO_LARGE
 */
export async function writeCommitFiles(
  git: GitProgram,
  repository: string,
  call: GitCall,
  commit: string,
  folder: string,
  limits: GitLimits,
): Promise<void> {
  await measure(git, repository, call, commit, limits);
  const scratch = await mkdtemp(join(repository, 'checkout-'));
  try {
    const environment = { ...call.environment, GIT_INDEX_FILE: join(scratch, 'index') };
    const place = [`--git-dir=${repository}`, `--work-tree=${folder}`];
    await git.run([...place, 'read-tree', commit], { ...call, environment, folder });
    await git.run([...place, 'checkout-index', '--all', '--force', '--quiet'], {
      ...call,
      environment,
      folder,
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Reads `MODE TYPE OBJECT SIZE\tPATH` entries, ended by NUL, as they come, and stops at the first that is too much. */
async function measure(
  git: GitProgram,
  repository: string,
  call: GitCall,
  commit: string,
  limits: GitLimits,
): Promise<void> {
  const words = [`--git-dir=${repository}`, 'ls-tree', '-r', '-l', '-z', '--full-tree', commit];
  const child = git.spawn(words, call);
  const timer = setTimeout(() => git.end(child), limits.commandMs);
  let files = 0;
  let bytes = 0;
  let rest = '';
  try {
    for await (const chunk of child.stdout!) {
      const entries = (rest + (chunk as Buffer).toString('latin1')).split('\0');
      rest = entries.pop() ?? '';
      files += entries.length;
      for (const entry of entries) bytes += Number(/^\d+ \w+ \w+ +(\d+)\t/.exec(entry)?.[1] ?? 0);
      if (files > limits.checkoutFilesMax || bytes > limits.checkoutBytesMax) throw tooLarge(limits);
    }
  } finally {
    clearTimeout(timer);
    git.end(child);
  }
}

function tooLarge({ checkoutFilesMax, checkoutBytesMax }: GitLimits): MayflyError {
  const megabytes = Math.floor(checkoutBytesMax / 2 ** 20);
  return new MayflyError(
    'BODY_TOO_LARGE',
    `The commit has more than ${checkoutFilesMax} files or ${megabytes} MB.`,
  );
}

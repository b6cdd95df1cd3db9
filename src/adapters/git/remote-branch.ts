import { MayflyError } from '../../domain/errors.ts';
import type { RemoteBranch } from '../../ports/repositories.ts';
import type { GitProgram } from './git-program.ts';

export interface RemoteAccess {
  readonly git: GitProgram;
  readonly repository: string;
  readonly remote: RemoteBranch;
}

/** Where a fetched branch waits for its decision; hidden from whoever fetches from here. */
const INCOMING = 'refs/mayfly/incoming';

/**
 * Fetches a branch from elsewhere and answers its commit; null: it is not there. Credentials go by the environment, which
 * other users of the machine do not see as they see arguments.
 * @throws MayflyError BAD_REQUEST when it cannot be reached
 */
export async function remoteCommit({ git, repository, remote }: RemoteAccess): Promise<string | null> {
  const branch = `refs/heads/${remote.branch}`;
  const environment = remote.credentials === null ? {} : authorization(remote);
  const { code } = await git.run(['check-ref-format', branch], { codes: [1] });
  if (code !== 0) throw new MayflyError('BAD_REQUEST', `"${remote.branch}" is no branch.`);
  try {
    const listed = await git.run(['ls-remote', '--heads', '--end-of-options', remote.url, branch], {
      environment,
    });
    const there = listed.output.split('\n').some((line) => line.endsWith(`\t${branch}`));
    if (!there) return null;
    const incoming = `${INCOMING}/${remote.branch}`;
    const place = `--git-dir=${repository}`;
    const words = [place, 'fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--end-of-options'];
    await git.run([...words, remote.url, `+${branch}:${incoming}`], { environment });
    return (await git.run([place, 'rev-parse', '--verify', incoming])).output.trim();
  } catch (thrown) {
    if (thrown instanceof MayflyError && thrown.code !== 'INTERNAL') throw thrown;
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new MayflyError('BAD_REQUEST', `${remote.url} could not be fetched: ${why}`, { cause: thrown });
  }
}

function authorization({ url, credentials }: RemoteBranch): Record<string, string> {
  const pair = Buffer.from(`${credentials!.user}:${credentials!.password}`).toString('base64');
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${new URL(url).origin}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${pair}`,
  };
}

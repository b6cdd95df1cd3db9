import type { Command } from 'commander';
import type { RepositoryAnswer } from '../../contract/git-api.ts';
import { MayflyError } from '../../domain/errors.ts';
import { type ApiClient, apiPath } from '../api-client.ts';
import { namedApp } from '../app-name.ts';
import { usageError } from '../errors.ts';
import { LocalClone } from '../local-clone.ts';
import { connectionOf } from '../node-location.ts';
import { type AppOptions, type NodeOptions, type OutputOptions, withAppOnNode } from '../options.ts';
import { Printer } from '../printer.ts';
import type { Shell } from '../shell.ts';

interface GitInitOptions extends NodeOptions, OutputOptions, AppOptions {
  readonly branch?: string;
  readonly remote: string;
}

/** `mayfly git init`: from then on, `git push mayfly main` deploys. */
export function registerGit(program: Command, shell: Shell): void {
  const group = program.command('git').summary('deploy by git push');
  const command = group
    .command('init')
    .option('--branch <branch>', 'the branch that goes to production, at first main')
    .option('--remote <name>', 'name of the remote in the local clone', 'mayfly')
    .summary('make a repository on the node and a remote for it here');
  withAppOnNode(command).action((options: GitInitOptions) => init(shell, options));
}

async function init(shell: Shell, options: GitInitOptions): Promise<void> {
  const printer = new Printer(shell, options);
  const clone = LocalClone.find(shell.cwd, shell.env);
  if (clone === null) throw usageError(`${shell.cwd} is in no Git repository: "git init" makes one.`);
  const app = (await namedApp(shell, options)) ?? (await appAt(clone.root));
  const { client, target } = connectionOf(shell, options);
  const answer = await client.put<RepositoryAnswer>(
    apiPath('apps', app, 'repository'),
    options.branch === undefined ? {} : { productionBranch: options.branch },
  );
  const url = client.url + answer.path;
  const credential = await pushToken(client, app, target.token);
  clone.addRemote(options.remote, url, credential.token);
  const { productionBranch } = answer;
  printer.document({ ...answer, remote: options.remote, url, token: credential.id }, () =>
    [
      `The remote "${options.remote}" is ${url}`,
      credential.id === null
        ? 'It uses the token that you gave.'
        : `It uses a token of its own (${credential.id}), good for deploying ${app} only.`,
      '',
      'Next:',
      `  git push ${options.remote} ${productionBranch}`,
    ].join('\n'),
  );
}

/** An app that is not at the top of its repository cannot be deployed by a push, which deploys the top. */
async function appAt(root: string): Promise<string> {
  const { loadApp } = await import('../../build/app-loader.ts');
  return (await loadApp(root, { tolerant: true })).name;
}

/** A token that can do no more than it needs; who may not make one keeps using its own. */
async function pushToken(
  client: ApiClient,
  app: string,
  own: string,
): Promise<{ readonly id: string | null; readonly token: string }> {
  try {
    const request = { name: `git push of ${app}`, role: 'deploy', apps: [app] };
    return await client.post<{ id: string; token: string }>(apiPath('tokens'), request);
  } catch (thrown) {
    if (thrown instanceof MayflyError && thrown.code === 'FORBIDDEN') return { id: null, token: own };
    throw thrown;
  }
}

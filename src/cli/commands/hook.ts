import { type Command, Option } from 'commander';
import type { HookAnswer, HookDescription } from '../../contract/hook-api.ts';
import { apiPath } from '../api-client.ts';
import { requiredApp } from '../app-name.ts';
import { formatMinute } from '../format.ts';
import { connect } from '../node-location.ts';
import { type AppOptions, type NodeOptions, type OutputOptions, withAppOnNode } from '../options.ts';
import { Printer } from '../printer.ts';
import { readHidden } from '../prompt.ts';
import type { Shell } from '../shell.ts';
import { renderTable } from '../table.ts';

type Options = NodeOptions & OutputOptions & AppOptions;
interface AddOptions extends Options {
  readonly host: string;
  readonly branch?: string;
  readonly user?: string;
}

const COLUMNS = ['id', 'host', 'url', 'last delivery'].map((title) => ({ title }));

/** `mayfly hook add|list|remove`: deploys what is pushed to GitHub, GitLab or Gitea. */
export function registerHook(program: Command, shell: Shell): void {
  const group = program.command('hook').summary('deploy what is pushed to GitHub, GitLab or Gitea');

  withAppOnNode(
    group
      .command('add')
      .argument('<url>', 'where the repository is fetched from')
      .addOption(
        new Option('--host <host>', 'who reports the pushes')
          .choices(['github', 'gitlab', 'gitea'])
          .default('github'),
      )
      .option('--branch <branch>', 'the branch that goes to production, at first main')
      .option('--user <user>', 'user name for a repository that is not public; its password comes by stdin')
      .summary('take reports of pushes, and print the address and the secret for the host'),
  ).action(async (url: string, options: AddOptions) => {
    const client = connect(shell, options);
    const app = await requiredApp(shell, options, client);
    const printer = new Printer(shell, options);
    const credentials =
      options.user === undefined
        ? {}
        : {
            credentials: {
              user: options.user,
              password: (await readHidden(shell, `Password or token of ${options.user}`)).trim(),
            },
          };
    const answer = await client.post<HookAnswer>(apiPath('apps', app, 'hooks'), {
      host: options.host,
      url,
      ...(options.branch === undefined ? {} : { productionBranch: options.branch }),
      ...credentials,
    });
    const address = client.url + answer.path;
    printer.document({ app, ...answer, url: address }, () =>
      [
        `Payload URL   ${address}`,
        'Content type  application/json',
        `Secret        ${answer.secret}`,
        'Events        pushes, and deleted branches',
      ].join('\n'),
    );
    printer.notice(`Enter this at ${options.host}. The secret is shown only now.`);
  });

  withAppOnNode(group.command('list').summary('list hooks and what became of the last deliveries')).action(
    async (options: Options) => {
      const client = connect(shell, options);
      const app = await requiredApp(shell, options, client);
      const list = await client.get<{ hooks: HookDescription[] }>(apiPath('apps', app, 'hooks'));
      new Printer(shell, options).document(list, () => renderTable(COLUMNS, list.hooks.map(rowOf)));
    },
  );

  withAppOnNode(
    group.command('remove').argument('<id>', 'as "list" shows it').summary('take no more reports'),
  ).action(async (id: string, options: Options) => {
    const client = connect(shell, options);
    const app = await requiredApp(shell, options, client);
    await client.delete(apiPath('apps', app, 'hooks', id));
    new Printer(shell, options).document({ app, id, removed: true }, () => `Removed ${id}.`);
  });
}

function rowOf({ id, host, url, deliveries: [last] }: HookDescription): string[] {
  const state =
    last === undefined
      ? ''
      : `${last.state} (${formatMinute(last.at)}${last.branch ? `, ${last.branch}` : ''})`;
  return [id, host, url, state];
}

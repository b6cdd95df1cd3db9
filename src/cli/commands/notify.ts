import type { Command } from 'commander';
import type { NotifyAnswer, NotifyTarget } from '../../contract/notify-api.ts';
import { apiPath } from '../api-client.ts';
import { requiredApp } from '../app-name.ts';
import { formatMinute } from '../format.ts';
import { connect } from '../node-location.ts';
import {
  type AppOptions,
  checkedName,
  type EnvironmentOptions,
  type NodeOptions,
  type OutputOptions,
  withAppOnNode,
} from '../options.ts';
import { Printer } from '../printer.ts';
import type { Shell } from '../shell.ts';
import { renderTable } from '../table.ts';

type Options = NodeOptions & OutputOptions & AppOptions;

const COLUMNS = ['id', 'url', 'environment', 'last'].map((title) => ({ title }));

/** `mayfly notify add|list|remove`: who is told of deploys. */
export function registerNotify(program: Command, shell: Shell): void {
  const group = program.command('notify').summary('tell other systems of deploys by signed webhooks');

  withAppOnNode(
    group
      .command('add')
      .argument('<url>', 'where to post to')
      .option('--env <environment>', 'only of this environment, by default of all')
      .option('--secret <secret>', 'sign with this (whsec_…), by default with a new one')
      .summary('tell an address of every deploy, canary and rollback'),
  ).action(async (url: string, options: Options & EnvironmentOptions & { readonly secret?: string }) => {
    const client = connect(shell, options);
    const app = await requiredApp(shell, options, client);
    const printer = new Printer(shell, options);
    const answer = await client.post<NotifyAnswer>(apiPath('apps', app, 'notifications'), {
      url,
      ...(options.env === undefined ? {} : { environment: checkedName(options.env, 'environment') }),
      ...(options.secret === undefined ? {} : { secret: options.secret }),
    });
    printer.document({ app, url, ...answer }, () => answer.secret);
    printer.notice(`${url} is told of ${app} as ${answer.id}. The secret is shown only now.`);
  });

  withAppOnNode(group.command('list').summary('list who is told, and how the last time went')).action(
    async (options: Options) => {
      const client = connect(shell, options);
      const app = await requiredApp(shell, options, client);
      const list = await client.get<{ targets: NotifyTarget[] }>(apiPath('apps', app, 'notifications'));
      new Printer(shell, options).document(list, () => renderTable(COLUMNS, list.targets.map(rowOf)));
    },
  );

  withAppOnNode(
    group.command('remove').argument('<id>', 'as "list" shows it').summary('tell an address no more'),
  ).action(async (id: string, options: Options) => {
    const client = connect(shell, options);
    const app = await requiredApp(shell, options, client);
    await client.delete(apiPath('apps', app, 'notifications', id));
    new Printer(shell, options).document({ app, id, removed: true }, () => `Removed ${id}.`);
  });
}

function rowOf({ id, url, environment, last }: NotifyTarget): string[] {
  const state = last === null ? '' : `${last.outcome} (${formatMinute(last.at)}, attempt ${last.attempts})`;
  return [id, url, environment ?? '(all)', state];
}

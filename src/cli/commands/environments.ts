import type { Command } from 'commander';
import { requiredApp } from '../app-name.ts';
import {
  type ListOptions,
  listEnvironments,
  type RemoveOptions,
  removeEnvironment,
} from '../environment-commands.ts';
import { describeEnvironment } from '../environment-path.ts';
import { environmentText } from '../environment-text.ts';
import { connect } from '../node-location.ts';
import { checkedName, withAppOnNode } from '../options.ts';
import { Printer } from '../printer.ts';
import type { Shell } from '../shell.ts';

/** `mayfly environments list|show|remove`; their variables are `mayfly env`'s. */
export function registerEnvironments(program: Command, shell: Shell): void {
  const group = program
    .command('environments')
    .alias('envs')
    .summary('list, show and remove the environments of an app');

  withAppOnNode(group.command('list').summary('list what each environment serves')).action(
    (chosen: ListOptions) => listEnvironments(shell, chosen),
  );

  withAppOnNode(
    group.command('show').argument('<environment>').summary('show one environment and what was done to it'),
  ).action(async (name: string, chosen: ListOptions) => {
    const printer = new Printer(shell, chosen);
    const environment = checkedName(name, 'environment');
    const client = connect(shell, chosen);
    const app = await requiredApp(shell, chosen, client);
    const description = await describeEnvironment({ client, app, environment });
    printer.document(description, () => environmentText(description));
  });

  withAppOnNode(
    group
      .command('remove')
      .argument('<environment>')
      .option('-y, --yes', 'do not ask (nothing asks without a terminal)')
      .summary('remove an environment with its variables and secrets'),
  ).action((name: string, chosen: RemoveOptions) => removeEnvironment(shell, name, chosen));
}

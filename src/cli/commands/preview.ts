import type { Command } from 'commander';
import {
  type ListOptions,
  listEnvironments,
  type RemoveOptions,
  removeEnvironment,
} from '../environment-commands.ts';
import { withAppOnNode } from '../options.ts';
import type { Shell } from '../shell.ts';

/** `mayfly preview list|remove`; `mayfly deploy --preview` makes them. */
export function registerPreview(program: Command, shell: Shell): void {
  const group = program.command('preview').summary('list and remove the previews of an app');

  withAppOnNode(group.command('list').summary('list the previews')).action((chosen: ListOptions) =>
    listEnvironments(shell, chosen, 'preview'),
  );

  withAppOnNode(
    group
      .command('remove')
      .argument('<name>')
      .option('-y, --yes', 'do not ask (nothing asks without a terminal)')
      .summary('remove a preview with all that is its own'),
  ).action((name: string, chosen: RemoveOptions) => removeEnvironment(shell, name, chosen, 'preview'));
}

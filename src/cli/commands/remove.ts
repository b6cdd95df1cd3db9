import type { Command } from 'commander';
import { apiPath } from '../api-client.ts';
import { connect } from '../node-location.ts';
import { checkedName, type NodeOptions, type OutputOptions, withNode, withOutput } from '../options.ts';
import { Printer } from '../printer.ts';
import { confirm } from '../prompt.ts';
import type { Shell } from '../shell.ts';

interface RemoveOptions extends NodeOptions, OutputOptions {
  readonly yes?: boolean;
}

/** `mayfly remove APP`: takes an app off the node, with its releases, environments and variables. */
export function registerRemove(program: Command, shell: Shell): void {
  const command = program
    .command('remove')
    .alias('rm')
    .argument('<app>')
    .option('-y, --yes', 'do not ask (nothing asks without a terminal)')
    .summary('remove an app with its releases, environments and variables');
  withOutput(withNode(command)).action(async (app: string, options: RemoveOptions) => {
    const printer = new Printer(shell, options);
    const name = checkedName(app, 'app');
    const client = connect(shell, options);
    const asks = options.yes !== true && !printer.json;
    if (asks && !(await confirm(shell, `Remove ${name} with all its releases and variables?`))) {
      printer.notice('Nothing was removed.');
      return;
    }
    await client.delete(apiPath('apps', name));
    printer.document({ app: name, removed: true }, () => `Removed ${name}.`);
  });
}

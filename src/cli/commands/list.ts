import type { Command } from 'commander';
import type { AppSummary } from '../../contract/control-api.ts';
import { apiPath } from '../api-client.ts';
import { formatMinute } from '../format.ts';
import { connect } from '../node-location.ts';
import { type NodeOptions, type OutputOptions, withNode, withOutput } from '../options.ts';
import { Printer } from '../printer.ts';
import type { Shell } from '../shell.ts';
import { renderTable } from '../table.ts';
import { canaryCell } from '../traffic-text.ts';

const COLUMNS = ['app', 'environment', 'release', 'canary', 'activated', 'functions', 'url'].map((title) => ({
  title,
}));

/** `mayfly list`: what is deployed on the node. */
export function registerList(program: Command, shell: Shell): void {
  const command = program.command('list').alias('ls').summary('list the apps on a node');
  withOutput(withNode(command)).action(async (options: NodeOptions & OutputOptions) => {
    const printer = new Printer(shell, options);
    const list = await connect(shell, options).get<{ apps: AppSummary[] }>(apiPath('apps'));
    printer.document(list, () =>
      list.apps.length === 0
        ? 'Nothing is deployed. "mayfly deploy DIR" deploys a folder.'
        : tableOf(list.apps),
    );
  });
}

function tableOf(apps: readonly AppSummary[]): string {
  return renderTable(
    COLUMNS,
    apps.map((app) => [
      app.app,
      app.kind === 'preview' ? `${app.environment} (preview)` : app.environment,
      app.release,
      canaryCell(app.canary),
      formatMinute(app.activatedAt),
      app.functions.join(', '),
      app.url,
    ]),
  );
}

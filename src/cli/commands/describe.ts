import type { Command } from 'commander';
import type { AppDescription } from '../../contract/control-api.ts';
import { apiPath } from '../api-client.ts';
import { requiredApp } from '../app-name.ts';
import { formatMinute } from '../format.ts';
import { connect } from '../node-location.ts';
import { type NodeOptions, type OutputOptions, withNode, withOutput } from '../options.ts';
import { Printer } from '../printer.ts';
import type { Shell } from '../shell.ts';
import { renderTable } from '../table.ts';
import { canaryCell } from '../traffic-text.ts';
import { triggersText } from '../trigger-text.ts';

type Environment = AppDescription['environments'][number];

const COLUMNS = ['function', 'version', 'runtime', 'dialect', 'memory', 'timeout', 'routes', 'triggers'].map(
  (title) => ({
    title,
  }),
);

/** `mayfly describe [APP]`: environments, functions, limits and routes of one app. */
export function registerDescribe(program: Command, shell: Shell): void {
  const command = program
    .command('describe')
    .argument('[app]', "app, by default the current folder's (MAYFLY_APP)")
    .summary('show one app: environments, functions, routes, limits');
  withOutput(withNode(command)).action(
    async (app: string | undefined, options: NodeOptions & OutputOptions) => {
      const printer = new Printer(shell, options);
      const client = connect(shell, options);
      const name = await requiredApp(shell, app === undefined ? {} : { app }, client);
      const description = await client.get<AppDescription>(apiPath('apps', name));
      printer.document(description, () => description.environments.map(textOf).join('\n\n'));
    },
  );
}

function textOf(environment: Environment): string {
  const { kind, release, canary, activatedAt, url } = environment;
  const name = kind === 'preview' ? `${environment.environment} (preview)` : environment.environment;
  const trial = canary ? [`canary ${canaryCell(canary)}`] : [];
  const head = [name, release, ...trial, `activated ${formatMinute(activatedAt)}`, url].join('  ');
  const rows = environment.functions.map((item) => [
    item.name,
    item.version,
    item.runtime,
    item.dialect,
    `${item.limits.memoryMb} MB`,
    `${Number(item.limits.timeoutMs) / 1_000} s`,
    item.routes.map((route) => `${route.method} ${route.pattern}`).join(', '),
    triggersText(item.triggers),
  ]);
  return `${head}\n${renderTable(COLUMNS, rows)}`;
}

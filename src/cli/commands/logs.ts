import { type Command, Option } from 'commander';
import type { LogLine, LogQuery } from '../../contract/control-api.ts';
import { apiPath } from '../api-client.ts';
import { namedApp } from '../app-name.ts';
import { followLogs } from '../log-follow.ts';
import { logText } from '../log-text.ts';
import { connect } from '../node-location.ts';
import {
  type AppOptions,
  type EnvironmentOptions,
  environmentOf,
  type NodeOptions,
  type OutputOptions,
  withApp,
  withEnvironment,
  withNode,
  withOutput,
} from '../options.ts';
import { Printer } from '../printer.ts';
import type { Shell } from '../shell.ts';
import { parseSince } from '../time-span.ts';
import { wholeNumber } from '../whole-number.ts';

interface LogsOptions extends NodeOptions, OutputOptions, EnvironmentOptions, AppOptions {
  readonly follow?: boolean;
  readonly since?: string;
  readonly request?: string;
  readonly level?: string;
  readonly limit?: string;
}

/** Asked for when neither `--since` nor `--request` says how far back. */
const SINCE_DEFAULT = '1h';

/** `mayfly logs [FUNCTION]`: what functions wrote, oldest first; `-f` goes on as it grows. */
export function registerLogs(program: Command, shell: Shell): void {
  const command = program
    .command('logs')
    .argument('[function]')
    .option('-f, --follow', 'go on with what comes, until Ctrl-C')
    .option(
      '--since <span>',
      `how far back, such as 5m, or an ISO date (default ${SINCE_DEFAULT}; with -f from now)`,
    )
    .option('--request <id>', 'only of this call')
    .addOption(
      new Option('--level <level>', 'only lines of this level').choices(['debug', 'info', 'warn', 'error']),
    )
    .option('--limit <lines>', 'only the last so many lines')
    .summary('print what functions logged');
  withOutput(withNode(withEnvironment(withApp(command)))).action(
    async (name: string | undefined, options: LogsOptions) => {
      const printer = new Printer(shell, options);
      const client = connect(shell, options);
      const query = await queryOf(shell, name, options);
      const print = (line: LogLine) => printer.record(line, () => logText(line, printer.paint));
      if (options.follow !== true) {
        for await (const line of client.lines<LogLine>(apiPath('logs'), { ...query })) print(line);
        return;
      }
      const onLost = () => printer.notice('The node went away; waiting for it …');
      for await (const line of followLogs(client, query, shell.signal, onLost)) print(line);
    },
  );
}

async function queryOf(shell: Shell, name: string | undefined, options: LogsOptions): Promise<LogQuery> {
  const app = await namedApp(shell, options);
  const environment = options.env !== undefined || app !== null ? environmentOf(shell, options) : undefined;
  const implied = options.follow === true || options.request !== undefined ? undefined : SINCE_DEFAULT;
  const since = options.since ?? implied;
  return {
    ...(app === null ? {} : { app }),
    ...(environment === undefined ? {} : { environment }),
    ...(name === undefined ? {} : { function: name }),
    ...(options.request === undefined ? {} : { request: options.request }),
    ...(options.level === undefined ? {} : { level: options.level }),
    ...(since === undefined ? {} : { since: parseSince(since, Date.now()) }),
    ...(options.limit === undefined ? {} : { limit: wholeNumber(options.limit, '--limit') }),
  };
}

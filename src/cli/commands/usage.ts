import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Command, Option } from 'commander';
import type { PriceList, UsageQuery, UsageReport } from '../../contract/control-api.ts';
import { MayflyError } from '../../domain/errors.ts';
import { apiPath } from '../api-client.ts';
import { connect } from '../node-location.ts';
import {
  type AppOptions,
  checkedName,
  type NodeOptions,
  type OutputOptions,
  withNode,
  withOutput,
} from '../options.ts';
import { Printer } from '../printer.ts';
import type { Shell } from '../shell.ts';
import { parseSince } from '../time-span.ts';
import { usageText } from '../usage-text.ts';

interface UsageOptions extends NodeOptions, OutputOptions, AppOptions {
  readonly by: UsageQuery['by'];
  readonly since?: string;
  readonly until?: string;
  readonly priceList?: string;
}

/** `mayfly usage`: what was called, how long it took, and what it costs under a price list. */
export function registerUsage(program: Command, shell: Shell): void {
  const command = program
    .command('usage')
    .addOption(
      new Option('--by <what>', 'a row for each').choices(['app', 'function', 'day']).default('function'),
    )
    .option('--app <app>', 'only this app (MAYFLY_APP)')
    .option('--since <span>', 'how far back, such as 24h or 7d, or an ISO date; by default the whole ledger')
    .option('--until <span>', 'end, in the same form; by default now')
    .option('--price-list <file>', 'JSON or YAML file with prices; by default the list that Mayfly ships')
    .summary('print calls, errors, cold starts, durations, GB-seconds and money');
  withOutput(withNode(command)).action(async (options: UsageOptions) => {
    const printer = new Printer(shell, options);
    const query = await queryOf(shell, options);
    const report = await connect(shell, options).post<UsageReport>(apiPath('usage', 'report'), query);
    printer.document(report, () => usageText(report, options.by, printer.paint));
  });
}

async function queryOf(shell: Shell, options: UsageOptions): Promise<UsageQuery> {
  const app = options.app ?? shell.env.MAYFLY_APP;
  const now = Date.now();
  return {
    by: options.by,
    ...(app ? { app: checkedName(app, 'app') } : {}),
    ...(options.since === undefined ? {} : { from: parseSince(options.since, now) }),
    ...(options.until === undefined ? {} : { to: parseSince(options.until, now) }),
    ...(options.priceList === undefined
      ? {}
      : { priceList: await readPriceList(path.resolve(shell.cwd, options.priceList)) }),
  };
}

/** The node checks its fields. @throws MayflyError CONFIG_INVALID when it cannot be read at all */
async function readPriceList(file: string): Promise<PriceList> {
  try {
    const { parse } = await import('yaml');
    return parse(await readFile(file, 'utf8')) as PriceList;
  } catch (error) {
    throw new MayflyError(
      'CONFIG_INVALID',
      `Cannot read the price list ${file}: ${(error as Error).message}`,
    );
  }
}

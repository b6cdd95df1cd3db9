import type { Command } from 'commander';
import type { ReleaseList } from '../../contract/release-api.ts';
import { apiPath } from '../api-client.ts';
import { requiredApp } from '../app-name.ts';
import { formatMinute } from '../format.ts';
import { connect } from '../node-location.ts';
import {
  type AppOptions,
  type NodeOptions,
  type OutputOptions,
  withApp,
  withNode,
  withOutput,
} from '../options.ts';
import { printable } from '../paint.ts';
import { Printer } from '../printer.ts';
import type { Shell } from '../shell.ts';
import { renderTable } from '../table.ts';

const COLUMNS = ['release', 'created', 'by', 'functions', 'active in', 'message'].map((title) => ({ title }));

/** `mayfly releases list`: the immutable builds of an app, newest first. */
export function registerReleases(program: Command, shell: Shell): void {
  const group = program.command('releases').summary('list the releases of an app');
  const command = group.command('list').summary('list the releases of an app, newest first');
  withOutput(withNode(withApp(command))).action(async (options: NodeOptions & OutputOptions & AppOptions) => {
    const printer = new Printer(shell, options);
    const client = connect(shell, options);
    const app = await requiredApp(shell, options, client);
    const list = await client.get<ReleaseList>(apiPath('apps', app, 'releases'));
    printer.document(list, () => tableOf(list));
  });
}

function tableOf(list: ReleaseList): string {
  return renderTable(
    COLUMNS,
    list.releases.map((release) => [
      release.release,
      formatMinute(release.createdAt),
      release.createdBy,
      String(release.functions),
      release.activeIn.join(', '),
      printable(release.message),
    ]),
  );
}

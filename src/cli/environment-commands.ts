import type { EnvironmentDescription, EnvironmentList } from '../contract/release-api.ts';
import { MayflyError } from '../domain/errors.ts';
import { apiPath } from './api-client.ts';
import { requiredApp } from './app-name.ts';
import { describeEnvironment, environmentPath } from './environment-path.ts';
import { environmentsTable } from './environment-text.ts';
import { connect } from './node-location.ts';
import { type AppOptions, checkedName, type NodeOptions, type OutputOptions } from './options.ts';
import { Printer } from './printer.ts';
import { confirm } from './prompt.ts';
import type { Shell } from './shell.ts';

export interface ListOptions extends NodeOptions, OutputOptions, AppOptions {}
export interface RemoveOptions extends ListOptions {
  readonly yes?: boolean;
}

type Kind = EnvironmentDescription['kind'];

/** `environments list`, and with a kind `preview list`. */
export async function listEnvironments(shell: Shell, options: ListOptions, kind?: Kind): Promise<void> {
  const printer = new Printer(shell, options);
  const client = connect(shell, options);
  const app = await requiredApp(shell, options, client);
  const all = await client.get<EnvironmentList>(apiPath('apps', app, 'environments'));
  const environments = all.environments.filter((item) => kind === undefined || item.kind === kind);
  printer.document({ environments }, () =>
    environments.length === 0
      ? `${app} has no ${kind === 'preview' ? 'previews' : 'environments'}.`
      : environmentsTable(environments),
  );
}

/**
 * `environments remove`, and with a kind `preview remove`, which takes nothing but previews.
 * @throws MayflyError USAGE, NOT_FOUND, CONFLICT: it is no preview
 */
export async function removeEnvironment(
  shell: Shell,
  name: string,
  options: RemoveOptions,
  kind?: Kind,
): Promise<void> {
  const printer = new Printer(shell, options);
  const environment = checkedName(name, 'environment');
  const client = connect(shell, options);
  const app = await requiredApp(shell, options, client);
  const place = { client, app, environment };
  if (kind !== undefined && (await describeEnvironment(place)).kind !== kind) {
    throw new MayflyError(
      'CONFLICT',
      `${environment} of ${app} is no preview; "mayfly environments remove ${environment}" removes it all the same.`,
    );
  }
  const asks = options.yes !== true && !printer.json;
  if (asks && !(await confirm(shell, `Remove ${environment} of ${app} with its variables and secrets?`))) {
    printer.notice('Nothing was removed.');
    return;
  }
  await client.delete(environmentPath(place));
  printer.document({ app, environment, removed: true }, () => `Removed ${environment} of ${app}.`);
}

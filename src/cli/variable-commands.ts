import type { Variable, VariableChange } from '../contract/control-api.ts';
import { type ApiClient, apiPath } from './api-client.ts';
import { requiredApp } from './app-name.ts';
import { usageError } from './errors.ts';
import { formatMinute } from './format.ts';
import { connect } from './node-location.ts';
import {
  type AppOptions,
  type EnvironmentOptions,
  environmentOf,
  type NodeOptions,
  type OutputOptions,
} from './options.ts';
import { Printer } from './printer.ts';
import type { Shell } from './shell.ts';
import { renderTable } from './table.ts';

export interface VariableOptions extends NodeOptions, OutputOptions, EnvironmentOptions, AppOptions {
  readonly function?: string;
}

export type Assignment = NonNullable<VariableChange['set']>[number];

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,255}$/;

const COLUMNS = ['name', 'value', 'function', 'updated'].map((title) => ({ title }));

/** @throws MayflyError USAGE; the message never holds a value */
export function checkedVariable(name: string): string {
  if (NAME.test(name)) return name;
  const shown = name.length > 64 || /[^\w.-]/.test(name) ? 'That' : `"${name}"`;
  throw usageError(`${shown} cannot be the name of a variable: letters, digits and _, not a digit first.`);
}

/** `env list` and `secret list`. */
export async function listVariables(shell: Shell, options: VariableOptions, secret: boolean): Promise<void> {
  const printer = new Printer(shell, options);
  const { client, path } = await target(shell, options);
  const answer = await client.get<{ variables: Variable[] }>(path);
  const variables = answer.variables.filter(
    (item) =>
      item.secret === secret && (options.function === undefined || item.function === options.function),
  );
  printer.document({ variables }, () =>
    variables.length === 0 ? `No ${secret ? 'secrets' : 'variables'}.` : tableOf(variables),
  );
}

/** Sends a change and says what it did. */
export async function changeVariables(
  shell: Shell,
  options: VariableOptions,
  change: VariableChange,
  verb: string,
): Promise<void> {
  const printer = new Printer(shell, options);
  const { client, path, app, environment } = await target(shell, options);
  const { changed } = await client.put<{ changed: number }>(path, change);
  const names = [...(change.set ?? []).map((item) => item.name), ...(change.unset ?? [])];
  printer.document({ app, environment, names, changed }, () =>
    changed === 0
      ? `Nothing changed in ${app} (${environment}).`
      : `${verb} ${names.join(', ')} in ${app} (${environment}).`,
  );
}

async function target(shell: Shell, options: VariableOptions) {
  const client: ApiClient = connect(shell, options);
  const app = await requiredApp(shell, options, client);
  const environment = environmentOf(shell, options);
  return { client, app, environment, path: apiPath('apps', app, 'environments', environment, 'variables') };
}

function tableOf(variables: readonly Variable[]): string {
  return renderTable(
    COLUMNS,
    variables.map((item) => [
      item.name,
      item.value ?? '(hidden)',
      item.function === '' ? '(all)' : item.function,
      formatMinute(item.updatedAt),
    ]),
  );
}

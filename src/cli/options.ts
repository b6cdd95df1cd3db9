import type { Command } from 'commander';
import { usageError } from './errors.ts';
import type { Shell } from './shell.ts';

export interface OutputOptions {
  readonly json?: boolean;
}

/** Where the node is. */
export interface NodeOptions {
  readonly url?: string;
  readonly token?: string;
  readonly data?: string;
}

export interface EnvironmentOptions {
  readonly env?: string;
}

export interface AppOptions {
  readonly app?: string;
}

export const PRODUCTION = 'production';

const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export function withOutput(command: Command): Command {
  return command.option('--json', 'print JSON');
}

/** `dataFlag` differs on `invoke`, whose `--data` is the payload. */
export function withNode(command: Command, dataFlag = '--data'): Command {
  return command
    .option('--url <url>', 'control API of a remote node (MAYFLY_URL)')
    .option('--token <token>', 'token for it (MAYFLY_TOKEN)')
    .option(`${dataFlag} <dir>`, 'data folder of a local node (MAYFLY_DATA)');
}

export function withEnvironment(command: Command): Command {
  return command.option('--env <environment>', 'environment, by default production (MAYFLY_ENV)');
}

export function withReason(command: Command): Command {
  return command.option('-m, --message <text>', "why, for the environment's history");
}

export function withApp(command: Command): Command {
  return command.option('--app <app>', "app, by default the current folder's (MAYFLY_APP)");
}

/** The flags of a command that is about an app on a node. */
export function withAppOnNode(command: Command): Command {
  return withOutput(withNode(withApp(command)));
}

/** The environment that is meant. @throws MayflyError USAGE */
export function environmentOf(shell: Shell, options: EnvironmentOptions): string {
  return checkedName(options.env ?? (shell.env.MAYFLY_ENV || PRODUCTION), 'environment');
}

/** @throws MayflyError USAGE when it cannot be a name */
export function checkedName(text: string, what: string): string {
  if (NAME.test(text)) return text;
  throw usageError(
    `"${text}" cannot be the name of ${article(what)} ${what}: names are lower-case letters, digits and inner hyphens, at most 63.`,
  );
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? 'an' : 'a';
}

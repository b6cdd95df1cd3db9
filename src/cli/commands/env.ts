import type { Command } from 'commander';
import type { CloneRequest, EnvironmentDescription } from '../../contract/release-api.ts';
import { requiredApp } from '../app-name.ts';
import { environmentPath } from '../environment-path.ts';
import { usageError } from '../errors.ts';
import { connect } from '../node-location.ts';
import {
  type AppOptions,
  checkedName,
  type NodeOptions,
  type OutputOptions,
  withApp,
  withAppOnNode,
  withEnvironment,
  withNode,
  withOutput,
} from '../options.ts';
import { Printer } from '../printer.ts';
import type { Shell } from '../shell.ts';
import {
  type Assignment,
  changeVariables,
  checkedVariable,
  listVariables,
  type VariableOptions,
} from '../variable-commands.ts';

interface CloneOptions extends NodeOptions, OutputOptions, AppOptions {
  readonly preview?: boolean;
}

/** `mayfly env set|list|unset|clone`: variables that functions find in their environment, and whole environments. */
export function registerEnv(program: Command, shell: Shell): void {
  const group = program
    .command('env')
    .summary('set, list and unset environment variables of functions; clone an environment');

  options(group.command('set').argument('<name=value...>').summary('set variables'))
    .option('--function <function>', 'only for this function')
    .action((words: string[], chosen: VariableOptions) => {
      const set = words.map((word) => assignmentOf(word, chosen.function));
      return changeVariables(shell, chosen, { set }, 'Set');
    });

  options(group.command('list').summary('list variables; secrets have their own list'))
    .option('--function <function>', 'only those of this function')
    .action((chosen: VariableOptions) => listVariables(shell, chosen, false));

  options(group.command('unset').argument('<name...>').summary('remove variables')).action(
    (names: string[], chosen: VariableOptions) =>
      changeVariables(shell, chosen, { unset: names.map(checkedVariable) }, 'Removed'),
  );

  const clone = group
    .command('clone')
    .argument('<from>', 'environment')
    .argument('<to>', 'environment that is made')
    .option('--preview', 'make it a preview')
    .summary('make an environment with the release, variables and secrets of another');
  withAppOnNode(clone).action((from: string, to: string, chosen: CloneOptions) =>
    cloneEnvironment(shell, from, to, chosen),
  );
}

function options(command: Command): Command {
  return withOutput(withNode(withEnvironment(withApp(command))));
}

async function cloneEnvironment(shell: Shell, from: string, to: string, chosen: CloneOptions): Promise<void> {
  const printer = new Printer(shell, chosen);
  const environment = checkedName(from, 'environment');
  const request: CloneRequest = {
    to: checkedName(to, 'environment'),
    ...(chosen.preview === true ? { kind: 'preview' } : {}),
  };
  const client = connect(shell, chosen);
  const app = await requiredApp(shell, chosen, client);
  const made = await client.post<EnvironmentDescription>(
    environmentPath({ app, environment }, 'clone'),
    request,
  );
  printer.document(
    made,
    () => `Made ${to} of ${app} as ${from} is: ${made.release ?? 'no release'} at ${made.url}`,
  );
}

function assignmentOf(word: string, forFunction: string | undefined): Assignment {
  const equals = word.indexOf('=');
  if (equals < 1) throw usageError(`"${word}" is not of the form NAME=VALUE.`);
  return {
    name: checkedVariable(word.slice(0, equals)),
    value: word.slice(equals + 1),
    secret: false,
    ...(forFunction === undefined ? {} : { function: forFunction }),
  };
}

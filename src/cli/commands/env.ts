import type { Command } from 'commander';
import { usageError } from '../errors.ts';
import { withApp, withEnvironment, withNode, withOutput } from '../options.ts';
import type { Shell } from '../shell.ts';
import {
  type Assignment,
  changeVariables,
  checkedVariable,
  listVariables,
  type VariableOptions,
} from '../variable-commands.ts';

/** `mayfly env set|list|unset`: variables that functions find in their environment. */
export function registerEnv(program: Command, shell: Shell): void {
  const group = program.command('env').summary('set, list and unset environment variables of functions');

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
}

function options(command: Command): Command {
  return withOutput(withNode(withEnvironment(withApp(command))));
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

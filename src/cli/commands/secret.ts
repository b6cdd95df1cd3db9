import type { Command } from 'commander';
import { usageError } from '../errors.ts';
import { withApp, withEnvironment, withNode, withOutput } from '../options.ts';
import { readHidden } from '../prompt.ts';
import type { Shell } from '../shell.ts';
import {
  type Assignment,
  changeVariables,
  checkedVariable,
  listVariables,
  type VariableOptions,
} from '../variable-commands.ts';

/** `mayfly secret set|list|unset`: variables that are encrypted at rest and never shown again. */
export function registerSecret(program: Command, shell: Shell): void {
  const group = program.command('secret').summary('set, list and unset secrets of functions');

  options(
    group
      .command('set')
      .argument('<name...>', 'NAME (the value is read from stdin, or asked for) or NAME=VALUE')
      .summary('set secrets'),
  )
    .option('--function <function>', 'only for this function')
    .action(async (words: string[], chosen: VariableOptions) => {
      const set = await assignmentsOf(shell, words, chosen.function);
      await changeVariables(shell, chosen, { set }, 'Set');
    });

  options(group.command('list').summary('list the names of secrets'))
    .option('--function <function>', 'only those of this function')
    .action((chosen: VariableOptions) => listVariables(shell, chosen, true));

  options(group.command('unset').argument('<name...>').summary('remove secrets')).action(
    (names: string[], chosen: VariableOptions) =>
      changeVariables(shell, chosen, { unset: names.map(checkedVariable) }, 'Removed'),
  );
}

function options(command: Command): Command {
  return withOutput(withNode(withEnvironment(withApp(command))));
}

async function assignmentsOf(
  shell: Shell,
  words: readonly string[],
  forFunction: string | undefined,
): Promise<Assignment[]> {
  const bare = words.filter((word) => !word.includes('='));
  if (bare.length > 1) throw usageError('stdin holds one value: give one NAME, or NAME=VALUE for each.');
  const assignments: Assignment[] = [];
  for (const word of words) {
    const equals = word.indexOf('=');
    const name = checkedVariable(equals === -1 ? word : word.slice(0, equals));
    const value = equals === -1 ? await readHidden(shell, `Value of ${name}`) : word.slice(equals + 1);
    assignments.push({
      name,
      value,
      secret: true,
      ...(forFunction === undefined ? {} : { function: forFunction }),
    });
  }
  return assignments;
}

import type { Command } from 'commander';
import type { ProjectOptions } from '../build/projects/foreign-project.ts';
import { usageError } from './errors.ts';
import type { Shell } from './shell.ts';

/** Flags about another tool's project file. */
export interface ProjectFlags {
  readonly project?: string;
  readonly stage?: string;
  readonly region?: string;
  readonly param?: readonly string[];
  readonly opt?: readonly string[];
}

/** The flags of a command that reads an app from a folder. */
export function withProject(command: Command): Command {
  const several = (text: string, before: readonly string[] = []) => [...before, text];
  return command
    .option('--project <file>', "another tool's project file to read, when there are several")
    .option('--stage <stage>', 'stage that its values are for, by default its own')
    .option('--region <region>', 'region that its values are for, by default its own')
    .option('--param <name=value>', 'value of a parameter of it; may be repeated', several)
    .option('--opt <name=value>', "option of the tool's own command line; may be repeated", several);
}

/** @throws MayflyError USAGE */
export function projectOptionsOf(shell: Shell, flags: ProjectFlags): ProjectOptions {
  const { project, stage, region, param = [], opt = [] } = flags;
  return {
    ...(project === undefined ? {} : { project }),
    ...(stage === undefined ? {} : { stage }),
    ...(region === undefined ? {} : { region }),
    params: pairs(param, '--param'),
    opt: pairs(opt, '--opt'),
    env: shell.env,
  };
}

function pairs(words: readonly string[], flag: string): Record<string, string> {
  const entries = words.map((word): [string, string] => {
    const at = word.indexOf('=');
    if (at < 1) throw usageError(`"${word}" is no NAME=VALUE: ${flag} NAME=VALUE.`);
    return [word.slice(0, at), word.slice(at + 1)];
  });
  return Object.fromEntries(entries);
}

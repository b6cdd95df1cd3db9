import type { Command } from 'commander';
import type { NodeFlags, NodeSetting } from './node-host.ts';

/** Adds a flag for every setting of a node (`mayfly up`, `dev` and `quickstart` take the same). */
export function withNodeFlags(command: Command, settings: readonly NodeSetting[]): Command {
  const ordered = command.optionsGroup('Node settings:');
  for (const { flag, help, variable, default: value } of settings) {
    ordered.option(`${flag} <value>`, `${help} (${variable}, default ${value})`);
  }
  return ordered.optionsGroup('Options:');
}

/** What was typed of them, by setting key; commander names an option after its flag in camel case. */
export function nodeFlagsOf(options: object, settings: readonly NodeSetting[]): NodeFlags {
  const typed = options as Readonly<Record<string, unknown>>;
  const flags: Record<string, string> = {};
  for (const { key, flag } of settings) {
    const value = typed[camelCase(flag)];
    if (typeof value === 'string') flags[key] = value;
  }
  return flags;
}

/** The same flags as words of a command line. */
export function nodeFlagWords(flags: NodeFlags, settings: readonly NodeSetting[]): string[] {
  return settings.flatMap(({ key, flag }) => (flags[key] === undefined ? [] : [`${flag}=${flags[key]}`]));
}

function camelCase(flag: string): string {
  return flag.replace(/^--/, '').replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Command } from 'commander';
import { createProgram } from '../../src/cli/program.ts';
import type { Shell } from '../../src/cli/shell.ts';
import { SETTINGS } from '../../src/config.ts';

const reference = readFileSync(new URL('../../docs/CLI.md', import.meta.url), 'utf8');
const program = createProgram({ host: { settings: SETTINGS } } as unknown as Shell);

/** The commands that do something, with their words: `env set`. */
function leaves(command: Command, words: readonly string[] = []): [string, Command][] {
  if (command.commands.length === 0) return [[words.join(' '), command]];
  return command.commands.flatMap((child) => leaves(child, [...words, child.name()]));
}

test('every command has its place in docs/CLI.md, and every flag of it stands there', () => {
  const commands = leaves(program);
  assert.ok(commands.length > 20);
  for (const [words, command] of commands) {
    const [verb, noun] = words.split(' ');
    const heading = new RegExp(`^### \`mayfly ${verb}\\b.*${noun ?? ''}`, 'm');
    assert.match(reference, heading, `mayfly ${words} has no heading`);
    for (const alias of command.aliases()) assert.match(reference, new RegExp(`\`${alias}\``));
    for (const option of command.options) {
      for (const flag of [option.short, option.long]) {
        if (flag) assert.ok(mentions(flag), `mayfly ${words} ${flag} is not in docs/CLI.md`);
      }
    }
  }
});

test('every variable of a setting stands there', () => {
  for (const { variable, flag } of SETTINGS) {
    assert.ok(
      new RegExp(`\`${flag}\` *\\| \`${variable}\``).test(reference),
      `${flag} and ${variable} are not in docs/CLI.md`,
    );
  }
});

test('it speaks of no flag that is not there', () => {
  const known = new Set(['--help', '--version']);
  for (const [, command] of leaves(program))
    for (const option of command.options) known.add(option.long ?? '');
  for (const [flag] of reference.matchAll(/--[a-z][a-z-]*/g))
    assert.ok(known.has(flag), `${flag} does not exist`);
});

function mentions(flag: string): boolean {
  return new RegExp(`(^|[^\\w-])${flag}(?![\\w-])`, 'm').test(reference);
}

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { MayflyError } from '../../domain/errors.ts';
import { namedApp } from '../app-name.ts';
import { CI_SYSTEMS } from '../ci-workflows.ts';
import { usageError } from '../errors.ts';
import { type AppOptions, type OutputOptions, withApp, withOutput } from '../options.ts';
import { Printer } from '../printer.ts';
import type { Shell } from '../shell.ts';

interface CiInitOptions extends OutputOptions, AppOptions {
  readonly branch: string;
  readonly force?: boolean;
}

/** A branch as it may stand in a generated file: no quote, blank or anything else that would end a string there. */
const BRANCH = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/;

/** `mayfly ci init [github|gitlab]`: writes the workflow that deploys from there. */
export function registerCi(program: Command, shell: Shell): void {
  const group = program.command('ci').summary('deploy from GitHub Actions or GitLab CI');
  const command = group
    .command('init')
    .argument('[system]', 'github (default) or gitlab', 'github')
    .option('--branch <branch>', 'the branch that goes to production', 'main')
    .option('--force', 'overwrite the workflow that is there')
    .summary('write a workflow that tests, deploys and makes previews');
  withOutput(withApp(command)).action(async (name: string, options: CiInitOptions) => {
    const system = Object.hasOwn(CI_SYSTEMS, name) ? CI_SYSTEMS[name] : undefined;
    if (system === undefined) throw usageError(`"${name}" is none of ${Object.keys(CI_SYSTEMS).join(', ')}.`);
    if (!BRANCH.test(options.branch)) throw usageError(`"${options.branch}" cannot be the name of a branch.`);
    const app = await namedApp(shell, options);
    if (app === null) throw usageError('There is no app in this folder; run it there, or give --app.');
    const file = path.join(shell.cwd, system.file);
    if (existsSync(file) && options.force !== true)
      throw new MayflyError('CONFLICT', `${system.file} is there already; --force overwrites it.`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, system.render({ app, branch: options.branch }));
    new Printer(shell, options).document({ app, system: name, file }, () =>
      [
        `Wrote ${system.file}. Next:`,
        `  1. mayfly token create ci --role deploy --app ${app}`,
        `  2. ${system.secrets}: MAYFLY_URL and MAYFLY_TOKEN`,
        '  3. commit and push it',
      ].join('\n'),
    );
  });
}

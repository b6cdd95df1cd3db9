import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { MayflyError } from '../../domain/errors.ts';
import { nearestWord } from '../../kit/edit-distance.ts';
import { usageError } from '../errors.ts';
import { type OutputOptions, withOutput } from '../options.ts';
import { packageRoot } from '../package-root.ts';
import { Printer } from '../printer.ts';
import type { Shell } from '../shell.ts';

interface InitOptions extends OutputOptions {
  readonly template?: string;
}

const TEMPLATE_DEFAULT = 'hello';
/** npm leaves `.gitignore` out of a package, so a template carries it under this name. */
const GITIGNORE_IN_PACKAGE = 'gitignore';

/** `mayfly init`: a new app from a template, ready to run. */
export function registerInit(program: Command, shell: Shell): void {
  const command = program
    .command('init')
    .argument('[words...]', '[TEMPLATE] [DIR]: the folder to make, by default named as the template')
    .option('--template <template>', `one of ${templates().join(', ')} (default ${TEMPLATE_DEFAULT})`)
    .summary('make a new app from a template');
  withOutput(command).action((words: string[], options: InitOptions) => {
    const printer = new Printer(shell, options);
    const { template, dir } = choiceOf(words, options.template);
    const target = path.resolve(shell.cwd, dir);
    copyTemplate(template, target);
    printer.document({ template, dir: target, files: filesIn(target) }, () =>
      [
        `Made ${dir} from the template "${template}". Next:`,
        ...(target === shell.cwd ? [] : [`  cd ${dir}`]),
        '  mayfly dev',
      ].join('\n'),
    );
  });
}

/** A first word that names a template is one; any other is the folder. @throws MayflyError USAGE */
function choiceOf(words: readonly string[], flag: string | undefined): { template: string; dir: string } {
  const known = templates();
  const [first, second, ...more] = words;
  if (more.length > 0) throw usageError('Give at most a template and a folder.');
  if (flag !== undefined) {
    if (!known.includes(flag)) throw unknownTemplate(flag, known);
    if (second !== undefined) throw usageError('With --template, give only the folder.');
    return { template: flag, dir: first ?? flag };
  }
  if (first === undefined) return { template: TEMPLATE_DEFAULT, dir: TEMPLATE_DEFAULT };
  if (known.includes(first)) return { template: first, dir: second ?? first };
  if (second !== undefined) throw unknownTemplate(first, known);
  return { template: TEMPLATE_DEFAULT, dir: first };
}

function unknownTemplate(name: string, known: readonly string[]): MayflyError {
  const nearest = nearestWord(name, known);
  const advice = nearest === null ? `Templates: ${known.join(', ')}.` : `Did you mean "${nearest}"?`;
  return usageError(`There is no template "${name}". ${advice}`);
}

/** @throws MayflyError CONFLICT when something is there already */
function copyTemplate(template: string, target: string): void {
  if (existsSync(target) && readdirSync(target).length > 0) {
    throw new MayflyError('CONFLICT', `${target} is not empty; choose another folder.`);
  }
  mkdirSync(target, { recursive: true });
  const source = path.join(templatesDir(), template);
  for (const entry of readdirSync(source)) {
    const name = entry === GITIGNORE_IN_PACKAGE ? '.gitignore' : entry;
    cpSync(path.join(source, entry), path.join(target, name), { recursive: true });
  }
}

function templatesDir(): string {
  return path.join(packageRoot(), 'templates');
}

function templates(): string[] {
  return readdirSync(templatesDir(), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function filesIn(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)))
    .sort();
}

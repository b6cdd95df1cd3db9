import path from 'node:path';
import type { Command } from 'commander';
import { buildNotices } from '../finding-text.ts';
import { formatSize, plural } from '../format.ts';
import { type OutputOptions, withOutput } from '../options.ts';
import { Printer } from '../printer.ts';
import { type ProjectFlags, projectOptionsOf, withProject } from '../project-options.ts';
import type { Shell } from '../shell.ts';

interface BuildCommandOptions extends OutputOptions, ProjectFlags {
  readonly output: string;
}

/** `mayfly build [DIR] --output FILE`: builds a folder into one file and deploys nothing. */
export function registerBuild(program: Command, shell: Shell): void {
  const command = program
    .command('build')
    .argument('[dir]', 'folder of the app, by default the current one')
    .requiredOption('-o, --output <file>', 'the file to write')
    .summary('build a folder into one file, without a node');
  withProject(withOutput(command)).action(async (dir: string | undefined, options: BuildCommandOptions) => {
    const printer = new Printer(shell, options);
    const [{ loadApp }, { buildApp }, { writeBuiltApp }, { formatProblem }] = await Promise.all([
      import('../../build/app-loader.ts'),
      import('../../build/app-builder.ts'),
      import('../../build/built-app-file.ts'),
      import('../../build/problem.ts'),
    ]);
    const app = await loadApp(path.resolve(shell.cwd, dir ?? '.'), projectOptionsOf(shell, options));
    const built = await buildApp(app, { signal: shell.signal });
    const output = path.resolve(shell.cwd, options.output);
    await writeBuiltApp(built, output);
    for (const line of buildNotices(built, formatProblem)) printer.notice(line);
    const bytes = [...built.blobs.values()].reduce((sum, blob) => sum + blob.bytes, 0);
    const answer = { app: app.name, functions: built.manifest.functions.length, bytes, output };
    printer.document(
      answer,
      () => `Built ${plural(answer.functions, 'function')} of ${app.name} (${formatSize(bytes)}).`,
    );
  });
}

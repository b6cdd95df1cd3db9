import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { MayflyError } from '../../domain/errors.ts';
import { shortFindings } from '../finding-text.ts';
import { plural } from '../format.ts';
import { type OutputOptions, withOutput } from '../options.ts';
import { Printer } from '../printer.ts';
import { type ProjectFlags, projectOptionsOf, withProject } from '../project-options.ts';
import type { Shell } from '../shell.ts';

interface ImportOptions extends OutputOptions, ProjectFlags {
  readonly force?: boolean;
  readonly stdout?: boolean;
}

const TARGET = 'mayfly.yaml';

/** `mayfly import [DIR]`: writes the `mayfly.yaml` that is equal to another tool's project file. */
export function registerImport(program: Command, shell: Shell): void {
  const command = program
    .command('import')
    .argument('[dir]', 'folder of the app, by default the current one')
    .option('--force', 'replace a mayfly.yaml that is there')
    .option('--stdout', 'print it and write nothing')
    .summary("write the mayfly.yaml that equals another tool's project file");
  withProject(withOutput(command)).action(async (dir: string | undefined, options: ImportOptions) => {
    const printer = new Printer(shell, options);
    const { importProject } = await import('../../build/project-import.ts');
    const folder = path.resolve(shell.cwd, dir ?? '.');
    const { app, yaml } = await importProject(folder, projectOptionsOf(shell, options));
    const file = path.join(folder, TARGET);
    const writes = options.stdout !== true;
    if (writes && existsSync(file) && options.force !== true) {
      throw new MayflyError('CONFLICT', `${file} is there already; --force replaces it.`);
    }
    if (writes) writeFileSync(file, yaml);
    for (const line of shortFindings(app.findings)) printer.notice(line);
    const answer = {
      app: app.name,
      project: app.project,
      file: writes ? file : null,
      findings: app.findings,
    };
    printer.document({ ...answer, ...(writes ? {} : { yaml }) }, () =>
      writes
        ? `Wrote ${TARGET} with ${plural(app.functions.length, 'function')}, from ${path.basename(app.configFile ?? '')}.`
        : yaml.trimEnd(),
    );
  });
}

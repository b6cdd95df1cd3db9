import path from 'node:path';
import type { Command } from 'commander';
import { deployBuild } from '../deployment.ts';
import { formatMs, formatSize, plural } from '../format.ts';
import { connect } from '../node-location.ts';
import {
  type EnvironmentOptions,
  environmentOf,
  type NodeOptions,
  type OutputOptions,
  withEnvironment,
  withNode,
  withOutput,
} from '../options.ts';
import { Printer } from '../printer.ts';
import type { Progress } from '../progress.ts';
import { routeTable } from '../route-table.ts';
import type { Shell } from '../shell.ts';

interface DeployOptions extends NodeOptions, OutputOptions, EnvironmentOptions {
  readonly message?: string;
}

/** `mayfly deploy [DIR]`: builds a folder here and makes it live on a node, all of it at once. */
export function registerDeploy(program: Command, shell: Shell): void {
  const command = program
    .command('deploy')
    .argument('[dir]', 'folder of the app, by default the current one')
    .option('-m, --message <text>', 'what this release is, for "mayfly releases list"')
    .summary('build a folder and make it live on a node');
  withOutput(withNode(withEnvironment(command))).action(
    async (dir: string | undefined, options: DeployOptions) => {
      const printer = new Printer(shell, options);
      const progress = printer.progress('Building');
      try {
        await deploy(shell, path.resolve(shell.cwd, dir ?? '.'), options, printer, progress);
      } catch (error) {
        progress.done();
        throw error;
      }
    },
  );
}

async function deploy(
  shell: Shell,
  dir: string,
  options: DeployOptions,
  printer: Printer,
  progress: Progress,
): Promise<void> {
  const environment = environmentOf(shell, options);
  const client = connect(shell, options, dir);
  const started = performance.now();
  const [{ loadApp }, { buildApp }, { formatProblem }] = await Promise.all([
    import('../../build/app-loader.ts'),
    import('../../build/app-builder.ts'),
    import('../../build/problem.ts'),
  ]);
  const built = await buildApp(await loadApp(dir), { signal: shell.signal });
  progress.update('Deploying');
  const answer = await deployBuild(client, built, {
    environment,
    ...(options.message === undefined ? {} : { message: options.message }),
    onUpload: (blobs, bytes) => progress.update(`Uploading ${plural(blobs, 'file')} (${formatSize(bytes)})`),
  });
  progress.done();
  for (const warning of built.warnings) printer.notice(`warning: ${formatProblem(warning)}`);
  printer.document(answer, () =>
    [
      routeTable(answer, built.manifest, printer.paint),
      '',
      `Release ${answer.release} of ${answer.app} is live in ${answer.environment} (${formatMs(performance.now() - started)}).`,
    ].join('\n'),
  );
}

import path from 'node:path';
import type { Command } from 'commander';
import type { BuiltApp } from '../../build/built-app.ts';
import type { ProjectOptions } from '../../build/projects/foreign-project.ts';
import type { DeployAnswer, DeployRequest } from '../../contract/release-api.ts';
import { formatPercent } from '../../kit/quantity.ts';
import { DeployReport } from '../deploy-report.ts';
import { checkTarget, type TargetOptions, targetOf } from '../deploy-target.ts';
import { deployBuild } from '../deployment.ts';
import { usageError } from '../errors.ts';
import { buildNotices } from '../finding-text.ts';
import { formatMs, formatSize, plural } from '../format.ts';
import { connect } from '../node-location.ts';
import { type NodeOptions, type OutputOptions, withEnvironment, withNode, withOutput } from '../options.ts';
import { Printer } from '../printer.ts';
import { type ProjectFlags, projectOptionsOf, withProject } from '../project-options.ts';
import { routeTable } from '../route-table.ts';
import type { Shell } from '../shell.ts';
import { waitingText } from '../trigger-text.ts';

interface DeployOptions extends NodeOptions, OutputOptions, TargetOptions, ProjectFlags {
  readonly events?: boolean;
}

/** `mayfly deploy [DIR]`: builds a folder here and makes it live on a node, all of it at once. */
export function registerDeploy(program: Command, shell: Shell): void {
  const command = program
    .command('deploy')
    .argument('[dir]', 'folder of the app, by default the current one')
    .option('-m, --message <text>', 'what this release is, for "mayfly releases list"')
    .option('--preview [name]', "into a preview, by default one named after the folder's Git branch")
    .option('--no-activate', 'check and keep the release, but let it serve nobody')
    .option(
      '--canary [steps]',
      'for a share of the clients first: 10%, "5% 10m, 100%", by default as configured',
    )
    .option('--allow-destroy', 'lose the resources that the release no longer names')
    .option('--events', 'print a JSON line for each step on stdout')
    .summary('build a folder and make it live on a node');
  withProject(withOutput(withNode(withEnvironment(command)))).action(
    (dir: string | undefined, options: DeployOptions) =>
      deploy(shell, path.resolve(shell.cwd, dir ?? '.'), options),
  );
}

async function deploy(shell: Shell, dir: string, options: DeployOptions): Promise<void> {
  if (options.json === true && options.events === true) {
    throw usageError('--json and --events exclude each other: one document, or a line an event.');
  }
  checkTarget(shell, options);
  const project = projectOptionsOf(shell, options);
  const events = options.events === true;
  const printer = new Printer(shell, { json: options.json === true || events });
  const client = connect(shell, options, dir);
  const started = performance.now();
  const report = new DeployReport(printer, events);
  let takenOver = false;
  try {
    const { built, notices } = await build(shell, dir, project);
    const request = await targetOf(shell, dir, options, built.manifest);
    const answer = await deployBuild(client, built, {
      ...request,
      onUpload: (blobs, bytes) =>
        report.own('upload', `Uploading ${plural(blobs, 'file')} (${formatSize(bytes)})`),
      onTakenOver: () => {
        takenOver = true;
      },
      onStage: (event) => report.stage(event),
    });
    report.settle();
    const waiting = waitingText(answer.functions);
    for (const line of [...notices, ...(waiting === null ? [] : [waiting])]) printer.notice(line);
    report.done(answer, () =>
      [
        routeTable(answer, built.manifest, printer.paint),
        '',
        `${outcomeOf(answer, request, built)} (${formatMs(performance.now() - started)}).`,
      ].join('\n'),
    );
  } catch (error) {
    if (shell.signal.aborted) {
      report.settle();
      if (takenOver) {
        printer.notice(
          'The node has taken over and goes on with it; "mayfly releases list" shows what came of it.',
        );
      }
    } else {
      report.failed(error);
    }
    throw error;
  }
}

async function build(
  shell: Shell,
  dir: string,
  project: ProjectOptions,
): Promise<{ built: BuiltApp; notices: string[] }> {
  const [{ loadApp }, { buildApp }, { formatProblem }] = await Promise.all([
    import('../../build/app-loader.ts'),
    import('../../build/app-builder.ts'),
    import('../../build/problem.ts'),
  ]);
  const built = await buildApp(await loadApp(dir, project), { signal: shell.signal });
  return { built, notices: buildNotices(built, formatProblem) };
}

function outcomeOf(
  answer: DeployAnswer,
  request: { canary?: DeployRequest['canary'] },
  built: BuiltApp,
): string {
  const { app, release, environment, state } = answer;
  const head = `Release ${release} of ${app}`;
  if (state === 'inactive') {
    return `${head} is kept and serves nobody; "mayfly promote ${release} --env ${environment}" makes it live`;
  }
  const weight = (request.canary ?? built.manifest.canary)?.steps[0]?.weight;
  if (state === 'canary' && weight !== undefined) {
    return `${head} serves ${formatPercent(weight)} of the clients in ${environment}; "mayfly canary status" follows it`;
  }
  return `${head} is live in ${environment}`;
}

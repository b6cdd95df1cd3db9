import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import type { IncrementalBuilder } from '../../build/incremental-builder.ts';
import type { LogLine } from '../../contract/control-api.ts';
import { MayflyError } from '../../domain/errors.ts';
import type { ApiClient } from '../api-client.ts';
import { type ChildNode, startChildNode } from '../child-node.ts';
import { usageError } from '../errors.ts';
import { LiveApp } from '../live-app.ts';
import { followLogs } from '../log-follow.ts';
import { logText } from '../log-text.ts';
import { nodeFlagsOf, withNodeFlags } from '../node-flags.ts';
import type { NodeFlags } from '../node-host.ts';
import { connectOwn, LOCAL_DATA_DIR } from '../node-location.ts';
import {
  type EnvironmentOptions,
  environmentOf,
  type OutputOptions,
  withEnvironment,
  withOutput,
} from '../options.ts';
import { possibleIsolation } from '../possible-isolation.ts';
import { Printer } from '../printer.ts';
import { type ProjectFlags, projectOptionsOf, withProject } from '../project-options.ts';
import type { Shell } from '../shell.ts';
import { watchSources } from '../source-watch.ts';

/** `mayfly dev [DIR]`: a node, the app deployed to it, deployed again at every save, and its log. */
export function registerDev(program: Command, shell: Shell): void {
  const command = program
    .command('dev')
    .argument('[dir]', 'folder of the app, by default the current one')
    .summary('run a folder locally: save a file and it is live');
  withNodeFlags(withProject(withOutput(withEnvironment(command))), shell.host.settings).action(
    async (dir: string | undefined, options: OutputOptions & EnvironmentOptions & ProjectFlags) => {
      const environment = environmentOf(shell, options);
      const appDir = await folderOf(path.resolve(shell.cwd, dir ?? '.'));
      const printer = new Printer(shell, options);
      const { createIncrementalBuilder } = await import('../../build/incremental-builder.ts');
      const builder = createIncrementalBuilder(appDir, projectOptionsOf(shell, options));
      try {
        const node = await startNode(shell, appDir, nodeFlagsOf(options, shell.host.settings), printer);
        try {
          await develop(shell, { appDir, environment, printer, builder, node });
        } finally {
          await node.stop();
        }
      } finally {
        await builder.close();
      }
    },
  );
}

interface Development {
  readonly appDir: string;
  readonly environment: string;
  readonly printer: Printer;
  readonly builder: IncrementalBuilder;
  readonly node: ChildNode;
}

/** Runs until Ctrl-C or until the node is gone; always by throwing. */
async function develop(
  shell: Shell,
  { appDir, environment, printer, builder, node }: Development,
): Promise<never> {
  const client = connectOwn(shell, node.data);
  const live = new LiveApp({ builder, client, environment, printer, signal: shell.signal });
  const startedAt = Date.now();
  // Watched before it is built: a save in between must not be lost.
  const changes = Promise.withResolvers<never>();
  const watch = await watchSources(appDir, (changed) => live.update(changed).catch(changes.reject));
  live.onSources = watch.add;
  try {
    await live.update();
    const gone = node.exited.then(() => {
      shell.signal.throwIfAborted();
      throw new MayflyError('NODE_UNREACHABLE', 'The node has ended by itself; its last words stand above.');
    });
    return await Promise.race([gone, changes.promise, printLogs(shell, client, printer, startedAt)]);
  } finally {
    await watch.close();
    client.close();
  }
}

/** The node serves this folder only, so all it logs is of interest. */
async function printLogs(shell: Shell, client: ApiClient, printer: Printer, since: number): Promise<never> {
  const print = (line: LogLine) =>
    printer.record({ event: 'log', ...line }, () => logText(line, printer.paint));
  for await (const line of followLogs(client, { since }, shell.signal, () => {})) print(line);
  throw shell.signal.reason;
}

async function startNode(
  shell: Shell,
  appDir: string,
  typed: NodeFlags,
  printer: Printer,
): Promise<ChildNode> {
  const data = path.resolve(
    shell.cwd,
    typed.data ?? (shell.env.MAYFLY_DATA || path.join(appDir, LOCAL_DATA_DIR)),
  );
  const isolation = await possibleIsolation(shell, typed, printer);
  const progress = printer.progress('Starting a node');
  try {
    return await startChildNode(shell, { ...typed, data, isolation });
  } finally {
    progress.done();
  }
}

async function folderOf(dir: string): Promise<string> {
  try {
    return await realpath(dir);
  } catch {
    throw usageError(`The folder ${dir} does not exist.`);
  }
}

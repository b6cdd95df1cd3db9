import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import type { UsageReport } from '../../contract/control-api.ts';
import { MayflyError } from '../../domain/errors.ts';
import { type ApiClient, apiPath } from '../api-client.ts';
import { type ChildNode, startChildNode } from '../child-node.ts';
import { makeLive } from '../deployment.ts';
import { formatMs } from '../format.ts';
import { isPortFree } from '../free-port.ts';
import { nodeFlagsOf, withNodeFlags } from '../node-flags.ts';
import type { NodeFlags } from '../node-host.ts';
import { connectOwn, LOCAL_DATA_DIR, readRunningNode } from '../node-location.ts';
import { type OutputOptions, withOutput } from '../options.ts';
import { packageRoot } from '../package-root.ts';
import { possibleIsolation } from '../possible-isolation.ts';
import { Printer } from '../printer.ts';
import { type DrivenCall, driveAll } from '../quickstart-drive.ts';
import { routeTable } from '../route-table.ts';
import type { Shell } from '../shell.ts';
import { renderTable } from '../table.ts';
import { usageText } from '../usage-text.ts';

interface QuickstartOptions extends OutputOptions {
  readonly exit?: boolean;
}

/** `mayfly quickstart`: a node, an app of five functions, a call of each, the bill. */
export function registerQuickstart(program: Command, shell: Shell): void {
  const command = withOutput(
    program
      .command('quickstart')
      .summary('start a node, deploy an example app, call it, and show timings and the bill'),
  ).option('--exit', 'stop when all is shown, instead of staying up until Ctrl-C');
  withNodeFlags(command, shell.host.settings).action(async (options: QuickstartOptions) => {
    const printer = new Printer(shell, options);
    const appDir = exampleDir();
    const place = await placeOf(shell, nodeFlagsOf(options, shell.host.settings));
    try {
      const isolation = await possibleIsolation(shell, place.flags, printer);
      const node = await startChildNode(shell, { ...place.flags, isolation });
      try {
        await present(shell, printer, { node, appDir, exit: options.exit === true });
      } finally {
        await node.stop();
      }
    } finally {
      await place.remove();
    }
  });
}

interface Presentation {
  readonly node: ChildNode;
  readonly appDir: string;
  readonly exit: boolean;
}

async function present(shell: Shell, printer: Printer, { node, appDir, exit }: Presentation): Promise<void> {
  printer.notice(`Node ready: gateway ${node.gateway}, control ${node.control}, data ${node.data}`);
  const client = connectOwn(shell, node.data);
  const from = Date.now();
  const deployment = await deployExample(shell, printer, client, appDir);
  printer.notice('Calling every function …');
  const calls = await driveAll({ client, gatewayUrl: node.gateway, appDir, signal: shell.signal });
  const usage = await client.post<UsageReport>(apiPath('usage', 'report'), {
    by: 'function',
    app: 'quickstart',
    from,
  });
  printer.document(
    { node: { gateway: node.gateway, control: node.control, data: node.data }, deployment, calls, usage },
    () => [callTable(calls), '', usageText(usage, 'function', printer.paint)].join('\n'),
  );
  client.close();
  const failed = calls.filter((call) => !call.ok);
  if (failed.length > 0) {
    throw new MayflyError(
      'INTERNAL',
      `These calls did not do what they should: ${failed.map((call) => call.function).join(', ')}.`,
    );
  }
  if (exit) return;
  printer.notice(`The node stays up: try "mayfly logs -f --data ${node.data}". Ctrl-C stops it.`);
  if (!shell.signal.aborted) await Promise.race([once(shell.signal, 'abort'), node.exited]);
  shell.signal.throwIfAborted();
  throw new MayflyError('NODE_UNREACHABLE', 'The node has ended by itself; its last words stand above.');
}

/** @throws MayflyError NOT_FOUND: the published package comes without the photograph, the book and sharp */
function exampleDir(): string {
  const dir = path.join(packageRoot(), 'examples', 'quickstart');
  if (existsSync(dir)) return dir;
  throw new MayflyError('NOT_FOUND', "The quickstart is a part of Mayfly's repository, not of this package.");
}

async function deployExample(shell: Shell, printer: Printer, client: ApiClient, appDir: string) {
  const started = performance.now();
  const [{ loadApp }, { buildApp }] = await Promise.all([
    import('../../build/app-loader.ts'),
    import('../../build/app-builder.ts'),
  ]);
  const progress = printer.progress('Building and deploying examples/quickstart');
  try {
    const built = await buildApp(await loadApp(appDir), { signal: shell.signal });
    const answer = await makeLive(client, built, { environment: 'production', message: 'quickstart' });
    progress.done(`Deployed release ${answer.release} in ${formatMs(performance.now() - started)}:`);
    printer.notice(`${routeTable(answer, built.manifest, printer.paint)}\n`);
    return answer;
  } catch (error) {
    progress.done();
    throw error;
  }
}

function callTable(calls: readonly DrivenCall[]): string {
  return renderTable(
    [
      { title: 'function' },
      { title: 'cold', align: 'right' },
      { title: 'warm', align: 'right' },
      { title: 'result' },
    ],
    calls.map((call) => [
      call.function,
      formatMs(call.coldMs),
      formatMs(call.warmMs),
      call.ok ? call.proof : `FAILED: ${call.proof}`,
    ]),
  );
}

/** The folder's own data, unless a node runs on it already: then a temporary one, removed at the end. */
async function placeOf(
  shell: Shell,
  typed: NodeFlags,
): Promise<{ flags: NodeFlags; remove(): Promise<void> }> {
  const flags: Record<string, string | undefined> = { ...typed };
  for (const [key, variable, port] of [
    ['gatewayPort', 'MAYFLY_GATEWAY_PORT', 8080],
    ['controlPort', 'MAYFLY_CONTROL_PORT', 8090],
    ['edgePort', 'MAYFLY_EDGE_PORT', 4566],
  ] as const) {
    if (flags[key] !== undefined || shell.env[variable]) continue;
    flags[key] = (await isPortFree('127.0.0.1', port)) ? String(port) : '0';
  }
  if (flags.data !== undefined || shell.env.MAYFLY_DATA) return { flags, remove: async () => {} };
  const local = path.join(shell.cwd, LOCAL_DATA_DIR);
  if (readRunningNode(local) === null) return { flags: { ...flags, data: local }, remove: async () => {} };
  const data = await mkdtemp(path.join(tmpdir(), 'mayfly-quickstart-'));
  return { flags: { ...flags, data }, remove: () => rm(data, { recursive: true, force: true }) };
}

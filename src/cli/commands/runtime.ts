import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { Runtime } from '../../contract/runtime-api.ts';
import { MayflyError } from '../../domain/errors.ts';
import { type ApiClient, apiPath } from '../api-client.ts';
import { formatMinute, formatSize } from '../format.ts';
import { connect } from '../node-location.ts';
import { type NodeOptions, type OutputOptions, withNode, withOutput } from '../options.ts';
import { Printer } from '../printer.ts';
import type { Shell } from '../shell.ts';
import { renderTable } from '../table.ts';

type Options = NodeOptions & OutputOptions;
interface AddOptions extends Options {
  readonly from?: string;
}

const COLUMNS = ['name', 'version', 'size', 'from', 'added', 'used by'].map((title) => ({ title }));
/** The node downloads 50 MB meanwhile and has nothing to say, ms. */
const SILENCE_MAX_MS = 1_200_000;
const FROM = {
  mayfly: 'Mayfly itself',
  machine: 'the machine',
  registry: 'npm registry',
  file: 'a file',
} as const;

/** `mayfly runtime add|list|remove`: what a node can run code on. */
export function registerRuntime(program: Command, shell: Shell): void {
  const group = program.command('runtime').summary('add, list and remove runtimes of a node');

  withOutput(
    withNode(
      group
        .command('add')
        .argument('<name>', 'such as nodejs22')
        .option('--from <file>', 'take it from its npm package, a .tgz, not from the registry')
        .summary('fetch a runtime, or its newest version; a deploy that needs one does it by itself'),
    ),
  ).action((name: string, options: AddOptions) => add(shell, name, options));

  withOutput(withNode(group.command('list').summary('list runtimes: which are here, and since when'))).action(
    async (options: Options) => {
      const list = await connect(shell, options).get<{ runtimes: Runtime[] }>(apiPath('runtimes'));
      new Printer(shell, options).document(list, () => renderTable(COLUMNS, list.runtimes.map(rowOf)));
    },
  );

  withOutput(
    withNode(group.command('remove').argument('<name>').summary('remove a runtime that nothing live uses')),
  ).action(async (name: string, options: Options) => {
    await connect(shell, options).delete(apiPath('runtimes', name));
    new Printer(shell, options).document({ name, removed: true }, () => `Removed ${name}.`);
  });
}

async function add(shell: Shell, name: string, options: AddOptions): Promise<void> {
  const client = connect(shell, options);
  const printer = new Printer(shell, options);
  const progress = printer.progress(`Adding ${name}`);
  try {
    const runtime = await (options.from === undefined
      ? fetched(client, name)
      : sent(client, name, path.resolve(shell.cwd, options.from)));
    progress.done();
    const text = `${name} is Node.js ${runtime.version}, ${formatSize(runtime.bytes)}.`;
    printer.document(runtime, () => text);
  } finally {
    progress.done();
  }
}

async function fetched(client: ApiClient, name: string): Promise<Runtime> {
  const request = {
    method: 'POST',
    path: apiPath('runtimes', name),
    answerTimeoutMs: SILENCE_MAX_MS,
  } as const;
  return (await json(await client.exchange(request))) as Runtime;
}

async function sent(client: ApiClient, name: string, file: string): Promise<Runtime> {
  const found = await stat(file).catch(() => null);
  if (found === null || !found.isFile()) throw new MayflyError('USAGE', `There is no file ${file}.`);
  const answer = await client.exchange({
    method: 'PUT',
    path: apiPath('runtimes', name, 'package'),
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(found.size) },
    body: createReadStream(file),
    answerTimeoutMs: SILENCE_MAX_MS,
  });
  return (await json(answer)) as Runtime;
}

function rowOf({ name, version, bytes, from, addedAt, usedBy }: Runtime): string[] {
  return [
    name,
    version ?? 'not here',
    bytes === 0 ? '' : formatSize(bytes),
    from === null ? '' : FROM[from],
    addedAt === null ? '' : formatMinute(addedAt),
    usedBy.join(', '),
  ];
}

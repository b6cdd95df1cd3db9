import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { openDatabase } from '../../src/adapters/sqlite/database.ts';
import { SqliteLambdaStore } from '../../src/adapters/sqlite/lambda-store.ts';
import { type RunningNode, startNode } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import { MayflyProcess } from '../cli/mayfly-process.ts';
import { zipFiles } from './zip-file.ts';

const Role = 'arn:aws:iam::000000000000:role/any';
const codeOf = (n: number) => zipFiles({ 'index.js': `exports.handler = async () => ${n};` });

/** Runs a node on the folder, gives a client of it, and closes both. */
async function onNode<T>(
  data: string,
  act: (client: LambdaClient, node: RunningNode) => Promise<T>,
): Promise<T> {
  const flags = {
    data,
    gatewayPort: '0',
    controlPort: '0',
    edgePort: '0',
    isolation: 'process',
    drainTimeoutMs: '2s',
  };
  const node = await startNode(loadConfig(flags, {}));
  const words = ['credentials', '--data', data, '--json'];
  const { stdout } = await new MayflyProcess(words, { cwd: tmpdir(), stdin: '' }).ended;
  const variables = JSON.parse(stdout) as Record<string, string>;
  const client = new LambdaClient({
    endpoint: variables.AWS_ENDPOINT_URL!,
    region: variables.AWS_REGION!,
    credentials: {
      accessKeyId: variables.AWS_ACCESS_KEY_ID!,
      secretAccessKey: variables.AWS_SECRET_ACCESS_KEY!,
    },
    maxAttempts: 1,
  });
  try {
    return await act(client, node);
  } finally {
    client.destroy();
    await node.close();
  }
}

it('what a node left half done when it ended is finished or undone by the next', async () => {
  const data = await mkdtemp(join(tmpdir(), 'mayfly-lambda-recovery-'));
  try {
    const create = (client: LambdaClient, FunctionName: string) =>
      client.send(
        new CreateFunctionCommand({
          FunctionName,
          Role,
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Code: { ZipFile: codeOf(1) },
        }),
      );
    await onNode(data, async (client) => {
      for (const name of ['changed', 'made', 'removed', 'published']) await create(client, name);
      await client.send(new PublishVersionCommand({ FunctionName: 'published' }));
    });

    const database = openDatabase(join(data, 'mayfly.db'));
    const store = new SqliteLambdaStore(database);
    const before = await store.getVersion('changed', 0);
    await database.destroy();
    await onNode(data, (client) =>
      client.send(new UpdateFunctionCodeCommand({ FunctionName: 'changed', ZipFile: codeOf(2) })),
    );
    const torn = openDatabase(join(data, 'mayfly.db'));
    const half = new SqliteLambdaStore(torn);
    // The release of the update was activated, its record was not saved; and so on.
    await half.saveVersion(before!);
    await half.setFunctionState('made', 'creating');
    await half.setFunctionState('removed', 'deleting');
    await half.removeVersion('published', 1);
    await torn.destroy();

    await onNode(data, async (client, node) => {
      const listed = await client.send(new ListFunctionsCommand({ FunctionVersion: 'ALL' }));
      assert.deepEqual(
        listed.Functions?.map(({ FunctionName, Version }) => `${FunctionName} ${Version}`),
        ['changed $LATEST', 'published $LATEST'],
      );
      const { Payload } = await client.send(new InvokeCommand({ FunctionName: 'changed' }));
      assert.equal(Payload?.transformToString(), '1');
      const removed = client.send(new InvokeCommand({ FunctionName: 'published', Qualifier: '1' }));
      await assert.rejects(removed, { name: 'ResourceNotFoundException' });
      await create(client, 'made');
      assert.match(node.edgeUrl, /^http:/);
    });
  } finally {
    await rm(data, { recursive: true, force: true });
  }
});

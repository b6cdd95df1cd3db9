import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import type { Status } from '../../src/contract/control-api.ts';
import type { Credentials } from '../../src/contract/credentials-api.ts';
import { makeNodeFolder, NodeProcess, removeNodeFolder } from '../harness/node-process.ts';
import { seededRandom } from '../harness/seeded-random.ts';
import { zipFiles } from './zip-file.ts';

const KILLS = 2;
const FunctionName = 'counted';
const codeOf = (n: number) => zipFiles({ 'index.js': `exports.handler = async () => ${n};` });

async function clientOf(node: NodeProcess): Promise<LambdaClient> {
  const headers = { authorization: `Bearer ${node.token}` };
  const told = async <T>(path: string): Promise<T> =>
    (await (await fetch(`${node.controlUrl}/v1/${path}`, { headers })).json()) as T;
  const { region, endpointUrl: endpoint, ...credentials } = await told<Credentials>('credentials');
  assert.equal((await told<Status>('status')).listeners.edge, endpoint);
  return new LambdaClient({ endpoint, region, credentials, maxAttempts: 1 });
}

it('what a node answered is there after it was killed, and what it did not is whole or not at all', async () => {
  const seed = Date.now() % 1_000_000;
  const random = seededRandom(seed);
  const folder = await makeNodeFolder();
  let node = await NodeProcess.start(folder, { isolation: 'process' });
  try {
    let client = await clientOf(node);
    const made = {
      FunctionName,
      Role: 'arn:aws:iam::000000000000:role/any',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
    } as const;
    await client.send(new CreateFunctionCommand({ ...made, Code: { ZipFile: codeOf(0) }, Publish: true }));
    let [tried, answered, version] = [0, 0, 1];
    for (let kill = 0; kill < KILLS; kill++) {
      const updating = (async () => {
        for (;;) {
          tried += 1;
          await client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: codeOf(tried) }));
          answered = tried;
          if (tried % 2 === 1) continue;
          version = Number((await client.send(new PublishVersionCommand({ FunctionName }))).Version);
        }
      })();
      updating.catch(() => {});
      await delay(50 + random() * 250);
      await node.stop('SIGKILL');
      await assert.rejects(updating);
      client.destroy();
      node = await NodeProcess.start(folder, { isolation: 'process' });
      client = await clientOf(node);
      const at = `seed ${seed}, kill ${kill}, tried ${tried}, answered ${answered}, version ${version}`;
      const resultOf = async (Qualifier: string) => {
        const { Payload } = await client.send(new InvokeCommand({ FunctionName, Qualifier }));
        return Number(Payload!.transformToString());
      };
      const now = await resultOf('$LATEST');
      assert.ok(now === answered || now === tried, `it is ${now}: ${at}`);
      const newest = Number((await client.send(new PublishVersionCommand({ FunctionName }))).Version);
      assert.equal(await resultOf(String(newest)), now, at);
      assert.ok(newest >= version && newest <= version + 2, `version ${newest}: ${at}`);
      for (const folderName of ['unpacking', 'blobs/incoming'])
        assert.deepEqual(readdirSync(join(node.data, folderName)), [], folderName);
      [tried, answered, version] = [now, now, newest];
    }
    client.destroy();
  } finally {
    await node.stop('SIGKILL');
    await removeNodeFolder(folder);
  }
});

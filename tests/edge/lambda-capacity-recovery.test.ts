import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { openFilesystemArtifacts } from '../../src/adapters/artifacts/filesystem-artifacts.ts';
import { ThreadUnpacker } from '../../src/adapters/zips/thread-unpacker.ts';
import { MayflyError } from '../../src/domain/errors.ts';
import type { LambdaStore } from '../../src/ports/lambda-store.ts';
import { eventually } from '../harness/test-node.ts';
import { type BareLambda, startBareLambda } from './bare-lambda.ts';
import { zipFiles } from './zip-file.ts';

/** A store on whose disk no record of a version finds room. */
function full(store: LambdaStore): LambdaStore {
  return new Proxy(store, {
    get: (target, name: keyof LambdaStore) =>
      name === 'saveVersion'
        ? () => Promise.reject(new MayflyError('STORAGE_FULL', 'No room.'))
        : (target[name] as () => unknown).bind(target),
  });
}

/** Most instances of each version that is served, and whether it is the release that the record names. */
async function servedBy({ plane, store }: BareLambda): Promise<[number | undefined, boolean][]> {
  const records = await store.listVersions('f');
  return records.map(({ version, release }) => {
    const live = plane.live.find('lambda-f', version === 0 ? 'latest' : `v${version}`);
    const { maxInstances } = live?.stable?.functions.get('f')?.limits ?? {};
    return [maxInstances, live?.record.traffic.stable === release];
  });
}

it('concurrency that was set, and could not be brought to the versions, is brought to them by the next node', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-lambda-capacity-'));
  const unpacker = new ThreadUnpacker(join(folder, 'unpacking'));
  const start = async (wrapStore?: (store: LambdaStore) => LambdaStore) => {
    const artifacts = openFilesystemArtifacts({ dataDir: folder, trees: 'copy' });
    const options = { path: join(folder, 'mayfly.db'), artifacts, unpacker };
    const lambda = await startBareLambda(wrapStore === undefined ? options : { ...options, wrapStore });
    const end = async (): Promise<void> => {
      await lambda.close();
      await artifacts.close();
    };
    return { lambda, end };
  };
  try {
    const first = await start();
    const settings = {
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/a',
    };
    const code = zipFiles({ 'index.js': 'exports.handler = async () => 1;' });
    const made = { FunctionName: 'f', Code: { ZipFile: '' }, Publish: true, ...settings };
    await first.lambda.call('CreateFunction', made, code);
    await first.end();

    const second = await start(full);
    const wanted = { FunctionName: 'f', ReservedConcurrentExecutions: 3 };
    await second.lambda.call('PutFunctionConcurrency', wanted);
    // Comes after what was begun in the background, and changes nothing: it is the version that there is.
    await second.lambda.call('PublishVersion', { FunctionName: 'f' });
    assert.deepEqual(await servedBy(second.lambda), [
      [1_000, true],
      [1_000, true],
    ]);
    await second.end();

    const third = await start();
    await eventually(async () =>
      (await servedBy(third.lambda)).every(([most, named]) => most === 3 && named),
    );
    assert.deepEqual(await third.lambda.call('GetFunctionConcurrency', { FunctionName: 'f' }), {
      ReservedConcurrentExecutions: 3,
    });
    await third.end();
  } finally {
    await unpacker.close();
    await rm(folder, { recursive: true, force: true });
  }
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import fc from 'fast-check';
import { ThreadUnpacker } from '../../src/adapters/zips/thread-unpacker.ts';
import type { LambdaStore } from '../../src/ports/lambda-store.ts';
import { MemoryArtifacts } from '../controlplane/memory-artifacts.ts';
import { type BareLambda, startBareLambda } from './bare-lambda.ts';
import { zipFiles } from './zip-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-lambda-revisions-'));
const unpacker = new ThreadUnpacker(join(folder, 'unpacking'));
after(async () => {
  await unpacker.close();
  rmSync(folder, { recursive: true, force: true });
});

const FunctionName = 'counted';
const Name = 'live';
const zips = [0, 1, 2].map((n) => zipFiles({ 'index.js': `exports.handler = async () => ${n};` }));
const ACTS = ['settings', 'code', 'published code', 'version', 'alias'] as const;
type Act = (typeof ACTS)[number];

/** A store whose answers come in an order that the scheduler decides. */
function scheduled(scheduler: fc.Scheduler, isOn: () => boolean): (store: LambdaStore) => LambdaStore {
  return (store) =>
    new Proxy(store, {
      get(target, name) {
        const method = Reflect.get(target, name) as (...given: unknown[]) => Promise<unknown>;
        return async (...given: unknown[]) => {
          if (isOn()) await scheduler.schedule(Promise.resolve(), String(name));
          return await method.apply(target, given);
        };
      },
    });
}

/** What the function and its alias count, told by their own settings. */
async function countsOf({ call }: BareLambda): Promise<{
  settings: number;
  revision: string;
  alias: number;
  aliasRevision: string;
  versions: string[];
}> {
  const { Environment, RevisionId } = await call('GetFunctionConfiguration', { FunctionName });
  const alias = await call('GetAlias', { FunctionName, Name });
  const { Versions } = await call('ListVersionsByFunction', { FunctionName });
  return {
    settings: Number((Environment as { Variables: { COUNT: string } }).Variables.COUNT),
    revision: RevisionId as string,
    alias: Number(alias.Description),
    aliasRevision: alias.RevisionId as string,
    versions: (Versions as { Version: string }[]).map(({ Version }) => Version),
  };
}

/** Reads, then changes what was read; false: somebody else was faster. Whatever else fails is a defect. */
async function tryTo(lambda: BareLambda, act: Act): Promise<boolean> {
  const { call } = lambda;
  const { settings, revision: RevisionId, alias, aliasRevision } = await countsOf(lambda);
  const zip = zips[settings % zips.length]!;
  const shared = { FunctionName, RevisionId };
  try {
    if (act === 'settings') {
      const Variables = { COUNT: String(settings + 1) };
      await call('UpdateFunctionConfiguration', { ...shared, Environment: { Variables } });
    } else if (act === 'alias') {
      const Description = String(alias + 1);
      await call('UpdateAlias', { FunctionName, Name, RevisionId: aliasRevision, Description });
    } else if (act === 'version') {
      await call('PublishVersion', shared);
    } else {
      await call('UpdateFunctionCode', { ...shared, ZipFile: '', Publish: act === 'published code' }, zip);
    }
    return true;
  } catch (thrown) {
    if ((thrown as Error).name !== 'PreconditionFailedException') throw thrown;
    return false;
  }
}

it('no change is lost between two clients that say which revision they change', async () => {
  const acts = fc.array(fc.constantFrom(...ACTS), { minLength: 1, maxLength: 5 });
  let refused = 0;
  const property = fc.asyncProperty(fc.scheduler(), acts, acts, async (scheduler, left, right) => {
    let isOn = false;
    const lambda = await startBareLambda({
      path: ':memory:',
      artifacts: new MemoryArtifacts(),
      unpacker,
      wrapStore: scheduled(scheduler, () => isOn),
    });
    try {
      const Environment = { Variables: { COUNT: '0' } };
      const made = { FunctionName, Runtime: 'nodejs24.x', Handler: 'index.handler', Environment };
      const Role = 'arn:aws:iam::000000000000:role/any';
      await lambda.call('CreateFunction', { ...made, Role, Code: { ZipFile: '' } }, zips[0]);
      await lambda.call('CreateAlias', {
        FunctionName,
        Name,
        FunctionVersion: '$LATEST',
        Description: '0',
      });
      const done = { settings: 0, alias: 0 };
      const client = async (plan: readonly Act[]) => {
        for (const act of plan) {
          if (!(await tryTo(lambda, act))) refused += 1;
          else if (act === 'settings' || act === 'alias') done[act] += 1;
        }
      };
      isOn = true;
      await scheduler.waitFor(Promise.all([client(left), client(right)]));
      isOn = false;
      const { settings, alias, versions } = await countsOf(lambda);
      assert.deepEqual({ settings, alias }, done);
      // One number after another, and each is served as its record says.
      assert.deepEqual(versions, ['$LATEST', ...versions.slice(1).map((_, index) => String(index + 1))]);
      for (const { version, release } of await lambda.store.listReleases()) {
        const environment = version === 0 ? 'latest' : `v${version}`;
        assert.equal(lambda.publisher.serving.get(`lambda-counted/${environment}`)?.release, release);
      }
    } finally {
      await lambda.close();
    }
  });
  const seed = Date.now() % 2 ** 31;
  try {
    await fc.assert(property, { numRuns: 40, seed });
  } catch (thrown) {
    throw new Error(`seed ${seed}`, { cause: thrown });
  }
  assert.ok(refused > 0, `they never met: seed ${seed}`);
});

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openFilesystemArtifacts } from '../../src/adapters/artifacts/filesystem-artifacts.ts';
import { ThreadUnpacker } from '../../src/adapters/zips/thread-unpacker.ts';
import { LAMBDA_CHECKPOINTS } from '../../src/protocols/aws/lambda/checkpoint.ts';
import { type BareLambda, startBareLambda } from './bare-lambda.ts';
import { zipFiles } from './zip-file.ts';

const root = mkdtempSync(join(tmpdir(), 'mayfly-lambda-crashes-'));
const codeOf = (n: number) => zipFiles({ 'index.js': `exports.handler = async () => ${n};` });
const FunctionName = 'f';
const live = { FunctionName, Name: 'live' };
const seen = new Set<string>();
let unpacker: ThreadUnpacker;
before(() => {
  unpacker = new ThreadUnpacker(join(root, 'unpacking'));
});
after(async () => {
  await unpacker.close();
  rmSync(root, { recursive: true, force: true });
});

interface Opened extends BareLambda {
  end(): Promise<void>;
}

/** The API on a folder, as a node begins on it. Its collector keeps nothing that is not in use. */
async function open(folder: string, checkpoint: (name: string) => void = () => {}): Promise<Opened> {
  // Everything is older than a grace time that ends in an hour.
  const artifacts = openFilesystemArtifacts({ dataDir: folder, trees: 'copy', graceMs: -3_600_000 });
  const lambda = await startBareLambda({ path: join(folder, 'mayfly.db'), artifacts, unpacker, checkpoint });
  const end = async (): Promise<void> => {
    await lambda.close();
    await artifacts.close();
  };
  return { ...lambda, end };
}

const create = ({ call }: Opened, name = FunctionName, extra: object = {}) =>
  call(
    'CreateFunction',
    {
      FunctionName: name,
      Role: 'arn:aws:iam::000000000000:role/any',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Code: { ZipFile: '' },
      ...extra,
    },
    codeOf(1),
  );
const update = ({ call }: Opened, extra: object = {}) =>
  call('UpdateFunctionCode', { FunctionName, ZipFile: '', ...extra }, codeOf(2));
const publish = ({ call }: Opened) => call('PublishVersion', { FunctionName });
const publishLayer = ({ call }: Opened, n: number) =>
  call('PublishLayerVersion', { LayerName: 'layer', Content: { ZipFile: '' } }, codeOf(n));

interface Scenario {
  readonly prepare: (opened: Opened) => Promise<unknown>;
  readonly act: (opened: Opened) => Promise<unknown>;
}

const published = async (opened: Opened) => {
  await create(opened, FunctionName, { Publish: true });
  await opened.call('CreateAlias', { ...live, FunctionVersion: '1' });
};

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a creation': { prepare: async () => {}, act: (opened) => create(opened) },
  'a creation with tags that is published': {
    prepare: (opened) => create(opened, 'another'),
    act: (opened) => create(opened, FunctionName, { Publish: true, Tags: { a: 'b' } }),
  },
  'an update of the code': { prepare: published, act: (opened) => update(opened) },
  'an update that is published': { prepare: published, act: (opened) => update(opened, { Publish: true }) },
  'an update of the configuration': {
    prepare: published,
    act: ({ call }) => call('UpdateFunctionConfiguration', { FunctionName, Timeout: 9, Description: 'new' }),
  },
  'a publication': {
    prepare: async (opened) => {
      await published(opened);
      await update(opened);
    },
    act: publish,
  },
  "an alias's creation": {
    prepare: published,
    act: ({ call }) => call('CreateAlias', { FunctionName, Name: 'other', FunctionVersion: '1' }),
  },
  "an alias's move": {
    prepare: async (opened) => {
      await published(opened);
      await update(opened, { Publish: true });
    },
    act: ({ call }) =>
      call('UpdateAlias', { ...live, RoutingConfig: { AdditionalVersionWeights: { 2: 0.5 } } }),
  },
  "an alias's removal": { prepare: published, act: ({ call }) => call('DeleteAlias', live) },
  "a version's removal": {
    prepare: async (opened) => {
      await published(opened);
      await update(opened, { Publish: true });
    },
    act: ({ call }) => call('DeleteFunction', { FunctionName, Qualifier: '2' }),
  },
  'a removal': { prepare: published, act: ({ call }) => call('DeleteFunction', { FunctionName }) },
  "a layer's publication": {
    prepare: (opened) => publishLayer(opened, 1),
    act: (opened) => publishLayer(opened, 2),
  },
};

/** What there is, without what differs from one time to the next. Checks on the way that what is served is what the records say. */
async function stateOf({ call, store, plane, publisher }: Opened): Promise<string> {
  const plain = ({ RevisionId: _r, LastModified: _m, CreatedDate: _c, ...rest }: Record<string, unknown>) =>
    rest;
  const listOf = async (operation: string, member: string, input: object = {}) =>
    ((await call(operation, input))[member] as Record<string, unknown>[]).map(plain);
  const functions = await store.listFunctions();
  const told: unknown[] = [await listOf('ListFunctions', 'Functions', { FunctionVersion: 'ALL' })];
  const served = new Map([...publisher.serving].map(([key, { release }]) => [key, release]));
  for (const { name, app, state } of functions) {
    assert.equal(state, 'active');
    told.push(await listOf('ListAliases', 'Aliases', { FunctionName: name }));
    told.push((await call('GetFunction', { FunctionName: name })).Tags);
    for (const { version, release } of await store.listVersions(name)) {
      const key = `${app}/${version === 0 ? 'latest' : `v${version}`}`;
      assert.equal(served.get(key), release, `${key} serves what its record says`);
      served.delete(key);
      const environment = plane.live.find(app, key.split('/')[1]!);
      assert.equal(environment?.stable?.functions.values().next().value?.limits.memoryMb, 128);
    }
  }
  assert.deepEqual([...served], [], 'nothing else is served');
  told.push(await listOf('ListLayerVersions', 'LayerVersions', { LayerName: 'layer' }));
  return JSON.stringify(told);
}

/** Nothing is kept that nobody needs, and everything that somebody needs is. */
async function assertTidy({ plane, releases, store, artifacts }: Opened, folder: string): Promise<void> {
  await plane.collector.collect();
  const named = (await releases.listArtifacts()).union(await store.listArtifacts());
  const kept = readdirSync(join(folder, 'artifacts')).map((file) => file.replace('.json', ''));
  assert.deepEqual(kept.sort(), [...named].sort());
  const files = await Promise.all([...named].map((artifact) => artifacts.listFiles(artifact)));
  const wanted = new Set(files.flat().map(({ sha256 }) => sha256));
  const blobs = readdirSync(join(folder, 'blobs'), { recursive: true, withFileTypes: true });
  const found = blobs.filter((entry) => entry.isFile()).map(({ name }) => name.slice(0, 64));
  assert.deepEqual(new Set(found), wanted);
}

describe('a node that ends at any moment of a change of a function', () => {
  for (const [scenario, { prepare, act }] of Object.entries(SCENARIOS)) {
    it(`${scenario}: the next one has it wholly or not at all, and leaves nothing over`, async () => {
      const home = mkdtempSync(join(root, 'scenario-'));
      const base = join(home, 'base');
      mkdirSync(base);
      const opened = await open(base, (name) => {
        if (!isActing) return;
        seen.add(name);
        // What a process that is killed here leaves behind: all that it wrote until now. Trees are made anew by every start.
        const image = join(home, `killed-${images.length}`);
        cpSync(base, image, { recursive: true, filter: (path) => path !== join(base, 'trees') });
        images.push({ name, image });
      });
      const images: { readonly name: string; readonly image: string }[] = [];
      let isActing = false;
      await prepare(opened);
      const old = await stateOf(opened);
      isActing = true;
      await act(opened);
      isActing = false;
      const done = await stateOf(opened);
      assert.notEqual(done, old);
      assert.ok(images.length > 0);
      await assertTidy(opened, base);
      await opened.end();
      for (const { name, image } of images) {
        const next = await open(image);
        try {
          const state = await stateOf(next);
          assert.ok(state === old || state === done, `${state}\nafter an end at ${name}`);
          await assertTidy(next, image);
          if (state === done) continue;
          await act(next);
          assert.equal(await stateOf(next), done, `again after an end at ${name}`);
        } finally {
          await next.end();
        }
      }
    });
  }

  it('every moment that there is was come past', () => {
    assert.deepEqual(
      LAMBDA_CHECKPOINTS.filter((name) => !seen.has(name)),
      [],
    );
  });
});

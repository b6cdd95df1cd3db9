import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type {
  ActiveRelease,
  ReleaseRecord,
  ReleaseStore,
  TokenRecord,
  VariableRecord,
} from './release-store.ts';

/** What every `ReleaseStore` must do, whatever it is made of. `make` gives an empty store each time. */
export function releaseStoreConformance(name: string, make: () => Promise<ReleaseStore>): void {
  describe(`ReleaseStore: ${name}`, () => {
    let store: ReleaseStore;
    beforeEach(async () => {
      store = await make();
    });
    afterEach(() => store.close());

    it('keeps a release as it was given', async () => {
      const release = releaseOf('shop', 'r-1', { message: 'snow ☃' });
      await store.insertRelease(release);
      assert.deepEqual(await store.getRelease('shop', 'r-1'), release);
      assert.equal(await store.getRelease('shop', 'r-2'), null);
      assert.equal(await store.getRelease('other', 'r-1'), null);
    });

    it('refuses a second release with the same id', async () => {
      await store.insertRelease(releaseOf('shop', 'r-1'));
      await assert.rejects(store.insertRelease(releaseOf('shop', 'r-1', { message: 'again' })));
      assert.equal((await store.getRelease('shop', 'r-1'))?.message, '');
    });

    it('lists releases newest first, even within one millisecond, up to the limit', async () => {
      for (const id of ['r-3', 'r-1', 'r-2']) await store.insertRelease(releaseOf('shop', id));
      await store.insertRelease(releaseOf('other', 'r-9'));
      assert.deepEqual(
        (await store.listReleases('shop', 10)).map((release) => release.id),
        ['r-2', 'r-1', 'r-3'],
      );
      assert.deepEqual(
        (await store.listReleases('shop', 2)).map((release) => release.id),
        ['r-2', 'r-1'],
      );
    });

    it('prunes old releases, but none that is live, and knows which artifacts the others name', async () => {
      const named = (letter: string) => ({ app: 'shop', functions: [functionOf(letter.repeat(64))] });
      for (const [index, letter] of ['a', 'b', 'c', 'd', 'e'].entries()) {
        await store.insertRelease(releaseOf('shop', `r-${index}`, { manifest: named(letter) }));
      }
      await store.insertRelease(releaseOf('blog', 'r-0', { manifest: { ...named('f'), app: 'blog' } }));
      await store.activate('shop', 'preview', 'r-1', 1);
      assert.equal(await store.pruneReleases('shop', 2), 2);
      assert.deepEqual(
        (await store.listReleases('shop', 10)).map(({ id }) => id),
        ['r-4', 'r-3', 'r-1'],
      );
      assert.deepEqual([...(await store.listArtifacts())].map((digest) => digest[0]).sort(), [
        'b',
        'd',
        'e',
        'f',
      ]);
      await store.removeApp('shop');
      assert.deepEqual(
        [...(await store.listArtifacts())].map((digest) => digest[0]),
        ['f'],
      );
    });

    it('points an environment at a release, and then at another', async () => {
      await store.insertRelease(releaseOf('shop', 'r-1'));
      await store.insertRelease(releaseOf('shop', 'r-2'));
      await store.activate('shop', 'production', 'r-1', 10);
      await store.activate('shop', 'preview', 'r-1', 11);
      await store.activate('shop', 'production', 'r-2', 12);
      assert.deepEqual(await store.listEnvironments('shop'), [
        { app: 'shop', name: 'preview', release: 'r-1', activatedAt: 11 },
        { app: 'shop', name: 'production', release: 'r-2', activatedAt: 12 },
      ]);
    });

    it('activates no release that is not there, and leaves the pointer', async () => {
      await store.insertRelease(releaseOf('shop', 'r-1'));
      await store.insertRelease(releaseOf('other', 'r-2'));
      await store.activate('shop', 'production', 'r-1', 10);
      await assert.rejects(store.activate('shop', 'production', 'r-2', 11), { code: 'NOT_FOUND' });
      assert.deepEqual(await store.listEnvironments(), [
        { app: 'shop', name: 'production', release: 'r-1', activatedAt: 10 },
      ]);
    });

    it('lists what is active with its manifest and its variables', async () => {
      await store.insertRelease(releaseOf('shop', 'r-1'));
      await store.insertRelease(releaseOf('blog', 'r-1'));
      await store.activate('shop', 'production', 'r-1', 10);
      await store.activate('shop', 'preview', 'r-1', 11);
      await store.activate('blog', 'production', 'r-1', 12);
      const colour = variableOf({ name: 'COLOUR', value: 'red' });
      await store.changeVariables({ app: 'shop', environment: 'production', set: [colour], unset: [] });
      const active: ActiveRelease[] = [];
      for await (const one of store.listActive()) active.push(one);
      assert.deepEqual(
        active.map(({ environment, variables }) => [environment.app, environment.name, variables]),
        [
          ['blog', 'production', []],
          ['shop', 'preview', []],
          ['shop', 'production', [colour]],
        ],
      );
      assert.deepEqual(active[2]?.manifest, releaseOf('shop', 'r-1').manifest);
    });

    it('sets, replaces and unsets variables in one step', async () => {
      const plain = variableOf({ name: 'A', value: '1' });
      const forOne = variableOf({ name: 'A', function: 'list', value: '2' });
      const secret = variableOf({ name: 'B', value: 'c2VhbGVk', secret: true });
      const at = { app: 'shop', environment: 'production' };
      assert.deepEqual(await store.changeVariables({ ...at, set: [plain, forOne, secret], unset: [] }), {
        set: 3,
        unset: 0,
      });
      assert.deepEqual(await store.listVariables('shop', 'production'), [plain, secret, forOne]);
      const replaced = variableOf({ name: 'B', value: 'open', updatedAt: 7 });
      assert.deepEqual(await store.changeVariables({ ...at, set: [replaced], unset: ['A', 'NONE'] }), {
        set: 1,
        unset: 2,
      });
      assert.deepEqual(await store.listVariables('shop', 'production'), [replaced]);
      assert.deepEqual(await store.listVariables('shop', 'preview'), []);
    });

    it('removes an environment with its variables and keeps the releases', async () => {
      await store.insertRelease(releaseOf('shop', 'r-1'));
      await store.activate('shop', 'production', 'r-1', 10);
      await store.activate('shop', 'preview', 'r-1', 10);
      const variable = variableOf({ environment: 'preview' });
      await store.changeVariables({ app: 'shop', environment: 'preview', set: [variable], unset: [] });
      assert.equal(await store.removeEnvironment('shop', 'preview'), true);
      assert.equal(await store.removeEnvironment('shop', 'preview'), false);
      assert.deepEqual(await store.listVariables('shop', 'preview'), []);
      assert.equal((await store.listEnvironments('shop')).length, 1);
      assert.equal((await store.listReleases('shop', 10)).length, 1);
    });

    it('removes an app with everything of it and nothing else', async () => {
      for (const app of ['shop', 'blog']) {
        await store.insertRelease(releaseOf(app, 'r-1'));
        await store.activate(app, 'production', 'r-1', 10);
        await store.changeVariables({
          app,
          environment: 'production',
          set: [variableOf({ app })],
          unset: [],
        });
      }
      assert.equal(await store.removeApp('shop'), true);
      assert.equal(await store.removeApp('shop'), false);
      assert.deepEqual(await store.listReleases('shop', 10), []);
      assert.deepEqual(await store.listVariables('shop', 'production'), []);
      assert.deepEqual(
        (await store.listEnvironments()).map(({ app }) => app),
        ['blog'],
      );
      assert.equal((await store.listVariables('blog', 'production')).length, 1);
    });

    it('finds tokens by their hash, lists and deletes them', async () => {
      const all: TokenRecord = {
        id: 't-1',
        name: 'ci',
        sha256: 'aa',
        role: 'deploy',
        apps: null,
        createdAt: 1,
        expiresAt: null,
      };
      const one: TokenRecord = {
        ...all,
        id: 't-2',
        sha256: 'bb',
        role: 'read',
        apps: ['shop'],
        expiresAt: 9,
      };
      await store.insertToken(all);
      await store.insertToken(one);
      assert.deepEqual(await store.findTokenByHash('bb'), one);
      assert.equal(await store.findTokenByHash('cc'), null);
      assert.deepEqual(await store.listTokens(), [all, one]);
      assert.equal(await store.deleteToken('t-1'), true);
      assert.equal(await store.deleteToken('t-1'), false);
      assert.equal(await store.findTokenByHash('aa'), null);
    });

    it('keeps simultaneous transactions apart', async () => {
      await store.insertRelease(releaseOf('shop', 'r-1'));
      const activations = Array.from({ length: 20 }, (_, at) => store.activate('shop', `e${at}`, 'r-1', at));
      const failing = Array.from({ length: 20 }, () => store.activate('shop', 'bad', 'r-0', 1));
      const settled = await Promise.allSettled([...activations, ...failing]);
      assert.equal(settled.filter(({ status }) => status === 'rejected').length, 20);
      assert.equal((await store.listEnvironments('shop')).length, 20);
    });
  });
}

function releaseOf(app: string, id: string, extra: Partial<ReleaseRecord> = {}): ReleaseRecord {
  return {
    id,
    app,
    createdAt: 5,
    createdBy: 'operator',
    message: '',
    manifest: { app, functions: [] },
    ...extra,
  };
}

function functionOf(artifact: string): ReleaseRecord['manifest']['functions'][number] {
  const limits = {
    memoryMb: 128,
    timeoutMs: 1,
    initTimeoutMs: 1,
    network: 'none' as const,
    keepAliveMs: null,
  };
  const counts = { perInstance: 1, maxInstances: 1, provisioned: 0, queueMax: 0, queueTimeoutMs: 0 };
  return {
    name: 'list',
    handler: { file: 'index.mjs', export: 'default' },
    runtime: 'nodejs24',
    dialect: 'fetch',
    env: {},
    limits: { ...limits, ...counts },
    routes: [],
    artifact,
  };
}

function variableOf(extra: Partial<VariableRecord>): VariableRecord {
  const at = { app: 'shop', environment: 'production', function: '' };
  return { ...at, name: 'A', value: '1', secret: false, updatedAt: 3, ...extra };
}

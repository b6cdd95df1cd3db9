import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { ReleaseStore, TokenRecord } from './release-store.ts';
import { changeOf, releaseOf, releaseWith, variableOf } from './release-store-fixtures.ts';

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

    it('keeps a release that comes again as it was, and refuses another of its name', async () => {
      const first = releaseWith('shop', 'r-1', 'a');
      await store.insertRelease(first);
      await store.insertRelease(releaseWith('shop', 'r-2', 'b'));
      await store.insertRelease({ ...first, createdAt: 9, createdBy: 'ci', message: 'again' });
      assert.deepEqual(await store.getRelease('shop', 'r-1'), first);
      assert.deepEqual(
        (await store.listReleases('shop', 10)).map(({ id }) => id),
        ['r-1', 'r-2'],
        'the last deployed first',
      );
      await assert.rejects(store.insertRelease(releaseWith('shop', 'r-1', 'c')), { code: 'CONFLICT' });
      assert.deepEqual(await store.getRelease('shop', 'r-1'), first);
      await store.insertRelease(releaseWith('blog', 'r-1', 'c'));
      assert.deepEqual(await store.listApps(), ['blog', 'shop']);
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
      await store.saveEnvironment(changeOf('shop'));
      await store.saveEnvironment(changeOf('shop', { name: 'preview', kind: 'preview' }));
      const variable = variableOf({ environment: 'preview' });
      await store.changeVariables({ app: 'shop', environment: 'preview', set: [variable], unset: [] });
      assert.equal(await store.removeEnvironment('shop', 'preview'), true);
      assert.equal(await store.removeEnvironment('shop', 'preview'), false);
      assert.deepEqual(await store.listVariables('shop', 'preview'), []);
      assert.deepEqual(await store.listHistory('shop', 'preview', 9), []);
      assert.equal((await store.listHistory('shop', 'production', 9)).length, 1);
      assert.equal((await store.listEnvironments('shop')).length, 1);
      assert.equal((await store.listReleases('shop', 10)).length, 1);
    });

    it('removes an app with everything of it and nothing else', async () => {
      for (const app of ['shop', 'blog']) {
        await store.insertRelease(releaseOf(app, 'r-1'));
        await store.saveEnvironment(changeOf(app));
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
      assert.deepEqual(await store.listHistory('shop', 'production', 9), []);
      assert.deepEqual(
        (await store.listEnvironments()).map(({ app }) => app),
        ['blog'],
      );
      assert.equal((await store.listVariables('blog', 'production')).length, 1);
    });

    it('finds tokens by their hash and their id, lists and deletes them', async () => {
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
      assert.deepEqual(await store.findToken('t-2'), one);
      assert.equal(await store.findToken('t-3'), null);
      assert.deepEqual(await store.listTokens(), [all, one]);
      assert.equal(await store.deleteToken('t-1'), true);
      assert.equal(await store.deleteToken('t-1'), false);
      assert.equal(await store.findTokenByHash('aa'), null);
    });
  });
}

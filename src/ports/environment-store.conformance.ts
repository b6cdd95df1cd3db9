import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  type ActiveEnvironment,
  type EnvironmentRecord,
  HISTORY_KEPT_MAX,
  type ReleaseStore,
} from './release-store.ts';
import {
  canaryOf,
  changeOf,
  releaseOf,
  releaseWith,
  stableAt,
  variableOf,
} from './release-store-fixtures.ts';

/** What every `ReleaseStore` must do about environments and what they need. `make` gives an empty store each time. */
export function environmentStoreConformance(name: string, make: () => Promise<ReleaseStore>): void {
  describe(`ReleaseStore, environments: ${name}`, () => {
    let store: ReleaseStore;
    beforeEach(async () => {
      store = await make();
      await store.insertRelease(releaseOf('shop', 'r-1'));
      await store.insertRelease(releaseOf('shop', 'r-2'));
    });
    afterEach(() => store.close());

    it('makes an environment, then changes it, and remembers what was done', async () => {
      const made: EnvironmentRecord = {
        app: 'shop',
        name: 'production',
        kind: 'permanent',
        traffic: stableAt('r-1'),
        activatedAt: 10,
        revision: 1,
        createdAt: 10,
      };
      assert.deepEqual(await store.saveEnvironment(changeOf('shop', { reason: 'first ☃' })), made);
      const canary = canaryOf('r-2');
      const tried = { stable: 'r-1', past: [], canary };
      const started = changeOf('shop', {
        traffic: tried,
        revision: 1,
        at: 20,
        action: 'canary-start',
        by: 'ci',
      });
      assert.deepEqual(await store.saveEnvironment(started), { ...made, traffic: tried, revision: 2 });
      const finished = changeOf('shop', {
        traffic: stableAt('r-2', ['r-1']),
        revision: 2,
        at: 30,
        action: 'canary-finish',
        by: 'mayfly',
        reason: 'the last step',
      });
      const last = { ...made, traffic: stableAt('r-2', ['r-1']), revision: 3, activatedAt: 30 };
      assert.deepEqual(await store.saveEnvironment(finished), last);
      assert.deepEqual(await store.listEnvironments('shop'), [last]);
      const history = await store.listHistory('shop', 'production', 2);
      assert.deepEqual(history, [
        {
          seq: 3,
          at: 30,
          by: 'mayfly',
          action: 'canary-finish',
          release: 'r-2',
          canary: null,
          reason: 'the last step',
        },
        {
          seq: 2,
          at: 20,
          by: 'ci',
          action: 'canary-start',
          release: 'r-1',
          canary: { release: 'r-2', weight: 500 },
          reason: '',
        },
      ]);
      assert.equal((await store.listHistory('shop', 'production', 9))[2]?.reason, 'first ☃');
    });

    it('refuses what was decided on another state, and changes nothing', async () => {
      const conflict = { code: 'CONFLICT' };
      await assert.rejects(store.saveEnvironment(changeOf('shop', { revision: 1 })), conflict);
      await store.saveEnvironment(changeOf('shop'));
      await assert.rejects(store.saveEnvironment(changeOf('shop', { traffic: stableAt('r-2') })), conflict);
      const [environment] = await store.listEnvironments('shop');
      assert.deepEqual([environment?.revision, environment?.traffic], [1, stableAt('r-1')]);
      assert.equal((await store.listHistory('shop', 'production', 9)).length, 1);
    });

    it('lets one of those win that come at once', async () => {
      await store.saveEnvironment(changeOf('shop'));
      const racers = Array.from({ length: 10 }, (_, i) =>
        store.saveEnvironment(changeOf('shop', { revision: 1, reason: `racer ${i}` })),
      );
      const settled = await Promise.allSettled(racers);
      assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1);
      const others = Array.from({ length: 10 }, (_, i) =>
        store.saveEnvironment(changeOf('shop', { name: `e${i}` })),
      );
      await Promise.all(others);
      assert.equal((await store.listEnvironments()).length, 11);
      assert.equal((await store.listHistory('shop', 'production', 9)).length, 2);
    });

    it('points at no release that is not there', async () => {
      await store.insertRelease(releaseOf('blog', 'r-9'));
      const missing = { code: 'RELEASE_NOT_FOUND' };
      await store.saveEnvironment(changeOf('shop'));
      for (const traffic of [stableAt('r-9'), { ...stableAt('r-1'), canary: canaryOf('r-9') }]) {
        await assert.rejects(store.saveEnvironment(changeOf('shop', { traffic, revision: 1 })), missing);
      }
      await assert.rejects(store.saveEnvironment(changeOf('blog')), missing);
      assert.deepEqual(
        (await store.listEnvironments()).map(({ app, revision, traffic }) => [app, revision, traffic]),
        [['shop', 1, stableAt('r-1')]],
      );
    });

    it('records a release and who serves it together, or neither', async () => {
      const release = releaseOf('shop', 'r-3', { message: 'third' });
      const change = changeOf('shop', { traffic: stableAt('r-3'), release });
      await assert.rejects(store.saveEnvironment({ ...change, revision: 7 }), { code: 'CONFLICT' });
      assert.equal(await store.getRelease('shop', 'r-3'), null);
      await store.saveEnvironment(change);
      assert.deepEqual(await store.getRelease('shop', 'r-3'), release);
    });

    it('keeps a history no longer than its bound', async () => {
      for (let revision = 0; revision < HISTORY_KEPT_MAX + 3; revision++) {
        await store.saveEnvironment(changeOf('shop', { revision }));
      }
      const history = await store.listHistory('shop', 'production', HISTORY_KEPT_MAX + 9);
      assert.equal(history.length, HISTORY_KEPT_MAX);
      assert.equal(history[0]?.seq, HISTORY_KEPT_MAX + 3);
    });

    it('lists what is active with its manifests and its variables', async () => {
      await store.insertRelease(releaseWith('shop', 'r-a', 'a'));
      await store.insertRelease(releaseWith('shop', 'r-b', 'b'));
      await store.insertRelease(releaseOf('blog', 'r-1'));
      await store.saveEnvironment(
        changeOf('shop', { traffic: { stable: 'r-a', past: [], canary: canaryOf('r-b') } }),
      );
      await store.saveEnvironment(
        changeOf('shop', { name: 'empty', kind: 'preview', traffic: stableAt(null) }),
      );
      await store.saveEnvironment(changeOf('blog'));
      const colour = variableOf({ name: 'COLOUR', value: 'red' });
      await store.changeVariables({ app: 'shop', environment: 'production', set: [colour], unset: [] });
      const active: ActiveEnvironment[] = [];
      for await (const one of store.listActive()) active.push(one);
      assert.deepEqual(
        active.map(({ environment, stable, canary, variables }) => [
          `${environment.app}/${environment.name} ${environment.kind}`,
          stable?.functions.map(({ artifact }) => artifact[0]) ?? null,
          canary?.functions.map(({ artifact }) => artifact[0]) ?? null,
          variables,
        ]),
        [
          ['blog/production permanent', [], null, []],
          ['shop/empty preview', null, null, []],
          ['shop/production permanent', ['a'], ['b'], [colour]],
        ],
      );
      assert.deepEqual(active[2]?.environment.traffic.canary, canaryOf('r-b'));
    });

    describe('pruning', () => {
      const idsOf = async (): Promise<string[]> => (await store.listReleases('old', 99)).map(({ id }) => id);
      beforeEach(async () => {
        for (const [index, letter] of ['a', 'b', 'c', 'd', 'e', 'f'].entries()) {
          await store.insertRelease(releaseWith('old', `r-${index}`, letter, 100 + index));
        }
      });

      it('goes by count and by age, and frees what the releases named', async () => {
        const pruned = (keep: number, before: number) =>
          store.pruneReleases({ app: 'old', keep, before, pastKept: 0 });
        assert.equal(await pruned(9, 0), 0);
        assert.equal(await pruned(4, 0), 2);
        assert.deepEqual(await idsOf(), ['r-5', 'r-4', 'r-3', 'r-2']);
        assert.equal(await pruned(9, 104), 2);
        assert.deepEqual(await idsOf(), ['r-5', 'r-4']);
        assert.deepEqual(await store.listReleaseIds('old'), new Set(['r-5', 'r-4']));
        const artifacts = [...(await store.listArtifacts())].map((digest) => digest[0]);
        assert.deepEqual(artifacts.sort(), ['e', 'f']);
        assert.equal((await store.listReleases('shop', 9)).length, 2);
      });

      it('counts a release from when it was deployed last', async () => {
        await store.insertRelease(releaseWith('old', 'r-0', 'a', 200));
        await store.pruneReleases({ app: 'old', keep: 1, before: 150, pastKept: 0 });
        assert.deepEqual(await idsOf(), ['r-0']);
      });

      it('leaves whatever an environment serves, tries, or can still be rolled back to', async () => {
        const traffic = { stable: 'r-1', past: ['r-5', 'r-0', 'r-3'], canary: canaryOf('r-2') };
        await store.saveEnvironment(changeOf('old', { traffic }));
        await store.saveEnvironment(changeOf('old', { name: 'preview', traffic: stableAt('r-4') }));
        assert.equal(await store.pruneReleases({ app: 'old', keep: 0, before: 999, pastKept: 1 }), 2);
        assert.deepEqual(await idsOf(), ['r-4', 'r-3', 'r-2', 'r-1']);
        assert.equal((await store.listArtifacts()).size, 4);
      });
    });
  });
}

import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type {
  LambdaAliasRecord,
  LambdaLayerRecord,
  LambdaStore,
  LambdaVersionRecord,
} from './lambda-store.ts';

const code = { zip: 'ab', bytes: 7, package: 'p1', artifact: 'a1' };

const versionOf = (name: string, version: number, release = `r-${version}`): LambdaVersionRecord => ({
  function: name,
  version,
  revision: `rev-${version}`,
  modifiedAt: 5,
  release,
  configuration: { Handler: 'index.handler' },
  code,
});

const alias: LambdaAliasRecord = {
  function: 'f',
  name: 'live',
  revision: 'x',
  description: '',
  version: 1,
  routing: { '2': 0.25 },
};

const layer: Omit<LambdaLayerRecord, 'version' | 'policy'> = {
  layer: 'libs',
  createdAt: 3,
  configuration: { Description: 'd' },
  code: { zip: 'cd', bytes: 8, package: 'p2', artifact: 'a2' },
};

/** What every `LambdaStore` must do. */
export function lambdaStoreConformance(name: string, open: () => LambdaStore): void {
  describe(`LambdaStore: ${name}`, () => {
    let store: LambdaStore;
    beforeEach(() => {
      store = open();
    });

    const make = async (fn: string): Promise<void> => {
      await store.insertFunction({ name: fn, app: `lambda-${fn}` });
      await store.activateFunction(versionOf(fn, 0));
    };

    it('reserves a name once, and an app once', async () => {
      await store.insertFunction({ name: 'f', app: 'lambda-f' });
      const reserved = {
        name: 'f',
        app: 'lambda-f',
        state: 'creating',
        versionsPublished: 0,
        reserved: null,
      };
      assert.deepEqual(await store.getFunction('f'), reserved);
      assert.deepEqual(await store.getFunctionOfApp('lambda-f'), reserved);
      assert.equal(await store.getFunctionOfApp('f'), null);
      await assert.rejects(store.insertFunction({ name: 'f', app: 'other' }), { code: 'CONFLICT' });
      await assert.rejects(store.insertFunction({ name: 'F', app: 'lambda-f' }), { code: 'CONFLICT' });
      assert.equal(await store.getFunction('F'), null);
    });

    it('what is asked for together is there together', async () => {
      await store.insertFunction({ name: 'f', app: 'lambda-f' });
      const tags = { function: 'f', qualifier: '', kind: 'tags', value: { a: 'b' }, modifiedAt: 1 };
      await store.activateFunction(versionOf('f', 0), { published: versionOf('f', 1), settings: [tags] });
      assert.deepEqual(await store.getSetting('f', '', 'tags'), tags);
      const changed = { ...versionOf('f', 0), revision: 'changed' };
      await store.saveVersion(changed, versionOf('f', 2));
      assert.equal((await store.getFunction('f'))?.versionsPublished, 2);
      assert.deepEqual(await store.listVersions('f'), [changed, versionOf('f', 1), versionOf('f', 2)]);
      // The number is taken: nothing of the change is kept.
      await assert.rejects(store.saveVersion(versionOf('f', 0), versionOf('f', 2)));
      assert.deepEqual(await store.getVersion('f', 0), changed);
    });

    it('a function has a $LATEST from the moment that it is active', async () => {
      await make('f');
      assert.equal((await store.getFunction('f'))?.state, 'active');
      assert.deepEqual(await store.getVersion('f', 0), versionOf('f', 0));
      await store.saveVersion({ ...versionOf('f', 0), revision: 'other' });
      assert.equal((await store.getVersion('f', 0))?.revision, 'other');
      await store.setFunctionState('f', 'deleting');
      assert.deepEqual(
        (await store.listFunctions()).map(({ state }) => state),
        ['deleting'],
      );
    });

    it('counts versions on when one was removed', async () => {
      await make('f');
      await store.insertVersion(versionOf('f', 1));
      await store.insertVersion(versionOf('f', 2));
      await store.removeVersion('f', 2);
      assert.equal((await store.getFunction('f'))?.versionsPublished, 2);
      assert.deepEqual(
        (await store.listVersions('f')).map(({ version }) => version),
        [0, 1],
      );
      await make('g');
      assert.deepEqual((await store.listReleases()).map((each) => Object.values(each).join(' ')).sort(), [
        'f 0 r-0',
        'f 1 r-1',
        'g 0 r-0',
      ]);
    });

    it('replaces, lists and removes aliases', async () => {
      await make('f');
      await store.saveAlias(alias);
      await store.saveAlias({ ...alias, version: 2, routing: {} });
      assert.deepEqual(await store.getAlias('f', 'live'), { ...alias, version: 2, routing: {} });
      await store.saveAlias({ ...alias, name: 'blue' });
      assert.deepEqual(
        (await store.listAliases('f')).map((each) => each.name),
        ['blue', 'live'],
      );
      assert.equal(await store.removeAlias('f', 'live'), true);
      assert.equal(await store.removeAlias('f', 'live'), false);
    });

    it('gives no number of a layer twice', async () => {
      assert.equal(await store.insertLayer(layer), 1);
      assert.equal(await store.insertLayer(layer), 2);
      await store.removeLayer('libs', 2);
      assert.equal(await store.getLayer('libs', 2), null);
      assert.equal(await store.insertLayer(layer), 3);
      assert.deepEqual(
        (await store.listLayers('libs')).map(({ version }) => version),
        [3, 1],
      );
      assert.deepEqual(await store.getLayer('libs', 1), { ...layer, version: 1, policy: null });
      assert.deepEqual(await store.listLayers('none'), []);
    });

    it('keeps what one layer version may be used by, until nothing is said', async () => {
      await store.insertLayer(layer);
      await store.insertLayer(layer);
      await store.setLayerPolicy('libs', 1, { revision: 'r' });
      assert.deepEqual((await store.getLayer('libs', 1))?.policy, { revision: 'r' });
      assert.equal((await store.getLayer('libs', 2))?.policy, null);
      await store.setLayerPolicy('libs', 1, null);
      assert.equal((await store.getLayer('libs', 1))?.policy, null);
    });

    it('keeps how much of a function may run, 0 included', async () => {
      await make('f');
      for (const reserved of [0, 7, null]) {
        await store.setReserved('f', reserved);
        assert.equal((await store.getFunction('f'))?.reserved, reserved);
      }
    });

    it('finds a setting by its key, which no other of its kind may have', async () => {
      await make('f');
      await make('g');
      const url = { function: 'f', qualifier: '', kind: 'url', key: 'k', value: { a: 1 }, modifiedAt: 1 };
      await store.saveSetting(url);
      await store.saveSetting({ ...url, value: { a: 2 } });
      assert.deepEqual(await store.findSetting('url', 'k'), { ...url, value: { a: 2 } });
      assert.equal(await store.findSetting('other', 'k'), null);
      await assert.rejects(store.saveSetting({ ...url, function: 'g' }));
      await store.removeFunction('f');
      assert.equal(await store.findSetting('url', 'k'), null);
    });

    it('keeps event sources by their ids, as long as their function is there', async () => {
      await make('f');
      await make('g');
      const source = {
        id: 'b',
        function: 'f',
        qualifier: 'live',
        source: 'arn:q',
        value: { a: 1 },
        modifiedAt: 1,
      };
      await store.saveEventSource(source);
      await store.saveEventSource({ ...source, value: { a: 2 } });
      await store.saveEventSource({ ...source, id: 'a', function: 'g' });
      assert.deepEqual(await store.getEventSource('b'), { ...source, value: { a: 2 } });
      assert.deepEqual(
        (await store.listEventSources()).map(({ id }) => id),
        ['a', 'b'],
      );
      assert.equal((await store.listEventSources('g')).length, 1);
      assert.equal(await store.removeEventSource('a'), true);
      assert.equal(await store.removeEventSource('a'), false);
      await store.removeFunction('f');
      assert.equal(await store.getEventSource('b'), null);
    });

    it('adds up functions and code', async () => {
      assert.deepEqual(await store.usage(), { functions: 0, codeBytes: 0 });
      await make('f');
      await store.insertVersion(versionOf('f', 1));
      await store.insertFunction({ name: 'g', app: 'lambda-g' });
      await store.insertLayer(layer);
      await store.insertLayer(layer);
      await store.removeLayer('libs', 1);
      assert.deepEqual(await store.usage(), { functions: 1, codeBytes: 2 * code.bytes + layer.code.bytes });
    });

    it('keeps settings by function, qualifier and kind', async () => {
      await make('f');
      await make('g');
      const setting = { function: 'f', qualifier: '', kind: 'tags', value: { a: '1' }, modifiedAt: 1 };
      await store.saveSetting(setting);
      await store.saveSetting({ ...setting, value: { a: '2' } });
      await store.saveSetting({ ...setting, function: 'g' });
      assert.deepEqual(await store.getSetting('f', '', 'tags'), { ...setting, value: { a: '2' } });
      assert.equal(await store.getSetting('f', '1', 'tags'), null);
      assert.equal((await store.listSettings('tags')).length, 2);
      assert.equal((await store.listSettings('tags', 'g')).length, 1);
      assert.equal(await store.removeSetting('f', '', 'tags'), true);
      assert.equal(await store.removeSetting('f', '', 'tags'), false);
    });

    it('what belongs to a function, a version or an alias goes with it', async () => {
      await make('f');
      await store.insertVersion(versionOf('f', 1));
      await store.saveAlias(alias);
      const setting = { function: 'f', kind: 'url', value: {}, modifiedAt: 1 };
      for (const qualifier of ['', '1', 'live']) await store.saveSetting({ ...setting, qualifier });
      await store.removeVersion('f', 1);
      await store.removeAlias('f', 'live');
      assert.deepEqual(
        (await store.listSettings('url')).map(({ qualifier }) => qualifier),
        [''],
      );
      await store.saveAlias(alias);
      await store.removeFunction('f');
      assert.equal(await store.getFunction('f'), null);
      const left = [store.listVersions('f'), store.listAliases('f'), store.listSettings('url')];
      assert.deepEqual(await Promise.all<readonly unknown[]>(left), [[], [], []]);
    });

    it('says which artifacts it needs', async () => {
      await make('f');
      await store.insertLayer(layer);
      await store.insertLayer({ ...layer, code: { ...layer.code, package: 'p3', artifact: 'a3' } });
      await store.removeLayer('libs', 2);
      assert.deepEqual([...(await store.listArtifacts())].sort(), ['a1', 'a2', 'p1', 'p2']);
    });
  });
}

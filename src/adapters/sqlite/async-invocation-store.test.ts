import assert from 'node:assert/strict';
import { it } from 'node:test';
import { asyncInvocationStoreConformance } from '../../ports/async-invocation-store.conformance.ts';
import { changeOf, releaseOf } from '../../ports/release-store-fixtures.ts';
import { SqliteAsyncInvocationStore } from './async-invocation-store.ts';
import { openDatabase } from './database.ts';
import { SqliteReleaseStore } from './release-store.ts';

asyncInvocationStoreConformance('SQLite in memory', async () => {
  const database = openDatabase(':memory:');
  return { store: new SqliteAsyncInvocationStore(database), close: () => database.destroy() };
});

it('a release is kept as long as a call is still to be made that belongs to it', async () => {
  const database = openDatabase(':memory:');
  const calls = new SqliteAsyncInvocationStore(database);
  const releases = new SqliteReleaseStore(database);
  const prune = () => releases.pruneReleases({ app: 'shop', keep: 0, before: 0, pastKept: 0 });
  try {
    for (const id of ['r-1', 'r-2', 'r-3']) await releases.insertRelease(releaseOf('shop', id));
    const at = { app: 'shop', environment: 'production', function: 'list', event: {}, traceparent: null };
    for (const [id, release] of [
      ['c1', 'r-1'],
      ['c2', 'r-2'],
      ['c3', null],
    ] as const) {
      await calls.enqueue({ ...at, id, release, body: Buffer.alloc(0), enqueuedAt: 0 });
    }
    assert.equal(await prune(), 1);
    const failure = { code: 'FUNCTION_THREW', message: 'no' } as const;
    for (const { id, epoch } of await calls.lease({ now: 1, until: 9, limit: 9, except: [] })) {
      if (id === 'c1') await calls.settle(id, epoch, { kind: 'done' });
      if (id === 'c2') await calls.settle(id, epoch, { kind: 'retry', dueAt: 5, attempts: 1, failure });
    }
    assert.equal(await prune(), 1);
    assert.deepEqual(await releases.listReleaseIds('shop'), new Set(['r-2']));
    const [again] = await calls.lease({ now: 5, until: 9, limit: 1, except: [] });
    await calls.settle('c2', again!.epoch, { kind: 'dead', at: 6, failure });
    assert.equal(await prune(), 1);
  } finally {
    await database.destroy();
  }
});

it('the dead calls of an environment go with it; what is counted stays counted', async () => {
  const database = openDatabase(':memory:');
  const calls = new SqliteAsyncInvocationStore(database);
  const releases = new SqliteReleaseStore(database);
  try {
    await releases.insertRelease(releaseOf('shop', 'r-1'));
    for (const name of ['production', 'preview']) {
      await releases.saveEnvironment(changeOf('shop', { name }));
      const at = {
        app: 'shop',
        environment: name,
        function: 'list',
        release: null,
        event: {},
        traceparent: null,
      };
      await calls.enqueue({ ...at, id: name, body: Buffer.alloc(0), enqueuedAt: 0 });
    }
    const failure = { code: 'FUNCTION_THREW', message: 'no' } as const;
    for (const { id, epoch } of await calls.lease({ now: 1, until: 9, limit: 9, except: [] })) {
      await calls.settle(id, epoch, { kind: 'dead', at: 2, failure });
    }
    await releases.removeEnvironment('shop', 'preview');
    assert.deepEqual(await calls.listDead('shop', 'preview', 9), []);
    assert.equal((await calls.listDead('shop', 'production', 9)).length, 1);
    await releases.removeApp('shop');
    assert.deepEqual(await calls.listDead('shop', 'production', 9), []);
    assert.deepEqual(await calls.counts(), { enqueued: 2, inFlight: 0, done: 0, dead: 2 });
  } finally {
    await database.destroy();
  }
});

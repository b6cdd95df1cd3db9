import assert from 'node:assert/strict';
import { appendFile, readdir, readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { logCodec } from '../../src/adapters/segments/log-codec.ts';
import { SegmentDirectory } from '../../src/adapters/segments/segment-directory.ts';
import { usageCodec } from '../../src/adapters/segments/usage-codec.ts';
import type { UsageRecord } from '../../src/domain/invocation.ts';
import type { RecordStore } from '../../src/ports/telemetry.ts';
import { ALL, collect, HandClock, logRecord, makeFolder, openStore, usageRecord } from './segment-fixture.ts';

let folder: Awaited<ReturnType<typeof makeFolder>>;
beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(() => folder.remove());

const idsOf = async (store: RecordStore<UsageRecord>): Promise<string[]> =>
  (await collect(store.read(ALL))).map((record) => record.requestId);

async function appendAll(store: RecordStore<UsageRecord>, ids: readonly string[], at = 1_000): Promise<void> {
  for (const id of ids) {
    store.append(usageRecord({ requestId: id, at }));
    await store.flush();
  }
}

suite('segments on disk', () => {
  test('without any flush a record is on disk after the interval', async () => {
    const store = await openStore(folder.path, logCodec, { limits: { flushIntervalMs: 5 } });
    store.append(logRecord({ message: 'by itself' }));
    const deadline = Date.now() + 5_000;
    while (store.stats().pending > 0 && Date.now() < deadline) await new Promise((go) => setTimeout(go, 2));
    const [name] = await readdir(folder.path);
    assert.match(await readFile(join(folder.path, name!), 'utf8'), /"message":"by itself"/);
    await store.close();
  });

  test('many bytes waiting are written before the interval is over', async () => {
    const store = await openStore(folder.path, logCodec, { limits: { flushBytes: 10_000 } });
    for (let i = 0; i < 100; i++) store.append(logRecord({ message: 'x'.repeat(500) }));
    const deadline = Date.now() + 5_000;
    while (store.stats().written < 100 && Date.now() < deadline) await new Promise((go) => setTimeout(go, 2));
    assert.equal(store.stats().written, 100);
    await store.close();
  });

  test('a segment is sealed by size and by age, and its name says what is in it', async () => {
    const clock = new HandClock(1_000_000);
    const store = await openStore(folder.path, usageCodec, {
      clock,
      limits: { segmentBytesMax: 350, segmentMsMax: 60_000, maintenanceIntervalMs: 5 },
    });
    await appendAll(store, ['a', 'b', 'c'], 5_000.5);
    await appendAll(store, ['d'], 7_000);
    clock.ms += 60_000;
    const deadline = Date.now() + 5_000;
    let names: string[] = [];
    while (Date.now() < deadline && !names.includes('000000000002-7000-7000-1.usage')) {
      names = (await readdir(folder.path)).sort();
      await new Promise((go) => setTimeout(go, 2));
    }
    assert.deepEqual(names, ['000000000001-5000-5001-3.usage', '000000000002-7000-7000-1.usage']);
    await store.close();
  });

  test('reading a range opens no file that holds nothing of it', async () => {
    const opened: number[] = [];
    class Watched extends SegmentDirectory {
      override read(segment: Parameters<SegmentDirectory['read']>[0]): Promise<Buffer | null> {
        opened.push(segment.number);
        return super.read(segment);
      }
    }
    const directory = new Watched(folder.path);
    const store = await openStore(folder.path, usageCodec, { directory, limits: { segmentBytesMax: 1 } });
    for (const at of [1_000, 2_000, 3_000, 4_000]) await appendAll(store, [`at-${at}`], at);
    const found = await collect(store.read({ from: 2_000, to: 3_001 }));
    assert.deepEqual(
      found.map((record) => record.at),
      [2_000, 3_000],
    );
    assert.deepEqual(opened, [2, 3]);
    await store.close();
  });

  test('retention removes the oldest by total size, and what is past its age', async () => {
    const clock = new HandClock(10_000_000);
    const limits = { segmentBytesMax: 1, bytesMax: 700, ageMsMax: 5_000_000 };
    const store = await openStore(folder.path, usageCodec, { clock, limits });
    await appendAll(store, ['too old'], 1_000);
    await appendAll(store, ['b', 'c', 'd', 'e', 'f'], 9_000_000);
    const kept = await idsOf(store);
    assert.ok(!kept.includes('too old'));
    assert.equal(kept.at(-1), 'f');
    assert.ok(kept.length < 5, 'the oldest had to make room');
    assert.ok(store.stats().bytes <= 700 + 300, 'sealed segments fit; the open one comes on top');
    await store.close();
    // The rest is past its age when the store is opened much later.
    clock.ms += 50_000_000;
    const later = await openStore(folder.path, usageCodec, { clock, limits });
    assert.deepEqual(await idsOf(later), []);
    assert.deepEqual(await readdir(folder.path), []);
    await later.close();
  });

  test('what retention removes while someone reads is missing, and nothing else', async () => {
    const clock = new HandClock(10_000);
    const store = await openStore(folder.path, usageCodec, {
      clock,
      limits: { segmentBytesMax: 1, bytesMax: 700 },
    });
    await appendAll(store, ['a', 'b', 'c'], 9_000);
    const reading = store.read(ALL)[Symbol.asyncIterator]();
    assert.equal((await reading.next()).value?.requestId, 'a');
    await appendAll(store, ['d', 'e', 'f', 'g', 'h'], 9_000);
    assert.deepEqual(await reading.next(), { done: true, value: undefined });
    await store.close();
  });

  test('more than may wait in memory is dropped and counted, never blocked', async () => {
    const store = await openStore(folder.path, usageCodec, { limits: { pendingRecordsMax: 10 } });
    for (let i = 0; i < 25; i++) store.append(usageRecord({ requestId: `id-${i}` }));
    assert.equal(store.stats().dropped, 15);
    await store.flush();
    assert.deepEqual(
      await idsOf(store),
      Array.from({ length: 10 }, (_, i) => `id-${i}`),
    );
    store.append(usageRecord({ requestId: 'room again' }));
    assert.equal((await idsOf(store)).at(-1), 'room again');
    await store.close();

    const logs = await openStore(join(folder.path, 'logs'), logCodec, { limits: { pendingBytesMax: 5_000 } });
    for (let i = 0; i < 3; i++) logs.append(logRecord({ message: 'x'.repeat(2_000) }));
    assert.deepEqual([logs.stats().pending, logs.stats().dropped], [2, 1]);
    await logs.close();
  });

  test('a record that cannot be encoded is dropped alone', async () => {
    const store = await openStore(folder.path, logCodec);
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    store.append(logRecord({ message: 'before' }));
    store.append(logRecord({ message: 'broken', fields: circular }));
    store.append(logRecord({ message: 'after' }));
    await store.flush();
    assert.deepEqual(
      (await collect(store.read(ALL))).map((record) => record.message),
      ['before', 'after'],
    );
    assert.equal(store.stats().dropped, 1);
    await store.close();
  });

  test('files of others in the folder are left alone', async () => {
    await writeFile(join(folder.path, 'README'), 'mine');
    await writeFile(join(folder.path, '000000000001.ndjson'), 'a log, not the ledger');
    const store = await openStore(folder.path, usageCodec);
    await appendAll(store, ['a']);
    await store.close();
    assert.equal(await readFile(join(folder.path, 'README'), 'utf8'), 'mine');
    assert.equal(await readFile(join(folder.path, '000000000001.ndjson'), 'utf8'), 'a log, not the ledger');
  });
});

suite('segments after a crash', () => {
  /** Leaves a file as a killed process does: open, never sealed. Returns its path. */
  async function crashed(): Promise<string> {
    const store = await openStore(folder.path, usageCodec);
    await appendAll(store, ['a', 'b', 'c']);
    const [name] = await readdir(folder.path);
    await store.close();
    const [sealed] = await readdir(folder.path);
    await rename(join(folder.path, sealed!), join(folder.path, name!));
    return join(folder.path, name!);
  }

  test('a torn end is cut off, the rest is kept, and writing goes on', async () => {
    const path = await crashed();
    await appendFile(path, Buffer.from([9, 0, 0, 0, 1, 2, 3]));
    const store = await openStore(folder.path, usageCodec);
    assert.deepEqual(await idsOf(store), ['a', 'b', 'c']);
    await appendAll(store, ['d']);
    await store.close();
    const again = await openStore(folder.path, usageCodec);
    assert.deepEqual(await idsOf(again), ['a', 'b', 'c', 'd']);
    assert.equal(again.stats().damaged, 0);
    await again.close();
  });

  test('a file without a whole record is removed', async () => {
    const path = await crashed();
    await truncate(path, 5);
    const store = await openStore(folder.path, usageCodec);
    assert.deepEqual(await readdir(folder.path), []);
    await appendAll(store, ['a']);
    assert.deepEqual(await idsOf(store), ['a']);
    await store.close();
  });
});

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SegmentDirectory } from '../../src/adapters/segments/segment-directory.ts';
import { usageCodec } from '../../src/adapters/segments/usage-codec.ts';
import { ALL, collect, makeFolder, openStore, usageRecord } from './segment-fixture.ts';

let folder: Awaited<ReturnType<typeof makeFolder>>;
beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(() => folder.remove());

const KILLS = 12;

suite('segments under faults', () => {
  test(`over ${KILLS} kills at random moments no acknowledged record is lost, none is damaged or doubled`, async (t) => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    t.diagnostic(`SEED=${seed}`);
    let state = seed;
    const random = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    const acknowledged: number[] = [];
    for (let run = 0; run < KILLS; run++) {
      const child = spawn(
        process.execPath,
        [fileURLToPath(new URL('segment-appender.ts', import.meta.url)), folder.path, String(run)],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      acknowledged[run] = await killAfter(child, 1 + Math.floor(random() * 40), random() * 4);
    }
    const store = await openStore(folder.path, usageCodec);
    const found = new Map<number, number>();
    for (const record of await collect(store.read(ALL))) {
      const [run, index] = record.requestId.split('-').map(Number) as [number, number];
      assert.equal(index, found.get(run) ?? 0, `record ${record.requestId} follows its predecessor`);
      assert.equal(record.bytesOut, index * 3, 'the record is what was appended');
      found.set(run, index + 1);
    }
    for (let run = 0; run < KILLS; run++) {
      const kept = found.get(run) ?? 0;
      assert.ok(kept >= acknowledged[run]!, `run ${run}: ${kept} kept of ${acknowledged[run]} acknowledged`);
    }
    assert.ok(acknowledged.some((count) => count > 0));
    assert.equal(store.stats().damaged, 0);
    await store.close();
  });

  test('a full disk: it goes on, keeps what fits in memory, counts the rest, and recovers', async () => {
    let freeBytes = 1_000;
    /** A disk with so much space: writes what fits, then refuses. */
    class SmallDisk extends SegmentDirectory {
      override async write(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
        if (bytes.length > freeBytes) {
          await super.write(file, bytes.subarray(0, freeBytes), position);
          throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
        }
        freeBytes -= bytes.length;
        await super.write(file, bytes, position);
      }
    }
    let failures = 0;
    const store = await openStore(folder.path, usageCodec, {
      directory: new SmallDisk(folder.path),
      limits: { pendingRecordsMax: 20, flushIntervalMs: 1, retryMs: 1 },
      onFailure: () => failures++,
    });
    const append = (from: number, to: number): void => {
      for (let i = from; i < to; i++) store.append(usageRecord({ requestId: `id-${i}` }));
    };
    append(0, 3);
    await store.flush();
    append(3, 13);
    await assert.rejects(store.flush(), { code: 'STORAGE_FULL' });
    // The ten that failed wait as a batch; twenty more wait behind it, and the last seven do not fit.
    append(13, 40);
    const full = store.stats();
    assert.deepEqual([full.written, full.pending, full.dropped], [3, 30, 7]);
    assert.equal((await collect(store.read(ALL))).length, 33, 'what waits can be read');
    assert.equal(failures, 1, 'told once');

    freeBytes = 1_000_000;
    const deadline = Date.now() + 5_000;
    while (store.stats().pending > 0 && Date.now() < deadline) await new Promise((go) => setTimeout(go, 2));
    append(40, 42);
    await store.close();
    assert.deepEqual([store.stats().written, store.stats().dropped], [35, 7]);
    const again = await openStore(folder.path, usageCodec);
    assert.deepEqual(
      (await collect(again.read(ALL))).map((record) => record.requestId),
      [...Array.from({ length: 33 }, (_, i) => `id-${i}`), 'id-40', 'id-41'],
    );
    await again.close();
  });

  test('closing while the disk is full ends, and counts what could not be written', async () => {
    class FullDisk extends SegmentDirectory {
      override async create(): Promise<FileHandle> {
        throw Object.assign(new Error('ENOSPC: no space left on device, open'), { code: 'ENOSPC' });
      }
    }
    const store = await openStore(folder.path, usageCodec, { directory: new FullDisk(folder.path) });
    for (let i = 0; i < 5; i++) store.append(usageRecord());
    await store.close();
    const { appended, written, pending, dropped } = store.stats();
    assert.deepEqual(
      { appended, written, pending, dropped },
      { appended: 5, written: 0, pending: 0, dropped: 5 },
    );
  });
});

/** Kills the appender some ms after its `lines`-th acknowledgement. Returns how many records it had acknowledged. */
async function killAfter(child: ChildProcess, lines: number, ms: number): Promise<number> {
  const exited = once(child, 'exit');
  let acknowledged = 0;
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout! })) {
    acknowledged = Number(line);
    seen++;
    if (seen === lines) setTimeout(() => child.kill('SIGKILL'), ms);
  }
  await exited;
  return acknowledged;
}

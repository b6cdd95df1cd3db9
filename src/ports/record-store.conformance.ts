import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ReadRange, RecordStore } from './telemetry.ts';

/** What a record store must be tested with. */
export interface RecordStoreSubject<T> {
  /** Opens the store of this subject; again after `close`, with what it held. */
  open(): Promise<RecordStore<T>>;
  /** A record that `idOf` and `timeOf` can be read back from. */
  make(id: string, time: number): T;
  idOf(record: T): string;
  /** Frees whatever the subject has taken on the machine. */
  dispose(): Promise<void>;
}

const ALL: ReadRange = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

/** The behaviour that every record store has. Call it from a test file of the adapter, once for each kind of record. */
export function recordStoreConformance<T>(
  name: string,
  subjectOf: () => Promise<RecordStoreSubject<T>>,
): void {
  const scenario = (title: string, run: (subject: RecordStoreSubject<T>) => Promise<void>): void => {
    test(title, async () => {
      const subject = await subjectOf();
      try {
        await run(subject);
      } finally {
        await subject.dispose();
      }
    });
  };
  const ids = async (
    subject: RecordStoreSubject<T>,
    store: RecordStore<T>,
    range: ReadRange = ALL,
    filter?: (record: T) => boolean,
  ): Promise<string[]> => {
    const found: string[] = [];
    for await (const record of store.read(range, filter)) found.push(subject.idOf(record));
    return found;
  };
  const fill = (
    subject: RecordStoreSubject<T>,
    store: RecordStore<T>,
    from: number,
    to: number,
  ): string[] => {
    const made: string[] = [];
    for (let i = from; i < to; i++) {
      store.append(subject.make(`id-${i}`, 1_000 + i));
      made.push(`id-${i}`);
    }
    return made;
  };

  suite(`record store: ${name}`, () => {
    scenario('reads what was appended, in that order, before and after it is on disk', async (subject) => {
      const store = await subject.open();
      const first = fill(subject, store, 0, 50);
      assert.deepEqual(await ids(subject, store), first);
      await store.flush();
      assert.deepEqual(await ids(subject, store), first);
      const second = fill(subject, store, 50, 70);
      assert.deepEqual(await ids(subject, store), [...first, ...second]);
      await store.close();
    });

    scenario('keeps everything over close and open', async (subject) => {
      const store = await subject.open();
      const first = fill(subject, store, 0, 100);
      await store.close();
      const again = await subject.open();
      assert.deepEqual(await ids(subject, again), first);
      const second = fill(subject, again, 100, 120);
      await again.flush();
      assert.deepEqual(await ids(subject, again), [...first, ...second]);
      await again.close();
    });

    scenario('a range is inclusive below, exclusive above, and a filter narrows it', async (subject) => {
      const store = await subject.open();
      fill(subject, store, 0, 10);
      await store.flush();
      fill(subject, store, 10, 20);
      assert.deepEqual(await ids(subject, store, { from: 1_008, to: 1_012 }), [
        'id-8',
        'id-9',
        'id-10',
        'id-11',
      ]);
      assert.deepEqual(
        await ids(subject, store, { from: 1_008, to: 1_012 }, (record) => subject.idOf(record) !== 'id-9'),
        ['id-8', 'id-10', 'id-11'],
      );
      assert.deepEqual(await ids(subject, store, { from: 5_000, to: 6_000 }), []);
      await store.close();
    });

    scenario('newest gives the last so many that match, still in order', async (subject) => {
      const store = await subject.open();
      fill(subject, store, 0, 30);
      await store.flush();
      fill(subject, store, 30, 35);
      assert.deepEqual(await ids(subject, store, { ...ALL, newest: 3 }), ['id-32', 'id-33', 'id-34']);
      assert.deepEqual(await ids(subject, store, { from: 0, to: 1_032, newest: 4 }), [
        'id-28',
        'id-29',
        'id-30',
        'id-31',
      ]);
      const even = (record: T): boolean => Number(subject.idOf(record).slice(3)) % 2 === 0;
      assert.deepEqual(await ids(subject, store, { ...ALL, newest: 3 }, even), ['id-30', 'id-32', 'id-34']);
      assert.equal((await ids(subject, store, { ...ALL, newest: 1_000 })).length, 35);
      await store.close();
    });

    scenario('read and follow begun in one tick miss nothing and repeat nothing', async (subject) => {
      const store = await subject.open();
      const expected = fill(subject, store, 0, 40);
      const live: string[] = [];
      // Writing is under way, so that the seam falls into the middle of a batch.
      const flushed = store.flush();
      expected.push(...fill(subject, store, 40, 45));
      const stop = store.follow((record) => live.push(subject.idOf(record)));
      const stored = store.read(ALL);
      expected.push(...fill(subject, store, 45, 60));
      await flushed;
      expected.push(...fill(subject, store, 60, 70));
      await store.flush();
      const seen: string[] = [];
      for await (const record of stored) seen.push(subject.idOf(record));
      stop();
      fill(subject, store, 70, 75);
      assert.deepEqual([...seen, ...live], expected);
      await store.close();
    });

    scenario('a listener that throws is called no more and disturbs nobody', async (subject) => {
      const store = await subject.open();
      let calls = 0;
      const heard: string[] = [];
      store.follow(() => {
        calls++;
        throw new Error('A broken listener.');
      });
      store.follow((record) => heard.push(subject.idOf(record)));
      const made = fill(subject, store, 0, 3);
      assert.equal(calls, 1);
      assert.deepEqual(heard, made);
      assert.deepEqual(await ids(subject, store), made);
      await store.close();
    });

    scenario('its counters add up; appends after close are dropped', async (subject) => {
      const store = await subject.open();
      fill(subject, store, 0, 25);
      const before = store.stats();
      assert.equal(before.appended, 25);
      assert.equal(before.written + before.pending + before.dropped, 25);
      await store.flush();
      assert.deepEqual([store.stats().written, store.stats().pending, store.stats().dropped], [25, 0, 0]);
      await store.close();
      store.append(subject.make('late', 1));
      const after = store.stats();
      assert.deepEqual([after.appended, after.written, after.pending, after.dropped], [26, 25, 0, 1]);
      await store.close();
    });
  });
}

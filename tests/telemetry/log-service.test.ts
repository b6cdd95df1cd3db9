import assert from 'node:assert/strict';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { logCodec } from '../../src/adapters/segments/log-codec.ts';
import type { SegmentStore } from '../../src/adapters/segments/segment-store.ts';
import type { LogLine, LogQuery } from '../../src/contract/control-api.ts';
import type { LogRecord } from '../../src/domain/invocation.ts';
import { LOG_SINK_LIMITS, LogSink, type LogSinkLimits } from '../../src/services/logs/log-sink.ts';
import { StoredLogReader } from '../../src/services/logs/stored-log-reader.ts';
import { ALL, collect, HandClock, logRecord, makeFolder, openStore } from './segment-fixture.ts';

let folder: Awaited<ReturnType<typeof makeFolder>>;
let store: SegmentStore<LogRecord>;
const clock = new HandClock(1_000_000);
beforeEach(async () => {
  folder = await makeFolder();
  store = await openStore(folder.path, logCodec, { clock });
});
afterEach(async () => {
  await store.close();
  await folder.remove();
});

const stored = async (): Promise<string[]> =>
  (await collect(store.read(ALL))).map((record) => record.message);

function openSink(t: { after(run: () => void): void }, limits: Partial<LogSinkLimits> = {}): LogSink {
  const sink = new LogSink(store, clock, { ...LOG_SINK_LIMITS, ...limits });
  t.after(() => sink.close());
  return sink;
}

suite('log sink', () => {
  test('a flood is cut to the rate, and one line says how much was dropped', async (t) => {
    const sink = openSink(t, { linesPerSecond: 10, burstSeconds: 2 });
    for (let i = 0; i < 100; i++) sink.log(logRecord({ message: `line ${i}` }));
    assert.deepEqual(
      await stored(),
      Array.from({ length: 20 }, (_, i) => `line ${i}`),
    );
    // Half full again after a second: until then the gate stays shut.
    clock.ms += 900;
    sink.log(logRecord({ message: 'too early' }));
    sink.sweep();
    assert.equal((await stored()).length, 20);
    clock.ms += 100;
    sink.log(logRecord({ message: 'open again' }));
    const [note, line, ...rest] = (await collect(store.read(ALL))).slice(20);
    assert.deepEqual(rest, []);
    assert.equal(note?.message, '81 log lines dropped (limit 10 lines/s and 1048576 bytes/s)');
    assert.deepEqual([note?.level, note?.function, note?.fields], ['warn', 'hello', { dropped: 81 }]);
    assert.equal(line?.message, 'open again');
  });

  test('a steady flood gets its rate, with few notes', async (t) => {
    const sink = openSink(t, { linesPerSecond: 100, burstSeconds: 1 });
    let sent = 0;
    for (let ms = 0; ms < 10_000; ms += 10) {
      clock.ms += 10;
      for (let i = 0; i < 10; i++) sink.log(logRecord({ message: `line ${sent++}` }));
    }
    sink.close();
    const messages = await stored();
    const notes = messages.filter((message) => message.includes('dropped'));
    const lines = messages.length - notes.length;
    assert.ok(lines >= 950 && lines <= 1_150, `${lines} lines in 10 s at 100 lines/s`);
    assert.ok(notes.length <= 25, `${notes.length} notes`);
    const dropped = notes.reduce((sum, note) => sum + Number(note.split(' ')[0]), 0);
    assert.equal(lines + dropped, sent, 'every line was kept or counted');
  });

  test('a quiet end is told too: by the sweep, or at the close', async (t) => {
    const sink = openSink(t, { linesPerSecond: 1, burstSeconds: 2 });
    for (let i = 0; i < 5; i++) sink.log(logRecord());
    clock.ms += 1_000;
    sink.sweep();
    assert.equal((await stored()).at(-1), '3 log lines dropped (limit 1 lines/s and 1048576 bytes/s)');
    for (let i = 0; i < 2; i++) sink.log(logRecord());
    sink.close();
    assert.equal((await stored()).at(-1), '1 log line dropped (limit 1 lines/s and 1048576 bytes/s)');
  });

  test('bytes count too, and one version does not pay for another', async (t) => {
    const sink = openSink(t, { bytesPerSecond: 1_000, burstSeconds: 1 });
    for (let i = 0; i < 3; i++) sink.log(logRecord({ message: 'x'.repeat(700) }));
    sink.log(logRecord({ message: 'other version', version: 'ffff' }));
    sink.log(logRecord({ message: 'other function', function: 'list' }));
    const messages = await stored();
    assert.equal(messages.filter((message) => message.startsWith('xxx')).length, 2);
    assert.deepEqual(messages.slice(-2), ['other version', 'other function']);
  });

  test('the number of watched versions is bounded, and nothing dropped goes untold', async (t) => {
    const sink = openSink(t, { linesPerSecond: 1, burstSeconds: 1, gatesMax: 2 });
    for (const version of ['a', 'a', 'b', 'c']) sink.log(logRecord({ version, message: version }));
    assert.deepEqual(await stored(), [
      'a',
      'b',
      '1 log line dropped (limit 1 lines/s and 1048576 bytes/s)',
      'c',
    ]);
  });

  test('giants are cut at a whole character, large and impossible fields are left out', async (t) => {
    const sink = openSink(t, { messageBytesMax: 10, fieldsBytesMax: 20 });
    sink.log(logRecord({ message: 'ééééééé', fields: { a: 1 } }));
    sink.log(logRecord({ message: '0123456789', fields: { long: 'x'.repeat(50) } }));
    sink.log(logRecord({ message: 'odd', fields: { big: 1n } }));
    assert.deepEqual(
      (await collect(store.read(ALL))).map(({ message, fields }) => [message, fields]),
      [
        ['ééééé… [cut: the message had 14 bytes]', { a: 1 }],
        ['0123456789', { omitted: '61 bytes of fields' }],
        ['odd', { omitted: 'not expressible in JSON' }],
      ],
    );
  });

  test('lines below the level are not kept', async (t) => {
    const sink = openSink(t, { levelMin: 'warn' });
    for (const level of ['debug', 'info', 'warn', 'error'] as const)
      sink.log(logRecord({ level, message: level }));
    assert.deepEqual(await stored(), ['warn', 'error']);
  });
});

suite('log reader', () => {
  const forever = new AbortController().signal;
  const messages = async (query: LogQuery, apps: string[] | null = null): Promise<string[]> => {
    const lines = await collect<LogLine>(new StoredLogReader(store).query(query, { apps, signal: forever }));
    return lines.map((line) => line.message);
  };

  test('filters by every field, by time, and by what the asker may see', async () => {
    store.append(logRecord({ message: 'a', time: 1, requestId: 'r1' }));
    store.append(logRecord({ message: 'b', time: 2, app: 'blog', level: 'error' }));
    store.append(logRecord({ message: 'c', time: 3, environment: 'preview' }));
    store.append(logRecord({ message: 'd', time: 4, function: 'list' }));
    assert.deepEqual(await messages({}), ['a', 'b', 'c', 'd']);
    assert.deepEqual(await messages({ request: 'r1' }), ['a']);
    assert.deepEqual(await messages({ level: 'error' }), ['b']);
    assert.deepEqual(await messages({ app: 'shop', environment: 'preview' }), ['c']);
    assert.deepEqual(await messages({ function: 'list' }), ['d']);
    assert.deepEqual(await messages({ since: 2, until: 4 }), ['b', 'c']);
    assert.deepEqual(await messages({ limit: 2 }), ['c', 'd']);
    assert.deepEqual(await messages({}, ['blog']), ['b']);
    assert.deepEqual(await messages({ app: 'shop' }, ['blog']), []);
  });

  test('follow goes on where the stored lines end, without gap or repetition, until it is aborted', async () => {
    for (let i = 0; i < 30; i++) store.append(logRecord({ message: `line ${i}` }));
    const abort = new AbortController();
    const query = { follow: true, limit: 25, app: 'shop' };
    const seen: string[] = [];
    let appended = 30;
    for await (const line of new StoredLogReader(store).query(query, { apps: null, signal: abort.signal })) {
      seen.push(line.message);
      // New lines come in while the stored ones are still being read, and after.
      if (seen.length % 5 === 0 && appended < 60) {
        store.append(logRecord({ message: `line ${appended++}` }));
        store.append(logRecord({ message: 'of another app', app: 'blog' }));
        store.append(logRecord({ message: `line ${appended++}` }));
      }
      if (seen.length % 7 === 0) await store.flush();
      if (appended < 60 && seen.length === appended - 5) {
        setImmediate(() => store.append(logRecord({ message: `line ${appended++}` })));
      }
      if (seen.length === 55) abort.abort();
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 55 }, (_, i) => `line ${i + 5}`),
    );
  });

  test('follow ends when it is aborted while nothing happens, and leaves no listener behind', async () => {
    const abort = new AbortController();
    const lines = new StoredLogReader(store).query({ follow: true }, { apps: null, signal: abort.signal });
    const waiting = lines[Symbol.asyncIterator]().next();
    await store.flush();
    abort.abort();
    assert.deepEqual(await waiting, { done: true, value: undefined });
  });

  test('a reader that is too slow loses the oldest lines and is told how many', async () => {
    const abort = new AbortController();
    const reader = new StoredLogReader(store, { linesMax: 4, charactersMax: 1_000_000 });
    const lines = reader
      .query({ follow: true }, { apps: null, signal: abort.signal })
      [Symbol.asyncIterator]();
    const first = lines.next();
    await store.flush();
    store.append(logRecord({ message: 'line 0' }));
    assert.equal((await first).value?.message, 'line 0');
    for (let i = 1; i <= 6; i++) store.append(logRecord({ message: `line ${i}` }));
    const seen: unknown[] = [];
    for (let i = 0; i < 4; i++) seen.push((await lines.next()).value?.message);
    assert.deepEqual(seen, [
      '3 log lines skipped: this reader is slower than the log',
      'line 4',
      'line 5',
      'line 6',
    ]);
    abort.abort();
    assert.equal((await lines.next()).done, true);
  });
});

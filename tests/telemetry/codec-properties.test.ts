import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SegmentCodec } from '../../src/adapters/segments/codec.ts';
import { logCodec } from '../../src/adapters/segments/log-codec.ts';
import { usageCodec } from '../../src/adapters/segments/usage-codec.ts';
import type { LogRecord, UsageRecord } from '../../src/domain/invocation.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const amount = fc
  .double({ min: 0, max: 1e12, noNaN: true, noDefaultInfinity: true })
  .map((value) => value + 0);

const usageRecords: fc.Arbitrary<UsageRecord> = fc
  .record({
    requestId: text,
    at: amount,
    versionKey: fc.constantFrom('a/production/f@1', 'a/production/g@2', 'ü/production/f@1'),
    project: fc.constantFrom('default', 'other'),
    app: fc.constantFrom('a', 'ü'),
    environment: fc.constant('production'),
    function: text,
    version: fc.constant('00112233'),
    release: fc.constantFrom('r-1', 'r-2'),
    trigger: fc.constantFrom('http', 'invoke'),
    queuedMs: amount,
    initMs: amount,
    durationMs: amount,
    billedMs: fc.nat(),
    memoryMb: fc.integer({ min: 64, max: 10_240 }),
    cpuUs: fc.nat(),
    cold: fc.boolean(),
    outcome: fc.constantFrom('ok', 'FUNCTION_THREW', 'QUEUE_FULL'),
    status: fc.integer({ min: 0, max: 599 }),
    bytesIn: fc.nat(),
    bytesOut: fc.nat(),
  })
  .map((record) => ({ ...record }));

/** What JSON can carry: it writes -0 as 0 (ECMA-262, SerializeJSONProperty), so that is what a field holds. */
const jsonValue = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);

const logRecords: fc.Arbitrary<LogRecord> = fc
  .record({
    time: fc.nat(),
    level: fc.constantFrom('debug', 'info', 'warn', 'error'),
    app: text,
    environment: text,
    function: text,
    version: text,
    requestId: fc.option(text),
    message: fc.string({ unit: 'binary', maxLength: 60 }),
    fields: fc.option(fc.dictionary(fc.string(), jsonValue, { noNullPrototype: true })),
  })
  .map((record) => ({ ...record }));

function decodeAll<T>(
  codec: SegmentCodec<T>,
  bytes: Buffer,
): { records: T[]; wholeBytes: number; damaged: number } {
  const decoder = codec.decoder(bytes);
  const records: T[] = [];
  for (let record = decoder.next(); record !== undefined; record = decoder.next()) records.push(record);
  return { records, wholeBytes: decoder.wholeBytes, damaged: decoder.damaged };
}

/** Encodes groups of records, each group taken as one write would take it. */
function encode<T>(codec: SegmentCodec<T>, groups: readonly (readonly T[])[]): Buffer[] {
  const encoder = codec.encoder();
  return groups.map((group) => {
    for (const record of group) encoder.add(record);
    return encoder.take();
  });
}

function codecProperties<T>(name: string, codec: SegmentCodec<T>, records: fc.Arbitrary<T>): void {
  const groups = fc.array(fc.array(records, { maxLength: 6 }), { minLength: 1, maxLength: 4 });

  test(`${name}: what was encoded is decoded, whole and in order`, () => {
    fc.assert(
      fc.property(groups, (made) => {
        const bytes = Buffer.concat(encode(codec, made));
        const { records: found, wholeBytes, damaged } = decodeAll(codec, bytes);
        assert.deepEqual(found, made.flat());
        assert.equal(wholeBytes, bytes.length);
        assert.equal(damaged, 0);
      }),
    );
  });

  test(`${name}: cut at any byte, a file gives a beginning of its records and says where that ends`, () => {
    fc.assert(
      fc.property(groups, (made) => {
        const writes = encode(codec, made);
        const bytes = Buffer.concat(writes);
        const all = made.flat();
        for (let cut = 0; cut <= bytes.length; cut++) {
          const { records: found, wholeBytes } = decodeAll(codec, bytes.subarray(0, cut));
          assert.deepEqual(found, all.slice(0, found.length));
          assert.ok(wholeBytes <= cut);
          // Every write that is there whole gives all its records.
          let end = 0;
          let due = 0;
          for (const [index, write] of writes.entries()) {
            end += write.length;
            if (end <= cut) due += made[index]!.length;
          }
          assert.ok(found.length >= due, `${found.length} records instead of ${due} at byte ${cut}`);
          // What follows the cut may be written over: the beginning stands for itself.
          assert.deepEqual(decodeAll(codec, bytes.subarray(0, wholeBytes)).records, found);
        }
      }),
      { numRuns: 8 },
    );
  });
}

codecProperties('ledger', usageCodec, usageRecords);
codecProperties('log', logCodec, logRecords);

test('ledger: a changed byte is noticed wherever it is, and no changed record comes out', () => {
  fc.assert(
    fc.property(
      fc.array(usageRecords, { minLength: 1, maxLength: 5 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (made, position, change) => {
        const bytes = Buffer.concat(
          encode(
            usageCodec,
            made.map((record) => [record]),
          ),
        );
        const at = position % bytes.length;
        bytes[at] = bytes[at]! ^ change;
        const { records: found } = decodeAll(usageCodec, bytes);
        assert.ok(found.length < made.length);
        assert.deepEqual(found, made.slice(0, found.length));
      },
    ),
  );
});

test('log: a damaged line is left out and counted, the lines around it stay', () => {
  const lines = encode(
    logCodec,
    [1, 2, 3].map((time) => [{ time } as LogRecord]),
  );
  const { records: found, damaged } = decodeAll(
    logCodec,
    Buffer.concat([lines[0]!, Buffer.from('{"time":\0\0\n'), Buffer.from('17\n'), lines[2]!]),
  );
  assert.deepEqual(found, [{ time: 1 }, { time: 3 }]);
  assert.equal(damaged, 2);
});

test('ledger: many calls of few functions take little room', () => {
  const records: UsageRecord[] = fc.sample(usageRecords, 500).map((record, index) => ({
    ...record,
    requestId: '0'.repeat(32),
    function: `f${index % 5}`,
    memoryMb: 256,
  }));
  const bytes = Buffer.concat(encode(usageCodec, [records]));
  assert.ok(bytes.length / records.length < 150, `${bytes.length / records.length} bytes a record`);
});

import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';
import fc from 'fast-check';
import type { SegmentStore } from '../../src/adapters/segments/segment-store.ts';
import { usageCodec } from '../../src/adapters/segments/usage-codec.ts';
import {
  type PriceList,
  PriceListSchema,
  type UsageQuery,
  UsageReportSchema,
} from '../../src/contract/control-api.ts';
import type { UsageRecord } from '../../src/domain/invocation.ts';
import { DEFAULT_PRICE_LIST, LedgerReporter } from '../../src/services/usage/ledger-reporter.ts';
import { type UsageSums, usageRollup } from '../../src/services/usage/usage-rollup.ts';
import { validate } from './schema-check.ts';
import { HandClock, makeFolder, openStore, usageRecord } from './segment-fixture.ts';

let folder: Awaited<ReturnType<typeof makeFolder>>;
beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(() => folder.remove());

const DAY_MS = 86_400_000;
/** 2026-03-30T00:00Z: the days after it fall into two months. */
const START = Date.UTC(2026, 2, 30);
const NOW = START + 10 * DAY_MS;
const clock = new HandClock(NOW);
const PRICES: PriceList = {
  name: 'round numbers',
  date: '2026-01-01',
  source: 'none',
  currency: 'EUR',
  perMillionRequests: 0.2,
  perGbSecond: 0.0000166667,
};

type Ledger = SegmentStore<UsageRecord, UsageSums>;
const openLedger = (segmentBytesMax = 16_000_000): Promise<Ledger> =>
  openStore<UsageRecord, UsageSums>(folder.path, usageCodec, {
    clock,
    rollup: usageRollup,
    limits: { segmentBytesMax },
  });

const records = fc.array(
  fc.record({
    at: fc.integer({ min: START, max: START + 4 * DAY_MS }),
    app: fc.constantFrom('shop', 'blog'),
    function: fc.constantFrom('hello', 'list'),
    memoryMb: fc.constantFrom(64, 128, 333, 10_240),
    billedMs: fc.integer({ min: 1, max: 100_000 }),
    durationMs: fc.double({ min: 0, max: 1e5, noNaN: true }),
    cpuUs: fc.nat(),
    cold: fc.boolean(),
    outcome: fc.constantFrom('ok' as const, 'FUNCTION_THREW' as const),
  }),
  { minLength: 1, maxLength: 40 },
);

/** The plain way to the same figures: look at every record. */
function expectedRow(key: string, some: readonly UsageRecord[]): Record<string, unknown> {
  const sum = (of: (record: UsageRecord) => number): number =>
    some.reduce((all, record) => all + of(record), 0);
  return {
    key,
    calls: some.length,
    errors: some.filter((record) => record.outcome !== 'ok').length,
    coldStarts: some.filter((record) => record.cold).length,
    billedMs: sum((record) => record.billedMs),
    gbSeconds: sum((record) => record.memoryMb * record.billedMs) / 1_024_000,
    cpuMs: sum((record) => record.cpuUs) / 1_000,
  };
}

function keyOf(record: UsageRecord, by: UsageQuery['by']): string {
  if (by === 'app') return record.app;
  if (by === 'function') return `${record.app}/${record.function}`;
  return new Date(record.at).toISOString().slice(0, 10);
}

suite('usage report', () => {
  test('equals the exact sum of the records, whatever is sealed, open, in memory, or cut by the range', async () => {
    await fc.assert(
      fc.asyncProperty(
        records,
        fc.constantFrom('app' as const, 'function' as const, 'day' as const),
        fc.integer({ min: START, max: START + 4 * DAY_MS }),
        fc.integer({ min: 0, max: 4 * DAY_MS }),
        fc.nat({ max: 40 }),
        async (made, by, from, span, flushed) => {
          const path = join(folder.path, 'ledger');
          const options = { clock, rollup: usageRollup, limits: { segmentBytesMax: 700 } };
          const ledger = await openStore<UsageRecord, UsageSums>(path, usageCodec, options);
          const all = made.map((changes) => usageRecord(changes));
          for (const [index, record] of all.entries()) {
            ledger.append(record);
            if (index < flushed) await ledger.flush();
          }
          const reporter = new LedgerReporter(ledger, clock);
          for (const range of [{}, { from, to: from + span }]) {
            const report = await reporter.report({ by, ...range, priceList: PRICES }, null);
            const inRange = all.filter((record) => record.at >= report.from && record.at < report.to);
            const groups = Map.groupBy(inRange, (record) => keyOf(record, by));
            assert.deepEqual(
              report.rows.map(({ p50Ms, p99Ms, cost, ...row }) => row),
              [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, some]) => expectedRow(key, some)),
            );
            const { p50Ms, p99Ms, cost, ...total } = report.total;
            assert.deepEqual(total, expectedRow('total', inRange));
            const rowsCost = report.rows.reduce((sum, row) => sum + row.cost, 0);
            assert.ok(Math.abs(cost - rowsCost) < 1e-9, `rows cost ${rowsCost}, the total ${cost}`);
            const exact = total.calls * 2e-7 + total.gbSeconds * PRICES.perGbSecond;
            assert.ok(Math.abs(cost - exact) <= 1e-9 * Math.max(1, exact));
            if (inRange.length > 0) {
              const durations = inRange.map((record) => record.durationMs).sort((a, b) => a - b);
              const median = durations[Math.ceil(durations.length / 2) - 1]!;
              assert.ok(Math.abs(p50Ms - median) <= 0.0201 * median + 1e-6);
              assert.ok(p99Ms >= p50Ms);
            }
          }
          await ledger.close();
          await rm(path, { recursive: true });
        },
      ),
      { numRuns: 40 },
    );
  });

  test('the answer is what the control API promises, also for an empty ledger', async () => {
    const ledger = await openLedger();
    const report = await new LedgerReporter(ledger, clock).report({ by: 'app' }, null);
    assert.deepEqual(validate(UsageReportSchema, report), []);
    assert.deepEqual(report.rows, []);
    assert.equal(report.total.calls, 0);
    assert.equal(report.priceList, DEFAULT_PRICE_LIST);
    await ledger.close();
  });

  test('an app that the asker may not see is in no row and not in the total', async () => {
    const ledger = await openLedger();
    ledger.append(usageRecord({ app: 'shop', at: START }));
    ledger.append(usageRecord({ app: 'blog', at: START }));
    const reporter = new LedgerReporter(ledger, clock);
    const keys = async (query: UsageQuery, apps: string[] | null): Promise<string[]> =>
      (await reporter.report(query, apps)).rows.map((row) => row.key);
    assert.deepEqual(await keys({ by: 'app' }, null), ['blog', 'shop']);
    assert.deepEqual(await keys({ by: 'app' }, ['shop']), ['shop']);
    assert.deepEqual(await keys({ by: 'app', app: 'blog' }, ['shop']), []);
    assert.equal((await reporter.report({ by: 'app' }, ['shop'])).total.calls, 1);
    await ledger.close();
  });

  test('a call of this very millisecond is in the report', async () => {
    const ledger = await openLedger();
    ledger.append(usageRecord({ at: NOW }));
    assert.equal((await new LedgerReporter(ledger, clock).report({ by: 'app' }, null)).total.calls, 1);
    await ledger.close();
  });
});

suite('sums kept beside the ledger', () => {
  async function filled(): Promise<void> {
    const ledger = await openLedger(1);
    for (let i = 0; i < 6; i++) {
      ledger.append(usageRecord({ at: START + i, billedMs: 10 + i }));
      await ledger.flush();
    }
    await ledger.close();
  }
  const billed = async (): Promise<number> => {
    const ledger = await openLedger();
    const report = await new LedgerReporter(ledger, clock).report({ by: 'app' }, null);
    await ledger.close();
    return report.total.billedMs;
  };
  const sums = async (): Promise<string[]> =>
    (await readdir(folder.path))
      .filter((name) => name.endsWith('.sum'))
      .map((name) => join(folder.path, name));

  test('a report over whole sealed segments reads their sums, not their records', async () => {
    await filled();
    assert.equal((await sums()).length, 6);
    for (const name of await readdir(folder.path)) {
      // The same length, so that only reading it would tell.
      const path = join(folder.path, name);
      if (name.endsWith('.usage')) await writeFile(path, Buffer.alloc((await readFile(path)).length));
    }
    assert.equal(await billed(), 75);
  });

  test('one that is missing, damaged, or of another format is made anew', async () => {
    await filled();
    const [missing, damaged, foreign] = await sums();
    await rm(missing!);
    await writeFile(damaged!, (await readFile(damaged!, 'utf8')).replace('[1,', '[7,'));
    await writeFile(
      foreign!,
      (await readFile(foreign!, 'utf8')).replace(usageRollup.version, 'usage-sums-0'),
    );
    const before = await readFile(damaged!, 'utf8');
    assert.equal(await billed(), 75);
    assert.notEqual(await readFile(damaged!, 'utf8'), before);
    assert.equal((await sums()).length, 6);
    assert.equal(await billed(), 75);
  });
});

suite('money', () => {
  const cost = async (prices: PriceList, changes: Partial<UsageRecord>[]): Promise<number> => {
    const ledger = await openLedger();
    for (const change of changes) ledger.append(usageRecord({ at: START, ...change }));
    const report = await new LedgerReporter(ledger, clock).report({ by: 'app', priceList: prices }, null);
    await ledger.close();
    await rm(folder.path, { recursive: true });
    return report.total.cost;
  };
  const hour = { memoryMb: 1_024, billedMs: 3_600_000 };

  test('the default is a valid list, with date and source', () => {
    assert.deepEqual(validate(PriceListSchema, DEFAULT_PRICE_LIST), []);
    assert.match(DEFAULT_PRICE_LIST.date, /^\d{4}-\d{2}-\d{2}$/);
    assert.match(DEFAULT_PRICE_LIST.source, /^https:\/\/aws\.amazon\.com\//);
  });

  test('one call of an hour at one gigabyte, by the default list', async () => {
    // 3,600 GB-s × 0.0000166667 + 1 × 0.0000002
    assert.equal(await cost(DEFAULT_PRICE_LIST, [hour]), 0.06000032);
  });

  test('a free tier is taken off the total once in each calendar month', async () => {
    const free: PriceList = { ...PRICES, freeRequests: 1, freeGbSeconds: 1_800 };
    assert.equal(await cost(free, [hour]), 0.03000006);
    const nextMonth = { ...hour, at: START + 3 * DAY_MS };
    assert.equal(await cost(free, [hour, nextMonth]), 0.06000012);
    assert.equal(await cost(free, [{ memoryMb: 64, billedMs: 1 }]), 0);
  });
});

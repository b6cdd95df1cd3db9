import type { PriceList, UsageQuery, UsageReport, UsageRow } from '../../contract/control-api.ts';
import type { UsageRecord } from '../../domain/invocation.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SummarisingStore } from '../../ports/telemetry.ts';
import type { UsageReporter } from '../../ports/usage-reporter.ts';
import { amountOf, costOf, MB_MS_PER_GB_SECOND, type Money, monthCostOf } from './money.ts';
import awsLambda from './price-lists/aws-lambda.json' with { type: 'json' };
import { dateOf, type UsageCell, type UsageSums } from './usage-rollup.ts';
import { UsageTotals } from './usage-totals.ts';

/** What a call costs unless the asker brings another list. */
export const DEFAULT_PRICE_LIST: PriceList = awsLambda;

/**
 * Reports from the ledger. Rows stand at list price; a free tier is an allowance of a calendar month (UTC) and is taken
 * off the total only, once for each month that the report touches. Without a free tier the rows add up to the
 * total, exactly.
 */
export class LedgerReporter implements UsageReporter {
  readonly #ledger: SummarisingStore<UsageRecord, UsageSums>;
  readonly #clock: Clock;

  constructor(ledger: SummarisingStore<UsageRecord, UsageSums>, clock: Clock) {
    this.#ledger = ledger;
    this.#clock = clock;
  }

  async report(query: UsageQuery, apps: readonly string[] | null): Promise<UsageReport> {
    const from = query.from ?? 0;
    // Half open: a call of this very millisecond is in the report.
    const to = query.to ?? Math.floor(this.#clock.wall()) + 1;
    const priceList = query.priceList ?? DEFAULT_PRICE_LIST;
    const sums = await this.#ledger.summarise({ from, to });

    const rows = new Map<string, UsageTotals>();
    const months = new Map<string, UsageTotals>();
    const total = new UsageTotals();
    for (const cell of sums.cells()) {
      if (query.app !== undefined && cell.app !== query.app) continue;
      if (apps !== null && !apps.includes(cell.app)) continue;
      mergeInto(rows, rowKey(cell, query.by), cell.totals);
      mergeInto(months, dateOf(cell.day).slice(0, 7), cell.totals);
      total.merge(cell.totals);
    }
    const totalCost = months.values().reduce((sum, month) => sum + monthCostOf(month, priceList), 0n);
    return {
      from,
      to,
      priceList,
      rows: [...rows]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, totals]) => rowOf(key, totals, costOf(totals.calls, totals.mbMs, priceList))),
      total: rowOf('total', total, totalCost),
    };
  }
}

/** `shop`, `shop/hello` or `2026-11-21`. */
function rowKey(cell: UsageCell, by: UsageQuery['by']): string {
  if (by === 'app') return cell.app;
  return by === 'function' ? `${cell.app}/${cell.function}` : dateOf(cell.day);
}

function mergeInto(totals: Map<string, UsageTotals>, key: string, more: UsageTotals): void {
  const known = totals.get(key) ?? new UsageTotals();
  known.merge(more);
  totals.set(key, known);
}

function rowOf(key: string, totals: UsageTotals, cost: Money): UsageRow {
  return {
    key,
    calls: totals.calls,
    errors: totals.errors,
    coldStarts: totals.coldStarts,
    p50Ms: totals.durations.quantile(0.5),
    p99Ms: totals.durations.quantile(0.99),
    billedMs: totals.billedMs,
    gbSeconds: totals.mbMs / MB_MS_PER_GB_SECOND,
    cpuMs: totals.cpuUs / 1_000,
    cost: amountOf(cost),
  };
}

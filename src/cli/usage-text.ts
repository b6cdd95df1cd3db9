import type { UsageQuery, UsageReport, UsageRow } from '../contract/control-api.ts';
import { formatMoney } from './format.ts';
import type { Paint } from './paint.ts';
import { type Column, renderTable } from './table.ts';

const NUMBERS = ['calls', 'errors', 'cold', 'p50 ms', 'p99 ms', 'billed ms', 'GB-s', 'CPU ms'];

/** A usage report for people: a row a key, the total, and whose prices these are. */
export function usageText(report: UsageReport, by: UsageQuery['by'], paint: Paint): string {
  const { currency, name, date, source } = report.priceList;
  const columns: Column[] = [
    { title: by },
    ...NUMBERS.map((title) => ({ title, align: 'right' }) as const),
    { title: 'cost', align: 'right' },
  ];
  const cells = (row: UsageRow, key: string) => [
    key,
    String(row.calls),
    String(row.errors),
    String(row.coldStarts),
    row.p50Ms.toFixed(2),
    row.p99Ms.toFixed(2),
    String(row.billedMs),
    row.gbSeconds.toFixed(6),
    row.cpuMs.toFixed(1),
    formatMoney(currency, row.cost),
  ];
  const total = cells(report.total, 'total').map((cell) => paint('bold', cell));
  const table = renderTable(columns, [...report.rows.map((row) => cells(row, row.key)), total]);
  return `${table}\n\nPrices: ${name}, as of ${date} (${source})`;
}

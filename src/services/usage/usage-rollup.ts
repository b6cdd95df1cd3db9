import type { UsageRecord } from '../../domain/invocation.ts';
import type { Rollup } from '../../ports/telemetry.ts';
import { UsageTotals } from './usage-totals.ts';

const DAY_MS = 86_400_000;

/** Totals of one function on one day. */
export interface UsageCell {
  /** Whole days since the epoch, UTC. */
  readonly day: number;
  readonly app: string;
  readonly function: string;
  readonly totals: UsageTotals;
}

/** By app, function and day: fine enough for every report, small enough to keep beside each part of the ledger. */
export class UsageSums {
  readonly #apps = new Map<string, Map<string, Map<number, UsageCell>>>();

  /** The totals of that function on that day, made when new. */
  totals(app: string, name: string, day: number): UsageTotals {
    const functions = getOrMake(this.#apps, app, () => new Map());
    const days = getOrMake(functions, name, () => new Map());
    return getOrMake(days, day, () => ({ day, app, function: name, totals: new UsageTotals() })).totals;
  }

  *cells(): Generator<UsageCell> {
    for (const functions of this.#apps.values()) {
      for (const days of functions.values()) yield* days.values();
    }
  }
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

export const usageRollup: Rollup<UsageRecord, UsageSums> = {
  version: 'usage-sums-1',
  empty: () => new UsageSums(),
  add: (sum, record) => {
    sum.totals(record.app, record.function, Math.floor(record.at / DAY_MS)).add(record);
  },
  merge: (sum, other) => {
    for (const cell of other.cells()) sum.totals(cell.app, cell.function, cell.day).merge(cell.totals);
  },
  encode: (sum) =>
    JSON.stringify(Array.from(sum.cells(), (cell) => [cell.app, cell.function, cell.day, cell.totals])),
  decode: (text) => {
    const sum = new UsageSums();
    for (const [app, name, day, totals] of JSON.parse(text)) {
      sum.totals(app, name, day).merge(UsageTotals.fromJSON(totals));
    }
    return sum;
  },
};

/** `2026-11-21` for a day of a cell. */
export function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

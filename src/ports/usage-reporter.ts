import type { UsageQuery, UsageReport } from '../contract/control-api.ts';

/** Sums up the usage ledger for the control API. */
export interface UsageReporter {
  /**
   * Rows in the order of their keys, and their total. Without `from`: the whole ledger; without `to`: until now; without
   * `priceList`: the list that Mayfly ships. `apps` are those that the asker may see; null: all.
   * What was appended to the ledger before the call is in the report.
   */
  report(query: UsageQuery, apps: readonly string[] | null): Promise<UsageReport>;
}

import type { LogLine, LogQuery } from '../contract/control-api.ts';

/** Reads the log store for the control API. */
export interface LogReader {
  /**
   * Lines that the query accepts, oldest first. `request` and `level` name exact values; `since` is inclusive, `until`
   * exclusive (ms since the epoch). With `limit`, the newest `limit` of the lines already stored.
   * With `follow` it goes on with every new line, until `scope.signal` aborts; it then ends without throwing.
   * A reader that falls behind loses lines rather than holding up the store.
   */
  query(query: LogQuery, scope: LogScope): AsyncIterable<LogLine>;
}

export interface LogScope {
  /** Apps that the asker may see; null: all. Lines of others are left out even when the query names their app. */
  readonly apps: readonly string[] | null;
  readonly signal: AbortSignal;
}

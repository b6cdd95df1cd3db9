import type { LogRecord, UsageRecord } from '../domain/invocation.ts';

/** Where the data plane drops what must be recorded. Every method returns at once and never throws. */
export interface TelemetrySink {
  usage(record: UsageRecord): void;
  log(record: LogRecord): void;
}

/**
 * An append-only store of records in time order, kept by size and age. One for log lines, one for the ledger.
 * Appends are batched: a record is on disk at most `flushIntervalMs` later, or after `flush()`.
 */
export interface RecordStore<T> {
  append(record: T): void;
  /** Everything appended so far is on disk when this resolves. */
  flush(): Promise<void>;
  /** Records with `from <= time < to` (ms since the epoch) that `filter` accepts, oldest first. */
  read(
    range: { readonly from: number; readonly to: number },
    filter?: (record: T) => boolean,
  ): AsyncIterable<T>;
  /** Calls back for every record appended from now on, until the returned function is called. */
  follow(listener: (record: T) => void): () => void;
  /** Records that were refused because memory or disk could not take them, since start. */
  readonly dropped: number;
  close(): Promise<void>;
}

import type { LogRecord, UsageRecord } from '../domain/invocation.ts';

/**
 * Where the data plane drops what must be recorded. Every method returns at once and never throws.
 * A usage record is at the same time the access record of its call: one record a call, no second log of requests.
 */
export interface TelemetrySink {
  usage(record: UsageRecord): void;
  log(record: LogRecord): void;
}

/**
 * An append-only store of records in the order of their arrival, kept by size and age. One for log lines, one for
 * the ledger. Appends are batched: a record is in the file at most `flushIntervalMs` later, or after `flush()`.
 * Arrival follows the records' own time only roughly: a call that ran for an hour arrives an hour after its time.
 */
export interface RecordStore<T> {
  /** Returns at once and never throws; a record that cannot be taken is dropped and counted. */
  append(record: T): void;
  /** Everything appended so far is on disk when this resolves. @throws MayflyError STORAGE_FULL, INTERNAL */
  flush(): Promise<void>;
  /**
   * Records with `from <= time < to` (ms since the epoch) that `filter` accepts, in the order of arrival; with `newest`, only
   * the last so many of them. Covers exactly what was appended before this was called, on disk or not: together with
   * a `follow` begun in the same tick nothing is missed and nothing comes twice. A record that retention removes
   * meanwhile may be missing.
   */
  read(range: ReadRange, filter?: (record: T) => boolean): AsyncIterable<T>;
  /**
   * Calls back, in the same tick, for every record accepted from now on, until the returned function is called.
   * A listener that throws is called no more.
   */
  follow(listener: (record: T) => void): () => void;
  stats(): RecordStoreStats;
  /** Writes what it can, counts the rest as dropped, and never rejects. Appends after it are dropped. */
  close(): Promise<void>;
}

export interface ReadRange {
  readonly from: number;
  readonly to: number;
  readonly newest?: number;
}

/** Counters since start. Always: `appended = written + pending + dropped`. */
export interface RecordStoreStats {
  /** Calls of `append`. */
  readonly appended: number;
  /** In the files. */
  readonly written: number;
  /** In memory, not yet in a file. */
  readonly pending: number;
  /** Refused: memory bound reached, or the record could not be encoded, or the store was closed. */
  readonly dropped: number;
  /** Records or blocks found damaged while reading, and left out. */
  readonly damaged: number;
  /** Bytes and files on disk, those of earlier runs included. */
  readonly bytes: number;
  readonly segments: number;
}

/** How to sum up many records, so that the sum can be kept instead of reading them again. */
export interface Rollup<T, S> {
  /** Names the format of the sum; a stored one of another version is made anew. */
  readonly version: string;
  empty(): S;
  add(sum: S, record: T): void;
  /** Adds `other` to `sum`. Any order and grouping of `add` and `merge` must give the same sum. */
  merge(sum: S, other: S): void;
  encode(sum: S): string;
  /** @throws Error when the text is not one of `encode`. */
  decode(text: string): S;
}

/** A store that can sum up its records without reading all of them. */
export interface SummarisingStore<T, S> extends RecordStore<T> {
  /** The sum of exactly what `read` of the same range would give. */
  summarise(range: { readonly from: number; readonly to: number }): Promise<S>;
}

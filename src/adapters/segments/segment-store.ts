import { MayflyError, toMayflyError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ReadRange, RecordStoreStats, Rollup, SummarisingStore } from '../../ports/telemetry.ts';
import { AppendQueue } from './append-queue.ts';
import type { SegmentCodec } from './codec.ts';
import { isWithin, type Segment } from './segment.ts';
import type { SegmentDirectory } from './segment-directory.ts';
import type { SegmentLimits } from './segment-limits.ts';
import { SegmentReader, type StoreView } from './segment-reader.ts';
import { repairSegment } from './segment-repair.ts';
import { SegmentSums } from './segment-sum.ts';
import { SegmentWriter } from './segment-writer.ts';

export interface SegmentStoreOptions<T, S> {
  readonly directory: SegmentDirectory;
  readonly codec: SegmentCodec<T>;
  readonly limits: SegmentLimits;
  readonly clock: Clock;
  /** Makes `summarise` possible. */
  readonly rollup?: Rollup<T, S>;
  /** Told once when writing begins to fail, and again when it has worked in between. */
  readonly onFailure?: (error: MayflyError) => void;
}

/**
 * A record store in a folder of append-only files.
 *
 * `append` only puts the record into memory. In the background records are encoded in short slices and written in
 * batches; a batch that cannot be written (disk full) is tried again until it can, while at most `pendingRecordsMax`
 * wait behind it and the others are dropped. What a kill tore off at the end of a file is cut at the next start.
 */
export class SegmentStore<T, S = never> implements SummarisingStore<T, S> {
  readonly #directory: SegmentDirectory;
  readonly #codec: SegmentCodec<T>;
  readonly #limits: SegmentLimits;
  readonly #clock: Clock;
  readonly #rollup: Rollup<T, S> | null;
  readonly #segments: Segment[];
  readonly #writer: SegmentWriter<T, S>;
  readonly #reader: SegmentReader<T, S>;
  readonly #queue: AppendQueue<T, S>;
  readonly #listeners = new Set<(record: T) => void>();
  readonly #maintenance: NodeJS.Timeout;
  #appended = 0;
  #refused = 0;
  #closed = false;

  /** Opens the folder and repairs what a crash left. @throws MayflyError STORAGE_FULL, INTERNAL */
  static async open<T, S = never>(options: SegmentStoreOptions<T, S>): Promise<SegmentStore<T, S>> {
    const { directory, codec, limits, rollup } = options;
    try {
      const segments: Segment[] = [];
      for (const segment of await directory.open(codec.extension)) {
        if (!segment.sealed) await repairSegment(segment, directory, codec, limits.sliceMs);
        if (segment.sealed) segments.push(segment);
      }
      const sums = rollup === undefined ? null : new SegmentSums(directory, rollup);
      const store = new SegmentStore<T, S>(options, segments, sums);
      await store.#retire();
      return store;
    } catch (error) {
      throw toMayflyError(error);
    }
  }

  private constructor(
    options: SegmentStoreOptions<T, S>,
    segments: Segment[],
    sums: SegmentSums<T, S> | null,
  ) {
    const { directory, codec, limits, clock, rollup = null, onFailure = () => {} } = options;
    this.#directory = directory;
    this.#codec = codec;
    this.#limits = limits;
    this.#clock = clock;
    this.#rollup = rollup;
    this.#segments = segments;
    this.#writer = new SegmentWriter(directory, codec, rollup, sums, segments);
    this.#reader = new SegmentReader(directory, codec, rollup, sums, limits.sliceMs);
    this.#queue = new AppendQueue(this.#writer, codec, limits, clock, onFailure, () => this.#retire());
    this.#maintenance = setInterval(() => {
      const maintained = this.#queue.inTurn(async () => {
        await this.#queue.rotateIfDue();
        await this.#retire();
      });
      // A disk that refuses now is asked again the next time; appends report its failures.
      maintained.catch(() => {});
    }, limits.maintenanceIntervalMs);
    this.#maintenance.unref();
  }

  append(record: T): void {
    this.#appended++;
    if (this.#closed || !this.#queue.push(record)) {
      this.#refused++;
      return;
    }
    for (const listener of this.#listeners) {
      try {
        listener(record);
      } catch {
        this.#listeners.delete(listener);
      }
    }
  }

  async flush(): Promise<void> {
    try {
      await this.#queue.flush();
    } catch (error) {
      throw toMayflyError(error);
    }
  }

  read(range: ReadRange, filter?: (record: T) => boolean): AsyncIterable<T> {
    const view = this.#view();
    const accept = this.#accept(range, filter);
    return range.newest === undefined
      ? this.#reader.all(view, range, accept)
      : this.#reader.newest(view, range, accept, range.newest);
  }

  async summarise(range: { readonly from: number; readonly to: number }): Promise<S> {
    if (this.#rollup === null) throw new MayflyError('INTERNAL', 'This store was opened without a roll-up.');
    const sum = this.#rollup.empty();
    let view = this.#view();
    const { current } = this.#writer;
    if (current !== null && current.sum !== null && isWithin(current.segment, range.from, range.to)) {
      // The running sum moves on with the next write: it is taken in this tick, as the view is.
      this.#rollup.merge(sum, current.sum);
      view = { ...view, parts: view.parts.filter((part) => part.segment !== current.segment) };
    }
    await this.#reader.summarise(view, range, this.#accept(range), sum);
    return sum;
  }

  follow(listener: (record: T) => void): () => void {
    // An own function for each: the same listener may follow twice.
    const own = (record: T): void => listener(record);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  stats(): RecordStoreStats {
    return {
      appended: this.#appended,
      written: this.#queue.written,
      pending: this.#queue.waiting,
      dropped: this.#refused + this.#queue.lost,
      damaged: this.#reader.damaged,
      bytes: this.#segments.reduce((bytes, segment) => bytes + segment.bytes, 0),
      segments: this.#segments.length,
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#maintenance);
    this.#listeners.clear();
    await this.#queue.close();
  }

  #view(): StoreView<T> {
    return {
      parts: this.#segments.map((segment) => ({ segment, records: segment.records })),
      memory: this.#queue.waitingRecords(),
    };
  }

  #accept(range: ReadRange, filter?: (record: T) => boolean): (record: T) => boolean {
    const { from, to } = range;
    return (record) => {
      const time = this.#codec.timeOf(record);
      return time >= from && time < to && (filter === undefined || filter(record));
    };
  }

  /** Removes sealed segments that are too old, and the oldest ones while all together are too large. */
  async #retire(): Promise<void> {
    let bytes = this.stats().bytes;
    const oldest = this.#clock.wall() - this.#limits.ageMsMax;
    for (const segment of this.#segments.filter((candidate) => candidate.sealed)) {
      if (bytes <= this.#limits.bytesMax && segment.to >= oldest) continue;
      bytes -= segment.bytes;
      this.#segments.splice(this.#segments.indexOf(segment), 1);
      await this.#directory.remove(segment);
    }
  }
}

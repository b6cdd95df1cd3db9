import { type MayflyError, toMayflyError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SegmentCodec } from './codec.ts';
import { PendingRecords } from './pending-records.ts';
import type { SegmentLimits } from './segment-limits.ts';
import type { SegmentWriter } from './segment-writer.ts';
import { TimeSlice } from './time-slice.ts';

/** Encoded bytes of one write. */
const WRITE_BYTES = 256 * 1024;

/** What is being written: encoded as a whole, written as a whole, and as a whole tried again. */
interface Batch<T> {
  readonly records: T[];
  /** Null while records are still being added. */
  bytes: Buffer | null;
}

/**
 * Between `append` and the file: takes records into memory at once, and writes them in the background.
 * Operations on the writer run one after the other (`inTurn`).
 */
export class AppendQueue<T, S> {
  written = 0;
  /** Accepted, but refused by the encoder, or still unwritten when the queue was closed. */
  lost = 0;
  readonly #writer: SegmentWriter<T, S>;
  readonly #codec: SegmentCodec<T>;
  readonly #limits: SegmentLimits;
  readonly #clock: Clock;
  readonly #onFailure: (error: MayflyError) => void;
  /** Runs, in turn, after a segment was sealed. */
  readonly #onSealed: () => Promise<void>;
  readonly #pending: PendingRecords<T>;
  #batch: Batch<T> | null = null;
  #accepted = 0;
  #failing = false;
  #syncedAt: number;
  #timer: NodeJS.Timeout | null = null;
  /** The timer was set to fire at once. */
  #hurried = false;
  #closed = false;
  #writing = false;
  #tail: Promise<void> = Promise.resolve();

  constructor(
    writer: SegmentWriter<T, S>,
    codec: SegmentCodec<T>,
    limits: SegmentLimits,
    clock: Clock,
    onFailure: (error: MayflyError) => void,
    onSealed: () => Promise<void>,
  ) {
    this.#writer = writer;
    this.#codec = codec;
    this.#limits = limits;
    this.#clock = clock;
    this.#onFailure = onFailure;
    this.#onSealed = onSealed;
    this.#pending = new PendingRecords(limits.pendingRecordsMax, limits.pendingBytesMax);
    this.#syncedAt = clock.now();
  }

  /** False: no room. */
  push(record: T): boolean {
    if (!this.#pending.push(record, this.#codec.sizeOf(record))) return false;
    this.#accepted++;
    if (this.#writing || this.#failing) return true;
    if (this.#pending.bytes >= this.#limits.flushBytes) {
      if (!this.#hurried) this.#startIn(0);
      this.#hurried = true;
    } else if (this.#timer === null) {
      this.#startIn(this.#limits.flushIntervalMs);
    }
    return true;
  }

  /** Accepted records that are not in a file yet. */
  get waiting(): number {
    return this.#accepted - this.written - this.lost;
  }

  /** The same, in order. */
  waitingRecords(): T[] {
    return [...(this.#batch?.records ?? []), ...this.#pending.copy()];
  }

  /** Writes what was accepted so far and forces it to the device. @throws Error of the file system */
  async flush(): Promise<void> {
    const upTo = this.#accepted;
    await this.inTurn(async () => {
      await this.#drain(upTo);
      await this.#writer.sync();
    });
  }

  /** Runs an operation when those before it have ended. */
  inTurn(operation: () => Promise<void>): Promise<void> {
    const run = this.#tail.then(operation);
    this.#tail = run.catch(() => {});
    return run;
  }

  /** Writes what can be written, gives up on the rest, and seals the segment. Never rejects. */
  async close(): Promise<void> {
    await this.flush().catch(() => {});
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.lost += this.waiting;
    this.#batch = null;
    await this.inTurn(() => this.#writer.seal()).catch(() => {});
  }

  async rotateIfDue(): Promise<void> {
    const { segmentBytesMax, segmentMsMax } = this.#limits;
    // A batch waiting to be tried again belongs to the open segment: what it calls by index was named there.
    if (this.#batch !== null || !this.#writer.isDue(this.#clock.now(), segmentBytesMax, segmentMsMax)) return;
    await this.#writer.seal();
    await this.#onSealed();
  }

  #startIn(ms: number): void {
    if (this.#closed) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#hurried = false;
      void this.#write();
    }, ms);
    this.#timer.unref();
  }

  async #write(): Promise<void> {
    this.#writing = true;
    const upTo = this.#accepted;
    await this.inTurn(async () => {
      await this.#drain(upTo);
      if (this.#clock.now() - this.#syncedAt >= this.#limits.syncIntervalMs) {
        await this.#writer.sync();
        this.#syncedAt = this.#clock.now();
      }
    }).catch(() => {});
    this.#writing = false;
    if (this.waiting > 0 && this.#timer === null) this.#startIn(this.#limits.flushIntervalMs);
  }

  /** Writes until the first `upTo` accepted records are in a file or lost. */
  async #drain(upTo: number): Promise<void> {
    try {
      while (this.written + this.lost < upTo) {
        await this.rotateIfDue();
        if (this.#batch === null) await this.#fillBatch(upTo);
        const { bytes, records } = this.#batch!;
        if (bytes!.length > 0) {
          await this.#writer.write(bytes!);
          this.#writer.commit(bytes!, records);
        }
        this.written += records.length;
        this.#batch = null;
        this.#failing = false;
      }
    } catch (error) {
      const first = !this.#failing;
      this.#failing = true;
      if (this.#timer === null) this.#startIn(this.#limits.retryMs);
      if (first) this.#onFailure(toMayflyError(error));
      throw error;
    }
  }

  async #fillBatch(upTo: number): Promise<void> {
    const slice = new TimeSlice(this.#limits.sliceMs);
    const encoder = this.#writer.encoder(this.#clock.now());
    const batch: Batch<T> = { records: [], bytes: null };
    this.#batch = batch;
    while (encoder.bytes < WRITE_BYTES && this.written + this.lost + batch.records.length < upTo) {
      const record = this.#pending.shift()!;
      try {
        encoder.add(record);
        batch.records.push(record);
      } catch {
        this.lost++;
      }
      if (slice.due()) await slice.turn();
    }
    batch.bytes = encoder.take();
  }
}

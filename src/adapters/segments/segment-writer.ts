import type { FileHandle } from 'node:fs/promises';
import type { Rollup } from '../../ports/telemetry.ts';
import type { SegmentCodec, SegmentEncoder } from './codec.ts';
import { includeTime, openSegment, type Segment } from './segment.ts';
import type { SegmentDirectory } from './segment-directory.ts';
import type { SegmentSums } from './segment-sum.ts';

/** The open segment: its file, what its encoder has learned, and the running sum of what is in it. */
interface OpenFile<T, S> {
  readonly segment: Segment;
  readonly encoder: SegmentEncoder<T>;
  readonly openedAt: number;
  readonly sum: S | null;
  /** Null until the first write succeeded in creating it. */
  file: FileHandle | null;
  synced: boolean;
}

/** Writes batches to the open segment and seals it when it is large or old. One operation at a time. */
export class SegmentWriter<T, S> {
  readonly #directory: SegmentDirectory;
  readonly #codec: SegmentCodec<T>;
  readonly #rollup: Rollup<T, S> | null;
  readonly #sums: SegmentSums<T, S> | null;
  /** All segments in order, shared with the store; the open one is the last. */
  readonly #segments: Segment[];
  #nextNumber: number;
  #open: OpenFile<T, S> | null = null;

  constructor(
    directory: SegmentDirectory,
    codec: SegmentCodec<T>,
    rollup: Rollup<T, S> | null,
    sums: SegmentSums<T, S> | null,
    segments: Segment[],
  ) {
    this.#directory = directory;
    this.#codec = codec;
    this.#rollup = rollup;
    this.#sums = sums;
    this.#segments = segments;
    this.#nextNumber = (segments.at(-1)?.number ?? 0) + 1;
  }

  /** Encoder of the open segment; what it encodes must go to `write` before the segment is sealed. */
  encoder(now: number): SegmentEncoder<T> {
    if (this.#open === null) {
      this.#open = {
        segment: openSegment(this.#nextNumber++, this.#codec.extension),
        encoder: this.#codec.encoder(),
        openedAt: now,
        sum: this.#rollup?.empty() ?? null,
        file: null,
        synced: true,
      };
    }
    return this.#open.encoder;
  }

  /**
   * Writes what the encoder made of some records; `commit` counts them in. When it fails, the same bytes may be
   * written again: they go to the same place.
   */
  async write(bytes: Buffer): Promise<void> {
    const open = this.#open!;
    if (open.file === null) {
      open.file = await this.#directory.create(open.segment);
      this.#segments.push(open.segment);
    }
    open.synced = false;
    await this.#directory.write(open.file, bytes, open.segment.bytes);
  }

  /** Counts in what was written. Apart from `write`, so that the caller can forget the records in the same tick. */
  commit(bytes: Buffer, records: readonly T[]): void {
    const { segment, sum } = this.#open!;
    segment.bytes += bytes.length;
    segment.records += records.length;
    for (const record of records) {
      includeTime(segment, this.#codec.timeOf(record));
      if (sum !== null) this.#rollup!.add(sum, record);
    }
  }

  /** The open segment with the sum of its records so far; the sum goes on growing. */
  get current(): { readonly segment: Segment; readonly sum: S | null } | null {
    return this.#open;
  }

  isDue(now: number, bytesMax: number, ageMsMax: number): boolean {
    const open = this.#open;
    if (open === null || open.file === null) return false;
    return open.segment.bytes >= bytesMax || now - open.openedAt >= ageMsMax;
  }

  /** Everything written is on the device when this resolves. */
  async sync(): Promise<void> {
    const open = this.#open;
    if (open === null || open.file === null || open.synced) return;
    open.synced = true;
    try {
      await open.file.datasync();
    } catch (error) {
      open.synced = false;
      throw error;
    }
  }

  /** Ends the open segment. It stays readable even if its last name could not be given; the next start gives it. */
  async seal(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    if (open === null || open.file === null) return;
    const { segment, file } = open;
    try {
      // A failed write may have left bytes behind the last whole frame.
      await file.truncate(segment.bytes);
      await file.datasync();
      await this.#directory.seal(segment);
      if (open.sum !== null) await this.#sums!.save(segment, open.sum);
    } finally {
      segment.sealed = true;
      await file.close();
    }
  }
}

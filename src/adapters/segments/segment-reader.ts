import type { ReadRange, Rollup } from '../../ports/telemetry.ts';
import type { SegmentCodec } from './codec.ts';
import { isWithin, mayHold, type Segment } from './segment.ts';
import type { SegmentDirectory } from './segment-directory.ts';
import type { SegmentSums } from './segment-sum.ts';
import { TimeSlice } from './time-slice.ts';

/** What a store held at one moment: records on disk, then records in memory. */
export interface StoreView<T> {
  readonly parts: readonly SegmentPart[];
  readonly memory: readonly T[];
}

/** The first `records` records of a segment. */
interface SegmentPart {
  readonly segment: Segment;
  readonly records: number;
}

/** Reads views of a store, one segment in memory at a time, letting the event loop turn. */
export class SegmentReader<T, S> {
  /** Frames found damaged so far. */
  damaged = 0;
  readonly #directory: SegmentDirectory;
  readonly #codec: SegmentCodec<T>;
  readonly #rollup: Rollup<T, S> | null;
  readonly #sums: SegmentSums<T, S> | null;
  readonly #sliceMs: number;

  constructor(
    directory: SegmentDirectory,
    codec: SegmentCodec<T>,
    rollup: Rollup<T, S> | null,
    sums: SegmentSums<T, S> | null,
    sliceMs: number,
  ) {
    this.#directory = directory;
    this.#codec = codec;
    this.#rollup = rollup;
    this.#sums = sums;
    this.#sliceMs = sliceMs;
  }

  /** The records of the view that `accept` takes, in order. */
  async *all(view: StoreView<T>, range: ReadRange, accept: (record: T) => boolean): AsyncGenerator<T> {
    const slice = new TimeSlice(this.#sliceMs);
    for (const part of view.parts) {
      if (mayHold(part.segment, range.from, range.to)) yield* this.#part(part, accept, slice);
    }
    for (const record of view.memory) {
      if (accept(record)) yield record;
      if (slice.due()) await slice.turn();
    }
  }

  /** The last `count` of them, in order: reads segments from the newest back until it has enough. */
  async *newest(
    view: StoreView<T>,
    range: ReadRange,
    accept: (record: T) => boolean,
    count: number,
  ): AsyncGenerator<T> {
    const slice = new TimeSlice(this.#sliceMs);
    const found = [view.memory.filter(accept).slice(-count)];
    let missing = count - found[0]!.length;
    for (const part of view.parts.toReversed()) {
      if (missing <= 0) break;
      if (!mayHold(part.segment, range.from, range.to)) continue;
      const tail: T[] = [];
      for await (const record of this.#part(part, accept, slice)) {
        tail.push(record);
        if (tail.length >= 2 * missing) tail.splice(0, tail.length - missing);
      }
      found.push(tail.slice(-missing));
      missing -= found.at(-1)!.length;
    }
    for (const records of found.reverse()) yield* records;
  }

  /** Adds up the view into `sum`; whole sealed segments by the sums kept beside them. */
  async summarise(
    view: StoreView<T>,
    range: ReadRange,
    accept: (record: T) => boolean,
    sum: S,
  ): Promise<void> {
    const rollup = this.#rollup!;
    const slice = new TimeSlice(this.#sliceMs);
    for (const record of view.memory) {
      if (accept(record)) rollup.add(sum, record);
      if (slice.due()) await slice.turn();
    }
    for (const part of view.parts) {
      const { segment } = part;
      if (!mayHold(segment, range.from, range.to)) continue;
      // A part that was open when the view was taken must be counted as it was then, not as it is now.
      const whole = segment.sealed && segment.records === part.records;
      if (whole && isWithin(segment, range.from, range.to)) {
        rollup.merge(sum, await this.#sumOf(part, slice));
        await slice.turn();
      } else {
        for await (const record of this.#part(part, accept, slice)) rollup.add(sum, record);
      }
    }
  }

  async #sumOf(part: SegmentPart, slice: TimeSlice): Promise<S> {
    const kept = await this.#sums!.load(part.segment);
    if (kept !== null) return kept;
    const sum = this.#rollup!.empty();
    for await (const record of this.#part(part, () => true, slice)) this.#rollup!.add(sum, record);
    await this.#sums!.save(part.segment, sum);
    return sum;
  }

  async *#part(part: SegmentPart, accept: (record: T) => boolean, slice: TimeSlice): AsyncGenerator<T> {
    const bytes = await this.#directory.read(part.segment);
    if (bytes === null) return;
    const decoder = this.#codec.decoder(bytes);
    for (let i = 0; i < part.records; i++) {
      const record = decoder.next();
      if (record === undefined) break;
      if (accept(record)) yield record;
      if (slice.due()) await slice.turn();
    }
    this.damaged += decoder.damaged;
  }
}

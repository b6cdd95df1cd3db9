import { crc32 } from 'node:zlib';
import type { Rollup } from '../../ports/telemetry.ts';
import type { Segment } from './segment.ts';
import type { SegmentDirectory } from './segment-directory.ts';

/**
 * Keeps the sum of a sealed segment in a file beside it: a first line that says what it is the sum of, then the sum.
 * A sum that is missing, damaged, of another format or of another file is made anew; it is never trusted.
 */
export class SegmentSums<T, S> {
  readonly #directory: SegmentDirectory;
  readonly #rollup: Rollup<T, S>;

  constructor(directory: SegmentDirectory, rollup: Rollup<T, S>) {
    this.#directory = directory;
    this.#rollup = rollup;
  }

  async load(segment: Segment): Promise<S | null> {
    const text = await this.#directory.readSum(segment);
    if (text === null) return null;
    const end = text.indexOf('\n');
    const body = text.slice(end + 1);
    if (text.slice(0, end) !== this.#head(segment, body)) return null;
    return this.#rollup.decode(body);
  }

  /** Failing to keep a sum is no failure: it will be made again. */
  async save(segment: Segment, sum: S): Promise<void> {
    const body = this.#rollup.encode(sum);
    try {
      await this.#directory.writeSum(segment, `${this.#head(segment, body)}\n${body}`);
    } catch {
      // A full disk, most likely; the next reader makes it again.
    }
  }

  #head(segment: Segment, body: string): string {
    return `${this.#rollup.version} ${segment.records} records ${segment.bytes} bytes crc32 ${crc32(body)}`;
  }
}

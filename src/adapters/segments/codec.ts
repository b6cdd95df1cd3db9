/** How records of one kind become the bytes of a segment file, and back. */
export interface SegmentCodec<T> {
  /** Ending of the file name: `ndjson`. */
  readonly extension: string;
  /** The time that ranges and retention go by, ms since the epoch. */
  timeOf(record: T): number;
  /** Bytes of memory that a waiting record takes, roughly and cheaply. */
  sizeOf(record: T): number;
  /** One for each file: what it has learned (names already written) belongs to that file. */
  encoder(): SegmentEncoder<T>;
  /** Reads the bytes of a file, or of its undamaged beginning. */
  decoder(bytes: Buffer): SegmentDecoder<T>;
}

export interface SegmentEncoder<T> {
  /** Adds a record to what `take` returns next. @throws Error when it cannot be encoded; nothing was added then. */
  add(record: T): void;
  /** Bytes that `take` would return, roughly. */
  readonly bytes: number;
  /** What was added since the last call, framed so that a reader finds its end and any damage. */
  take(): Buffer;
}

export interface SegmentDecoder<T> {
  /** The next record, or undefined at the end of what is whole. */
  next(): T | undefined;
  /** Length of the beginning of the bytes that consists of whole frames; final once `next` returned undefined. */
  readonly wholeBytes: number;
  /** Frames met so far that were whole in length but damaged inside, and left out. */
  readonly damaged: number;
}

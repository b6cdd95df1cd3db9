import type { SegmentCodec, SegmentDecoder, SegmentEncoder } from './codec.ts';

const NEWLINE = 0x0a;

/**
 * One JSON object a line, for what people want to read with `grep` and `jq` too. A line without its newline at
 * the end of a file is a torn write; a line that is not JSON is damage and is left out.
 */
export function ndjsonCodec<T extends object>(record: {
  readonly timeOf: (record: T) => number;
  readonly sizeOf: (record: T) => number;
}): SegmentCodec<T> {
  return {
    extension: 'ndjson',
    ...record,
    encoder: () => new NdjsonEncoder<T>(),
    decoder: (bytes) => new NdjsonDecoder<T>(bytes),
  };
}

class NdjsonEncoder<T> implements SegmentEncoder<T> {
  bytes = 0;
  #lines: string[] = [];

  add(record: T): void {
    const line = JSON.stringify(record);
    this.#lines.push(line);
    this.bytes += line.length + 1;
  }

  take(): Buffer {
    const text = this.#lines.length === 0 ? '' : `${this.#lines.join('\n')}\n`;
    this.#lines = [];
    this.bytes = 0;
    return Buffer.from(text);
  }
}

class NdjsonDecoder<T> implements SegmentDecoder<T> {
  wholeBytes = 0;
  damaged = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  next(): T | undefined {
    for (;;) {
      const start = this.wholeBytes;
      const end = this.#bytes.indexOf(NEWLINE, start);
      if (end < 0) return undefined;
      this.wholeBytes = end + 1;
      try {
        const record: unknown = JSON.parse(this.#bytes.toString('utf8', start, end));
        if (typeof record === 'object' && record !== null) return record as T;
      } catch {
        // Counted below: the line after this one is as good as before.
      }
      this.damaged++;
    }
  }
}

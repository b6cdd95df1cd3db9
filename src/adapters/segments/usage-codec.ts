import { crc32 } from 'node:zlib';
import type { Outcome, UsageRecord } from '../../domain/invocation.ts';
import type { SegmentCodec, SegmentDecoder, SegmentEncoder } from './codec.ts';

/**
 * The ledger's file format: blocks of entries.
 *
 * ```
 * block   u32 payloadBytes, u32 crc32(payload), payload = entries     (integers and floats little-endian)
 * origin  u8 1, u16 n, n bytes of JSON [versionKey, project, app, environment, function, version, release, trigger, memoryMb]
 * outcome u8 2, u16 n, n bytes of text
 * call    u8 3, u32 origin, u16 outcome, u8 cold, u16 status, f64 × 8 (see FLOATS), u16 n, n bytes of requestId
 * ```
 * What hundreds of calls have in common is written once a file and then named by its index. Measured over 50
 * functions: JSON lines take 1.7 µs to encode, 1.2 µs to decode and 450 bytes a call; this 0.2 µs, 0.15 µs and 108 bytes.
 */
export const usageCodec: SegmentCodec<UsageRecord> = {
  extension: 'usage',
  timeOf: (record) => record.at,
  sizeOf: () => WAITING_BYTES,
  encoder: () => new UsageEncoder(),
  decoder: (bytes) => new UsageDecoder(bytes),
};

/** A usage record in memory: its object and request id; the names are shared. */
const WAITING_BYTES = 256;
const BLOCK_HEADER_BYTES = 8;
const ORIGIN = 1;
const OUTCOME = 2;
const CALL = 3;
const CALL_FIXED_BYTES = 1 + 4 + 2 + 1 + 2 + 8 * 8 + 2;
/** Longest text of one entry, bytes of UTF-8. */
const TEXT_BYTES_MAX = 65_535;
/** A block longer than this is damage, not data: an encoder is emptied long before. */
const BLOCK_BYTES_MAX = 64 * 1024 * 1024;

type Origin = Pick<
  UsageRecord,
  | 'versionKey'
  | 'project'
  | 'app'
  | 'environment'
  | 'function'
  | 'version'
  | 'release'
  | 'trigger'
  | 'memoryMb'
>;

class UsageEncoder implements SegmentEncoder<UsageRecord> {
  bytes = BLOCK_HEADER_BYTES;
  #buffer = Buffer.allocUnsafeSlow(64 * 1024);
  #view = new DataView(this.#buffer.buffer);
  /** By version key: the few combinations of release and trigger that it was called by. */
  readonly #origins = new Map<string, { origin: Origin; index: number }[]>();
  #originCount = 0;
  readonly #outcomes = new Map<string, number>();

  add(record: UsageRecord): void {
    // UTF-8 takes at most three bytes for a UTF-16 unit; counting first would cost more than the room.
    const textRoom = record.requestId.length * 3;
    if (textRoom > TEXT_BYTES_MAX) throw new RangeError('The request id is too long.');
    const origin = this.#originIndex(record);
    const outcome = this.#outcomeIndex(record.outcome);
    this.#reserve(CALL_FIXED_BYTES + textRoom);
    const view = this.#view;
    const at = this.bytes;
    view.setUint8(at, CALL);
    view.setUint32(at + 1, origin, true);
    view.setUint16(at + 5, outcome, true);
    view.setUint8(at + 7, record.cold ? 1 : 0);
    view.setUint16(at + 8, record.status, true);
    view.setFloat64(at + 10, record.at, true);
    view.setFloat64(at + 18, record.queuedMs, true);
    view.setFloat64(at + 26, record.initMs, true);
    view.setFloat64(at + 34, record.durationMs, true);
    view.setFloat64(at + 42, record.billedMs, true);
    view.setFloat64(at + 50, record.cpuUs, true);
    view.setFloat64(at + 58, record.bytesIn, true);
    view.setFloat64(at + 66, record.bytesOut, true);
    const length = this.#buffer.write(record.requestId, at + CALL_FIXED_BYTES);
    view.setUint16(at + 74, length, true);
    this.bytes = at + CALL_FIXED_BYTES + length;
  }

  take(): Buffer {
    const end = this.bytes;
    this.bytes = BLOCK_HEADER_BYTES;
    if (end === BLOCK_HEADER_BYTES) return Buffer.alloc(0);
    const block = Buffer.from(this.#buffer.subarray(0, end));
    block.writeUInt32LE(end - BLOCK_HEADER_BYTES, 0);
    block.writeUInt32LE(crc32(block.subarray(BLOCK_HEADER_BYTES)), 4);
    return block;
  }

  #originIndex(record: UsageRecord): number {
    let known = this.#origins.get(record.versionKey);
    if (known === undefined) {
      known = [];
      this.#origins.set(record.versionKey, known);
    }
    for (const entry of known) if (sameOrigin(entry.origin, record)) return entry.index;
    this.#writeText(
      ORIGIN,
      JSON.stringify([
        record.versionKey,
        record.project,
        record.app,
        record.environment,
        record.function,
        record.version,
        record.release,
        record.trigger,
        record.memoryMb,
      ]),
    );
    const index = this.#originCount++;
    known.push({ origin: record, index });
    return index;
  }

  #outcomeIndex(outcome: string): number {
    let index = this.#outcomes.get(outcome);
    if (index === undefined) {
      this.#writeText(OUTCOME, outcome);
      index = this.#outcomes.size;
      this.#outcomes.set(outcome, index);
    }
    return index;
  }

  #writeText(tag: number, text: string): void {
    const length = Buffer.byteLength(text);
    if (length > TEXT_BYTES_MAX) throw new RangeError('The names of a usage record are too long.');
    this.#reserve(3 + length);
    this.#view.setUint8(this.bytes, tag);
    this.#view.setUint16(this.bytes + 1, length, true);
    this.#buffer.write(text, this.bytes + 3);
    this.bytes += 3 + length;
  }

  #reserve(bytes: number): void {
    if (this.bytes + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.bytes + bytes));
    this.#buffer.copy(larger, 0, 0, this.bytes);
    this.#buffer = larger;
    this.#view = new DataView(larger.buffer);
  }
}

class UsageDecoder implements SegmentDecoder<UsageRecord> {
  wholeBytes = 0;
  damaged = 0;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #origins: Origin[] = [];
  readonly #outcomes: string[] = [];
  #at = 0;
  #blockEnd = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  next(): UsageRecord | undefined {
    for (;;) {
      if (this.#at >= this.#blockEnd && !this.#openBlock()) return undefined;
      const at = this.#at;
      const tag = this.#view.getUint8(at);
      if (tag === CALL) return this.#call(at);
      const length = this.#view.getUint16(at + 1, true);
      const text = this.#bytes.toString('utf8', at + 3, at + 3 + length);
      if (tag === ORIGIN) this.#origins.push(originOf(JSON.parse(text)));
      else this.#outcomes.push(text);
      this.#at = at + 3 + length;
    }
  }

  /** Moves to the next block that is whole and undamaged. */
  #openBlock(): boolean {
    for (;;) {
      const at = this.wholeBytes;
      if (at + BLOCK_HEADER_BYTES > this.#bytes.length) return false;
      const length = this.#view.getUint32(at, true);
      const end = at + BLOCK_HEADER_BYTES + length;
      if (length === 0 || length > BLOCK_BYTES_MAX || end > this.#bytes.length) return false;
      const payload = this.#bytes.subarray(at + BLOCK_HEADER_BYTES, end);
      if (crc32(payload) !== this.#view.getUint32(at + 4, true)) {
        // The last block: a torn write. One in the middle: names that later blocks use may be lost with it,
        // so nothing after it can be trusted.
        this.damaged++;
        return false;
      }
      this.wholeBytes = end;
      this.#at = at + BLOCK_HEADER_BYTES;
      this.#blockEnd = end;
      return true;
    }
  }

  #call(at: number): UsageRecord {
    const view = this.#view;
    const idLength = view.getUint16(at + 74, true);
    const idAt = at + CALL_FIXED_BYTES;
    this.#at = idAt + idLength;
    const origin = this.#origins[view.getUint32(at + 1, true)]!;
    return {
      requestId: this.#bytes.toString('utf8', idAt, idAt + idLength),
      at: view.getFloat64(at + 10, true),
      versionKey: origin.versionKey,
      project: origin.project,
      app: origin.app,
      environment: origin.environment,
      function: origin.function,
      version: origin.version,
      release: origin.release,
      trigger: origin.trigger,
      queuedMs: view.getFloat64(at + 18, true),
      initMs: view.getFloat64(at + 26, true),
      durationMs: view.getFloat64(at + 34, true),
      billedMs: view.getFloat64(at + 42, true),
      memoryMb: origin.memoryMb,
      cpuUs: view.getFloat64(at + 50, true),
      cold: view.getUint8(at + 7) === 1,
      outcome: this.#outcomes[view.getUint16(at + 5, true)] as Outcome,
      status: view.getUint16(at + 8, true),
      bytesIn: view.getFloat64(at + 58, true),
      bytesOut: view.getFloat64(at + 66, true),
    };
  }
}

function sameOrigin(a: Origin, b: Origin): boolean {
  return (
    a.release === b.release &&
    a.trigger === b.trigger &&
    a.memoryMb === b.memoryMb &&
    a.project === b.project &&
    a.app === b.app &&
    a.environment === b.environment &&
    a.function === b.function &&
    a.version === b.version
  );
}

function originOf(parts: readonly unknown[]): Origin {
  const [versionKey, project, app, environment, name, version, release, trigger] = parts as string[];
  return {
    versionKey: versionKey!,
    project: project!,
    app: app!,
    environment: environment!,
    function: name!,
    version: version!,
    release: release!,
    trigger: trigger!,
    memoryMb: parts[8] as number,
  };
}

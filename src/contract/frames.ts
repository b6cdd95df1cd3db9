/**
 * The guest protocol: length-prefixed binary frames on one socket between the platform and an instance.
 *
 * ```
 *  0        4        8     9      10
 *  ┌────────┬────────┬─────┬───────┬─────────────┐
 *  │ length │ stream │type │ flags │ payload …   │   integers little-endian; length counts the payload only
 *  └────────┴────────┴─────┴───────┴─────────────┘
 * ```
 * Stream 0 is the instance itself; every call has a stream number of its own, chosen by the platform, never
 * reused within an instance. Bodies travel as bytes, never base64. A frame with a "meta" begins its payload with
 * `u32 metaLength, meta (JSON, UTF-8)`; what follows is the first part of the body.
 *
 * A call with a small body and a small answer is one frame each way: INVOKE+END, HEAD+END+DONE.
 *
 * Back-pressure: each direction of each stream may have `STREAM_WINDOW_BYTES` of body on the way; the receiver
 * returns CREDIT (u32 bytes) as it consumes. Body bytes inside INVOKE and HEAD count.
 */
export const FrameType = {
  // platform → guest
  /** Stream 0, once a life. Payload: JSON `SpecialiseMessage`. */
  SPECIALISE: 1,
  /** Meta: `InvokeMessage`; then body. END: the body is complete. */
  INVOKE: 2,
  /** The client went away or the deadline passed: abort the call's signal. No payload. */
  CANCEL: 3,
  /** Stream 0: finish what runs, run shutdown hooks, exit 0. No payload. */
  DRAIN: 4,
  /**
   * Stream 0, at any time: asks for nothing. The first one, when its process has just started, has the guest compile what
   * reads frames before anybody waits; a later one wakes it while the platform still prepares the next frame. No payload.
   */
  WAKE: 5,

  // both ways
  /** A further part of the body. END: the last. */
  CHUNK: 8,
  /** u32: bytes of this stream's body consumed. */
  CREDIT: 9,

  // guest → platform
  /** Stream 0: guest loaded, waiting for SPECIALISE. Payload: JSON `BootedMessage`. */
  BOOTED: 16,
  /** Stream 0: handler loaded, calls may come. Payload: JSON `SpecialisedMessage`. */
  SPECIALISED: 17,
  /** Meta: `HeadMessage`; then body. END: the body is complete. DONE: see `FrameFlag`. */
  HEAD: 18,
  /** Payload: JSON `FailureMessage`. Stream 0: loading failed, the instance is of no use. Ends the stream. */
  ERROR: 19,
  /** The call has settled after its response ended (waitUntil). Payload: u32 CPU µs. */
  DONE: 20,
  /** Payload: JSON array of `LogMessage`. Stream 0. */
  LOG: 21,
  /**
   * Stream 0, before SPECIALISED and only when asked to. Meta: `CompileCacheMessage`; then the file's next part.
   */
  CACHE: 22,
} as const;
export type FrameType = (typeof FrameType)[keyof typeof FrameType];

export const FrameFlag = {
  /** Nothing follows on this stream from this side's body. */
  END: 1,
  /** The call has settled; the last 4 bytes of the payload are its CPU time (u32, µs). Implies END. */
  DONE: 2,
} as const;

export const FRAME_HEADER_BYTES = 10;
/** Largest payload of one frame; a larger one is a protocol violation. Bodies are cut into chunks. */
export const FRAME_PAYLOAD_BYTES_MAX = 1024 * 1024;
/** Largest body part put into one frame. */
export const CHUNK_BYTES_MAX = 64 * 1024;
/** Body bytes that may be unacknowledged on one direction of a stream. */
export const STREAM_WINDOW_BYTES = 256 * 1024;

/** Writes a frame header into `target` at `offset`. */
function writeFrameHeader(
  target: Buffer,
  offset: number,
  type: number,
  flags: number,
  stream: number,
  length: number,
): void {
  target.writeUInt32LE(length, offset);
  target.writeUInt32LE(stream, offset + 4);
  target[offset + 8] = type;
  target[offset + 9] = flags;
}

/** A frame of header and payload in one buffer. */
export function encodeFrame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array | null = null,
): Buffer {
  const length = payload === null ? 0 : payload.byteLength;
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + length);
  writeFrameHeader(frame, 0, type, flags, stream, length);
  if (payload !== null) frame.set(payload, FRAME_HEADER_BYTES);
  return frame;
}

/** A frame whose payload is JSON. */
export function encodeJsonFrame(type: number, stream: number, message: unknown): Buffer {
  return encodeFrame(type, 0, stream, Buffer.from(JSON.stringify(message)));
}

/**
 * A frame with a meta and, optionally, the first body bytes; with `cpuUs` given, flagged DONE and ended with it.
 * The meta is passed as JSON text, so that a caller can compose it as cheaply as it knows how.
 */
export function encodeMetaFrame(
  type: number,
  flags: number,
  stream: number,
  metaJson: string,
  body: Uint8Array | null = null,
  cpuUs = -1,
): Buffer {
  const metaLength = Buffer.byteLength(metaJson);
  const bodyLength = body === null ? 0 : body.byteLength;
  const tailLength = cpuUs < 0 ? 0 : 4;
  const length = 4 + metaLength + bodyLength + tailLength;
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + length);
  writeFrameHeader(
    frame,
    0,
    type,
    cpuUs < 0 ? flags : flags | FrameFlag.END | FrameFlag.DONE,
    stream,
    length,
  );
  frame.writeUInt32LE(metaLength, FRAME_HEADER_BYTES);
  frame.write(metaJson, FRAME_HEADER_BYTES + 4);
  if (body !== null) frame.set(body, FRAME_HEADER_BYTES + 4 + metaLength);
  if (cpuUs >= 0) frame.writeUInt32LE(cpuUs >>> 0, FRAME_HEADER_BYTES + length - 4);
  return frame;
}

/** A body chunk; with `cpuUs` given, flagged DONE and ended with it. */
export function encodeChunkFrame(flags: number, stream: number, body: Uint8Array | null, cpuUs = -1): Buffer {
  if (cpuUs < 0) return encodeFrame(FrameType.CHUNK, flags, stream, body);
  const bodyLength = body === null ? 0 : body.byteLength;
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + bodyLength + 4);
  writeFrameHeader(frame, 0, FrameType.CHUNK, flags | FrameFlag.END | FrameFlag.DONE, stream, bodyLength + 4);
  if (body !== null) frame.set(body, FRAME_HEADER_BYTES);
  frame.writeUInt32LE(cpuUs >>> 0, FRAME_HEADER_BYTES + bodyLength);
  return frame;
}

/** A u32 payload (CREDIT, DONE). */
export function encodeU32Frame(type: number, stream: number, value: number): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + 4);
  writeFrameHeader(frame, 0, type, 0, stream, 4);
  frame.writeUInt32LE(value >>> 0, FRAME_HEADER_BYTES);
  return frame;
}

/** Splits a payload with a meta. Throws RangeError or SyntaxError when it is malformed. */
export function decodeMeta<T>(
  payload: Buffer,
  flags: number,
): { meta: T; body: Buffer | null; cpuUs: number } {
  const metaEnd = 4 + payload.readUInt32LE(0);
  const done = (flags & FrameFlag.DONE) !== 0;
  const bodyEnd = done ? payload.length - 4 : payload.length;
  if (metaEnd > bodyEnd) throw new RangeError('The meta is longer than its frame.');
  return {
    meta: JSON.parse(payload.toString('utf8', 4, metaEnd)) as T,
    body: metaEnd === bodyEnd ? null : payload.subarray(metaEnd, bodyEnd),
    cpuUs: done ? payload.readUInt32LE(bodyEnd) : 0,
  };
}

export type FrameHandler = (type: number, flags: number, stream: number, payload: Buffer) => void;

/**
 * Cuts a byte stream into frames. Payloads are views on the chunk that was pushed when it held the frame whole
 * (no copy); a receiver that keeps one longer than the callback and cares about memory must copy it. A frame that comes
 * in parts is put together in a buffer of its own size, so that a peer which sends it byte by byte costs one copy of
 * each byte and holds no more than one frame.
 * Throws RangeError on a frame over `payloadBytesMax`: the peer broke the protocol, close the socket.
 */
export class FrameReader {
  /** The frame that has begun: its header, and from then on, room for all of it. */
  #partial: Buffer = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  #filled = 0;
  readonly #onFrame: FrameHandler;
  readonly #payloadBytesMax: number;

  constructor(onFrame: FrameHandler, payloadBytesMax: number = FRAME_PAYLOAD_BYTES_MAX) {
    this.#onFrame = onFrame;
    this.#payloadBytesMax = payloadBytesMax;
  }

  push(chunk: Buffer): void {
    let offset = this.#filled === 0 ? 0 : this.#complete(chunk);
    while (chunk.length - offset >= FRAME_HEADER_BYTES) {
      const end = offset + this.#frameBytes(chunk, offset);
      if (end > chunk.length) break;
      this.#tell(chunk, offset, end);
      offset = end;
    }
    if (offset < chunk.length) this.#complete(offset === 0 ? chunk : chunk.subarray(offset));
  }

  /** Adds to the frame that has begun, and tells it when it is whole. @returns how much of the chunk belongs to it */
  #complete(chunk: Buffer): number {
    let used = this.#fill(chunk, 0, FRAME_HEADER_BYTES);
    if (this.#filled < FRAME_HEADER_BYTES) return used;
    const frameBytes = this.#frameBytes(this.#partial, 0);
    if (this.#partial.length < frameBytes) {
      const whole = Buffer.allocUnsafe(frameBytes);
      whole.set(this.#partial);
      this.#partial = whole;
    }
    used += this.#fill(chunk, used, frameBytes);
    if (this.#filled < frameBytes) return used;
    const frame = this.#partial;
    if (frameBytes > FRAME_HEADER_BYTES) this.#partial = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
    this.#filled = 0;
    this.#tell(frame, 0, frameBytes);
    return used;
  }

  /** Copies from the chunk until `upTo` bytes of the frame are there. @returns how many */
  #fill(chunk: Buffer, from: number, upTo: number): number {
    const bytes = Math.min(upTo - this.#filled, chunk.length - from);
    if (bytes <= 0) return 0;
    this.#partial.set(chunk.subarray(from, from + bytes), this.#filled);
    this.#filled += bytes;
    return bytes;
  }

  #frameBytes(data: Buffer, offset: number): number {
    const length = data.readUInt32LE(offset);
    if (length > this.#payloadBytesMax) {
      throw new RangeError(`A frame of ${length} bytes is over the limit of ${this.#payloadBytesMax}.`);
    }
    return FRAME_HEADER_BYTES + length;
  }

  #tell(data: Buffer, offset: number, end: number): void {
    this.#onFrame(
      data[offset + 8]!,
      data[offset + 9]!,
      data.readUInt32LE(offset + 4),
      data.subarray(offset + FRAME_HEADER_BYTES, end),
    );
  }
}

import {
  CHUNK_BYTES_MAX,
  encodeChunkFrame,
  encodeMetaFrame,
  encodeU32Frame,
  FrameFlag,
  FrameType,
  STREAM_WINDOW_BYTES,
} from '../../src/contract/frames.ts';
import { InvalidResponse } from './invalid-response.ts';
import type { Responder } from './responder.ts';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NOT_FIELD_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
const NOTHING = Buffer.allocUnsafe(0);

function names(headers: readonly string[], field: string): boolean {
  for (let i = 0; i < headers.length; i += 2) if (headers[i]!.toLowerCase() === field) return true;
  return false;
}

/** Where a response stream puts its frames. */
export interface FrameSink {
  send(frame: Buffer): void;
}

/**
 * The answer of one call on its way out:
 *
 * ```
 *  fresh ──head──► open ──end──► ended ──settle──► settled
 *    └────────── whole ────────────┘
 * ```
 * The newest piece is held back until the next one, the call's settling or the end of the event loop's turn,
 * because a piece that turns out to be the last travels in one frame with END and DONE.
 */
export class ResponseStream implements Responder {
  readonly #stream: number;
  readonly #sink: FrameSink;
  #state: 'fresh' | 'open' | 'ended' | 'settled' = 'fresh';
  /** Head not sent yet, as JSON. */
  #head: string | null = null;
  /** Body not sent yet, in order. */
  #parts: Uint8Array[] = [];
  #endSent = false;
  /** Parts already sent of the first unsent one, bytes. */
  #offset = 0;
  #window = STREAM_WINDOW_BYTES;
  #discarding = false;
  /** CPU time to settle with, asked at the last moment. */
  #cpuUs: (() => number) | null = null;
  #drained: (() => void)[] = [];
  readonly #settled: () => void;
  #held: NodeJS.Immediate | null = null;
  readonly #release = (): void => {
    this.#held = null;
    if (this.#state !== 'settled') this.#pump(false);
  };

  constructor(stream: number, sink: FrameSink, settled: () => void) {
    this.#stream = stream;
    this.#sink = sink;
    this.#settled = settled;
  }

  get begun(): boolean {
    return this.#state !== 'fresh';
  }

  get ended(): boolean {
    return this.#state === 'ended' || this.#state === 'settled';
  }

  whole(status: number, headers: readonly string[], body: Uint8Array | string | null): void {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const length = bytes === null ? 0 : bytes.length;
    // What does not fit into one frame would otherwise look like a stream of unknown length.
    const announced = length > CHUNK_BYTES_MAX && !names(headers, 'content-length');
    this.#begin(status, announced ? [...headers, 'content-length', `${length}`] : headers);
    if (bytes !== null && length > 0 && !this.#discarding) this.#parts[0] = bytes;
    this.#state = 'ended';
    this.#hold();
  }

  head(status: number, headers: readonly string[]): void {
    this.#begin(status, headers);
    this.#hold();
  }

  chunk(part: Uint8Array): Promise<void> | undefined {
    if (this.#state !== 'open') {
      throw new InvalidResponse(
        this.#state === 'fresh' ? 'A body part came before the head.' : 'A body part came after the end.',
      );
    }
    if (part.length === 0 || this.#discarding) return undefined;
    if (this.#parts.length > 0) this.#pump(true);
    this.#parts[this.#parts.length] = part;
    this.#hold();
    if (this.#window > part.length && this.#parts.length === 1) return undefined;
    return new Promise((resolve) => {
      this.#drained[this.#drained.length] = resolve;
    });
  }

  end(): void {
    if (this.#state !== 'open') {
      throw new InvalidResponse(
        this.#state === 'fresh' ? 'The response ended before its head.' : 'The response ended twice.',
      );
    }
    this.#state = 'ended';
    this.#hold();
  }

  /** The call has settled; its last frame says so as soon as the whole body could be sent. */
  settle(cpuUs: () => number): void {
    this.#cpuUs = cpuUs;
    if (this.#held !== null) clearImmediate(this.#held);
    this.#held = null;
    this.#pump(false);
  }

  /** The platform took `bytes` of the body. */
  credit(bytes: number): void {
    this.#window += bytes;
    if (this.#state !== 'settled') this.#pump(false);
  }

  /** Nobody reads this answer any more: drop its body, keep only the frames that the protocol wants. */
  discard(): void {
    this.#discarding = true;
    this.#parts = [];
    this.#offset = 0;
    if (this.#state !== 'settled') this.#pump(false);
  }

  /** Ends the stream without a word: an ERROR frame was sent. */
  abandon(): void {
    this.#state = 'settled';
    this.#parts = [];
    this.#wakeWriters();
  }

  #begin(status: number, headers: readonly string[]): void {
    if (this.#state !== 'fresh') throw new InvalidResponse('A second head for one call.');
    this.#head = headJson(status, headers);
    this.#state = 'open';
  }

  #hold(): void {
    this.#held ??= setImmediate(this.#release);
  }

  /** Sends what may be sent; with `keepOpen`, another part is known to follow. */
  #pump(keepOpen: boolean): void {
    while (this.#parts.length > 0 && this.#window > 0) {
      const part = this.#parts[0]!;
      const length = Math.min(part.length - this.#offset, CHUNK_BYTES_MAX, this.#window);
      const slice = length === part.length ? part : part.subarray(this.#offset, this.#offset + length);
      this.#offset += length;
      this.#window -= length;
      if (this.#offset === part.length) {
        dropFirst(this.#parts);
        this.#offset = 0;
      }
      this.#emit(slice, !keepOpen && this.#parts.length === 0);
    }
    if (this.#parts.length > 0) return;
    if (!keepOpen) this.#emit(null, true);
    this.#wakeWriters();
  }

  /** One frame with what is due: the head, a body part, END, DONE. Nothing when nothing is due. */
  #emit(body: Uint8Array | null, last: boolean): void {
    const ends = last && this.#state === 'ended' && !this.#endSent;
    const settles = last && this.#state === 'ended' && this.#cpuUs !== null;
    if (body === null && this.#head === null && !ends && !settles) return;
    const flags = ends ? FrameFlag.END : 0;
    const cpuUs = settles ? this.#cpuUs!() : -1;
    if (this.#head !== null) {
      this.#sink.send(encodeMetaFrame(FrameType.HEAD, flags, this.#stream, this.#head, body, cpuUs));
      this.#head = null;
    } else if (body !== null || ends) {
      this.#sink.send(encodeChunkFrame(flags, this.#stream, body ?? NOTHING, cpuUs));
    } else {
      this.#sink.send(encodeU32Frame(FrameType.DONE, this.#stream, cpuUs));
    }
    if (ends) this.#endSent = true;
    if (settles) {
      this.#state = 'settled';
      this.#settled();
    }
  }

  #wakeWriters(): void {
    if (this.#drained.length === 0 || (this.#window <= 0 && !this.#discarding && this.#state !== 'settled'))
      return;
    const waiting = this.#drained;
    this.#drained = [];
    for (let at = 0; at < waiting.length; at += 1) waiting[at]!();
  }
}

function dropFirst(parts: Uint8Array[]): void {
  for (let at = 1; at < parts.length; at += 1) parts[at - 1] = parts[at]!;
  parts.length -= 1;
}

/** Checks a head and puts it into JSON. */
function headJson(status: number, headers: readonly string[]): string {
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new InvalidResponse(`The status ${String(status)} is not a whole number from 200 to 599.`);
  }
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!;
    if (!TOKEN.test(name)) throw new InvalidResponse(`The header name ${JSON.stringify(name)} is not valid.`);
    const value = headers[at + 1];
    if (typeof value !== 'string' || NOT_FIELD_VALUE.test(value)) {
      throw new InvalidResponse(`The value of the header ${name} is not valid.`);
    }
  }
  return `{"status":${status},"headers":${JSON.stringify(headers)}}`;
}

import {
  CHUNK_BYTES_MAX,
  encodeFrame,
  encodeU32Frame,
  FrameFlag,
  FrameType,
  STREAM_WINDOW_BYTES,
} from '../../contract/frames.ts';
import type { FailureMessage, HeadMessage } from '../../contract/guest-messages.ts';

/** What a guest tells about one call. After `settled` or `failed` nothing follows. */
export interface StreamEvents {
  head(head: HeadMessage, body: Buffer | null, end: boolean): void;
  chunk(body: Buffer, end: boolean): void;
  /** The request body may be written again after `write` returned false. */
  writable(): void;
  settled(cpuUs: number): void;
  failed(failure: FailureMessage): void;
}

/** Response bytes are acknowledged in portions, so that a credit frame is rare. */
const CREDIT_PORTION_BYTES = STREAM_WINDOW_BYTES / 4;

/** One call's two directions on the link. */
export class GuestStream {
  readonly id: number;
  readonly events: StreamEvents;
  headSeen = false;
  endSeen = false;
  #sendCredit = STREAM_WINDOW_BYTES;
  #receiveCredit = STREAM_WINDOW_BYTES;
  #consumed = 0;
  #blocked = false;
  readonly #send: (frame: Buffer) => void;

  constructor(id: number, events: StreamEvents, send: (frame: Buffer) => void) {
    this.id = id;
    this.events = events;
    this.#send = send;
  }

  /** Sends a part of the request body. False: the window is used up, wait for `writable`. */
  write(body: Buffer, end: boolean): boolean {
    for (let offset = 0; offset < body.length || (end && offset === 0); offset += CHUNK_BYTES_MAX) {
      const part = body.subarray(offset, offset + CHUNK_BYTES_MAX);
      const last = end && offset + CHUNK_BYTES_MAX >= body.length;
      this.#send(encodeFrame(FrameType.CHUNK, last ? FrameFlag.END : 0, this.id, part));
      if (last) break;
    }
    return this.spend(body.length);
  }

  spend(bytes: number): boolean {
    this.#sendCredit -= bytes;
    this.#blocked = this.#sendCredit <= 0;
    return !this.#blocked;
  }

  /** The guest took `bytes` of the request body. False: more than it was sent; it would undo the window. */
  credited(bytes: number): boolean {
    if (this.#sendCredit + bytes > STREAM_WINDOW_BYTES) return false;
    this.#sendCredit += bytes;
    if (this.#blocked && this.#sendCredit > 0) {
      this.#blocked = false;
      this.events.writable();
    }
    return true;
  }

  /** Books response bytes that arrived. False: the guest sent more than it may. */
  receive(bytes: number): boolean {
    this.#receiveCredit -= bytes;
    return this.#receiveCredit >= 0;
  }

  /** The client took response bytes: the guest may send as many again. */
  consumed(bytes: number): void {
    if (this.endSeen) return;
    this.#consumed += bytes;
    if (this.#consumed < CREDIT_PORTION_BYTES) return;
    this.#receiveCredit += this.#consumed;
    this.#send(encodeU32Frame(FrameType.CREDIT, this.id, this.#consumed));
    this.#consumed = 0;
  }

  cancel(): void {
    this.#send(encodeFrame(FrameType.CANCEL, 0, this.id));
  }
}

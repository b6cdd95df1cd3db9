import { STREAM_WINDOW_BYTES } from '../../src/contract/frames.ts';

/** Received bytes are acknowledged in portions, so that a credit frame is rare. */
const CREDIT_PORTION_BYTES = STREAM_WINDOW_BYTES / 4;

/**
 * The body of one call as it arrives. `read` takes the next part when it is there; bytes count as consumed, and
 * more may come, when they are read.
 */
export class RequestBody {
  readonly #sendCredit: (bytes: number) => void;
  #parts: Buffer[] = [];
  #next = 0;
  #ended: boolean;
  #error: unknown = null;
  #uncredited = 0;
  #wake: (() => void) | null = null;

  constructor(first: Buffer | null, ended: boolean, sendCredit: (bytes: number) => void) {
    this.#sendCredit = sendCredit;
    this.#ended = ended;
    if (first !== null) this.#parts[0] = first;
  }

  /** The whole body is here and has no byte. */
  get empty(): boolean {
    return this.#ended && this.#next === this.#parts.length;
  }

  /** The whole body when it came with the call and nothing was read yet, else null. */
  get inline(): Buffer | null {
    return this.#ended && this.#next === 0 && this.#parts.length === 1 ? this.#parts[0]! : null;
  }

  /** Takes a part from the wire. */
  push(part: Buffer, end: boolean): void {
    if (this.#ended) throw new RangeError('The body goes on after its end.');
    if (part.length > 0) this.#parts[this.#parts.length] = part;
    this.#ended = end;
    this.#notify();
  }

  /** No more will come: pending and later reads fail with `error`, whatever is still here is dropped. */
  fail(error: unknown): void {
    if (this.#ended) return;
    this.#error = error;
    this.#notify();
  }

  /** The next part, or null after the last. */
  async read(): Promise<Buffer | null> {
    for (;;) {
      if (this.#error !== null) throw this.#error;
      if (this.#next < this.#parts.length) return this.#take();
      if (this.#ended) return null;
      const arrived = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await arrived;
    }
  }

  /** Everything that is still to come, in one piece. */
  async all(): Promise<Buffer> {
    const whole = this.inline;
    if (whole !== null) return whole;
    const parts: Buffer[] = [];
    for (let part = await this.read(); part !== null; part = await this.read()) parts[parts.length] = part;
    return Buffer.concat(parts);
  }

  #take(): Buffer {
    const part = this.#parts[this.#next]!;
    this.#next += 1;
    if (this.#next === this.#parts.length) {
      this.#parts = [];
      this.#next = 0;
    }
    if (!this.#ended) {
      this.#uncredited += part.length;
      if (this.#uncredited >= CREDIT_PORTION_BYTES) {
        this.#sendCredit(this.#uncredited);
        this.#uncredited = 0;
      }
    }
    return part;
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}

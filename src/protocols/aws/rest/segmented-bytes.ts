/** So much is set aside at a time: 45 MB in one piece would take 20 ms and more for the kernel to fill with zeros. */
const SEGMENT_BYTES = 512 * 1024;

/** Bytes that come in parts, copied to memory of their own that is never put together. */
export class SegmentedBytes {
  readonly #full: Uint8Array<ArrayBuffer>[] = [];
  #current = new Uint8Array(0);
  #used = 0;
  /** In all, bytes. */
  length = 0;

  push(part: Uint8Array): void {
    this.length += part.length;
    for (let at = 0; at < part.length; ) {
      if (this.#used === this.#current.length) this.#grow(part.length - at);
      const taken = part.subarray(at, at + this.#current.length - this.#used);
      this.#current.set(taken, this.#used);
      this.#used += taken.length;
      at += taken.length;
    }
  }

  segments(): Uint8Array<ArrayBuffer>[] {
    if (this.#used === 0) return this.#full;
    return [...this.#full, this.#current.subarray(0, this.#used)];
  }

  /** What is small stays small. */
  #grow(wanted: number): void {
    if (this.#used > 0) this.#full.push(this.#current);
    const bytes = Math.min(SEGMENT_BYTES, Math.max(wanted, 2 * this.#current.length, 256));
    this.#current = new Uint8Array(bytes);
    this.#used = 0;
  }
}

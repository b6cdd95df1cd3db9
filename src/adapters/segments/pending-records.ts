/** Taken records are let go of once there are so many, and as many as those that wait. */
const COMPACT_AT = 1_024;

/** Records that wait in memory for their turn to be written, bounded by number and by estimated bytes. */
export class PendingRecords<T> {
  readonly #recordsMax: number;
  readonly #bytesMax: number;
  #records: T[] = [];
  #sizes: number[] = [];
  #head = 0;
  bytes = 0;

  constructor(recordsMax: number, bytesMax: number) {
    this.#recordsMax = recordsMax;
    this.#bytesMax = bytesMax;
  }

  get length(): number {
    return this.#records.length - this.#head;
  }

  /** False: no room. */
  push(record: T, size: number): boolean {
    if (this.length >= this.#recordsMax || this.bytes + size > this.#bytesMax) return false;
    this.#records.push(record);
    this.#sizes.push(size);
    this.bytes += size;
    return true;
  }

  shift(): T | undefined {
    if (this.#head === this.#records.length) return undefined;
    const record = this.#records[this.#head]!;
    this.bytes -= this.#sizes[this.#head]!;
    this.#head++;
    if (this.#head >= COMPACT_AT && this.#head * 2 >= this.#records.length) {
      this.#records = this.#records.slice(this.#head);
      this.#sizes = this.#sizes.slice(this.#head);
      this.#head = 0;
    }
    return record;
  }

  copy(): T[] {
    return this.#records.slice(this.#head);
  }
}

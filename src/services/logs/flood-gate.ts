import { TokenBucket } from './token-bucket.ts';

export interface FloodLimits {
  readonly linesPerSecond: number;
  readonly bytesPerSecond: number;
  /** How much may come at once, as seconds of the rates above. */
  readonly burstSeconds: number;
}

/**
 * Decides whether the lines of one function version pass.
 *
 * ```
 *   open ──(a bucket is empty)──► shut ──(both half full again)──► open
 * ```
 * Without the pause until half full, a steady flood would open the gate for one line at a time, and each of them
 * would come with a note about those dropped before it.
 */
export class FloodGate {
  readonly #lines: TokenBucket;
  readonly #bytes: TokenBucket;
  #shut = false;
  #dropped = 0;

  constructor(limits: FloodLimits, now: number) {
    const { linesPerSecond, bytesPerSecond, burstSeconds } = limits;
    this.#lines = new TokenBucket(linesPerSecond, linesPerSecond * burstSeconds, now);
    this.#bytes = new TokenBucket(bytesPerSecond, bytesPerSecond * burstSeconds, now);
  }

  /** Whether a line of so many bytes, that stands for `lines`, passes. Ask `reopen` first. */
  pass(bytes: number, lines: number, now: number): boolean {
    if (!this.#shut && this.#lines.level(now) >= 1 && this.#bytes.level(now) > 0) {
      this.#lines.take(1);
      this.#bytes.take(bytes);
      return true;
    }
    this.#shut = true;
    this.#dropped += lines;
    return false;
  }

  /** Opens the gate when it is time. How many lines were dropped while it was shut; 0: nothing to tell. */
  reopen(now: number): number {
    if (!this.#shut) return 0;
    const half = (bucket: TokenBucket): boolean => bucket.level(now) >= bucket.burst / 2;
    return half(this.#lines) && half(this.#bytes) ? this.#open() : 0;
  }

  /** Opens it now. How many lines were dropped. */
  end(): number {
    return this.#open();
  }

  /** Nothing is known of this gate that a new one would not know too. */
  isFresh(now: number): boolean {
    return (
      !this.#shut &&
      this.#lines.level(now) >= this.#lines.burst &&
      this.#bytes.level(now) >= this.#bytes.burst
    );
  }

  #open(): number {
    const dropped = this.#dropped;
    this.#shut = false;
    this.#dropped = 0;
    return dropped;
  }
}

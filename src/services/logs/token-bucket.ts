/** Lets through `perSecond` units a second, and at most `burst` at once. */
export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  constructor(perSecond: number, burst: number, now: number) {
    this.#perMs = perSecond / 1_000;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = now;
  }

  /** Units that may pass now; negative when more were taken than there were. `now` in ms, monotonic. */
  level(now: number): number {
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) * this.#perMs);
    this.#at = now;
    return this.#tokens;
  }

  /** Takes units, into debt if need be: one large unit may pass when the bucket is not empty. */
  take(units: number): void {
    this.#tokens -= units;
  }

  get burst(): number {
    return this.#burst;
  }
}

const { cpuUsage } = process;

/**
 * Tells how much CPU time a call used. The kernel counts for the process only, so time that passes while several
 * calls run is shared equally among them; reading and writing their frames counts too.
 */
export class CpuMeter {
  #running = 0;
  /** Process time at the last mark, µs. */
  #mark = 0;
  /** What a call that ran from the first mark on would have used, µs. */
  #share = 0;

  /** Begins to measure a call: returns its start, to be given to `stop`. */
  start(): number {
    // Time since the last call ended is of the frame that brought this one: no need to look at the clock.
    if (this.#running > 0) this.#advance();
    this.#running += 1;
    return this.#share;
  }

  /** Ends measuring a call; returns its CPU time, µs. */
  stop(start: number): number {
    this.#advance();
    this.#running -= 1;
    return Math.round(this.#share - start);
  }

  /** Forgets what was used until now: loading is nobody's call. */
  reset(): void {
    const { user, system } = cpuUsage();
    this.#mark = user + system;
  }

  #advance(): void {
    const { user, system } = cpuUsage();
    const now = user + system;
    this.#share += (now - this.#mark) / this.#running;
    this.#mark = now;
  }
}

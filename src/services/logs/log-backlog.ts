import type { LogRecord } from '../../domain/invocation.ts';

export interface BacklogLimits {
  readonly linesMax: number;
  /** UTF-16 units of messages. */
  readonly charactersMax: number;
}

/** Live lines on their way to one reader. When the reader is too slow the oldest go, and are counted. */
export class LogBacklog {
  readonly #limits: BacklogLimits;
  #lines: LogRecord[] = [];
  #characters = 0;
  #skipped = 0;
  #wake: () => void = () => {};

  constructor(limits: BacklogLimits) {
    this.#limits = limits;
  }

  push(line: LogRecord): void {
    this.#lines.push(line);
    this.#characters += line.message.length;
    if (this.#lines.length > this.#limits.linesMax || this.#characters > this.#limits.charactersMax) {
      // The older half at a time: one by one would move the whole array for every line.
      const gone = this.#lines.splice(0, Math.ceil(this.#lines.length / 2));
      this.#skipped += gone.length;
      this.#characters -= gone.reduce((sum, record) => sum + record.message.length, 0);
    }
    this.#wake();
  }

  /** All that waits, oldest first, and how many before it were skipped. */
  take(): { readonly lines: readonly LogRecord[]; readonly skipped: number } {
    const taken = { lines: this.#lines, skipped: this.#skipped };
    this.#lines = [];
    this.#characters = 0;
    this.#skipped = 0;
    return taken;
  }

  /** Resolves when a line waits or the signal aborts. */
  async ready(signal: AbortSignal): Promise<void> {
    if (this.#lines.length > 0 || this.#skipped > 0 || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    this.#wake = () => {};
  }
}

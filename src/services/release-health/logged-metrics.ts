import type { LogRecord } from '../../domain/invocation.ts';

/** Calls whose metrics wait for their end; beyond it the oldest are given up, as calls whose end never came. */
const WAITING_CALLS_MAX = 10_000;
const PREFIX = 'metric.';

/**
 * What calls under way have logged of the metrics that are watched: numeric fields `metric.NAME`, several of one name
 * added up. A log line names its call and not its release; that is known when the call ends, and lines come before
 * the end. What is logged after it (`waitUntil`) is not counted.
 */
export class LoggedMetrics {
  readonly #names: ReadonlySet<string>;
  readonly #callsMax: number;
  /** By request id, the longest waiting first. */
  readonly #waiting = new Map<string, Map<string, number>>();

  constructor(names: readonly string[], callsMax = WAITING_CALLS_MAX) {
    this.#names = new Set(names);
    this.#callsMax = callsMax;
  }

  add({ requestId, fields }: LogRecord): void {
    if (requestId === null || fields === null || this.#names.size === 0) return;
    for (const name of this.#names) {
      const value = fields[PREFIX + name];
      if (typeof value !== 'number' || !Number.isFinite(value)) continue;
      const values = this.#valuesOf(requestId);
      values.set(name, (values.get(name) ?? 0) + value);
    }
  }

  /** What the call logged, and no more of it; null: nothing. */
  take(requestId: string): ReadonlyMap<string, number> | null {
    const values = this.#waiting.get(requestId);
    if (values === undefined) return null;
    this.#waiting.delete(requestId);
    return values;
  }

  #valuesOf(requestId: string): Map<string, number> {
    const known = this.#waiting.get(requestId);
    if (known !== undefined) return known;
    const oldest = this.#waiting.size >= this.#callsMax ? this.#waiting.keys().next().value : undefined;
    if (oldest !== undefined) this.#waiting.delete(oldest);
    const values = new Map<string, number>();
    this.#waiting.set(requestId, values);
    return values;
  }
}

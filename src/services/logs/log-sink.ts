import type { LogLevel, LogRecord } from '../../domain/invocation.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RecordStore } from '../../ports/telemetry.ts';
import { FloodGate, type FloodLimits } from './flood-gate.ts';
import { fitRecord } from './log-record-limits.ts';

export interface LogSinkLimits extends FloodLimits {
  /** Lines below this level are not kept. */
  readonly levelMin: LogLevel;
  /** A longer message is cut, bytes of UTF-8. */
  readonly messageBytesMax: number;
  /** Larger fields are left out, bytes of JSON. */
  readonly fieldsBytesMax: number;
  /** Function versions whose rate is watched at a time; when there are more, all begin anew. */
  readonly gatesMax: number;
}

/** Of one function version: 500 lines and 1 MiB a second, 4 seconds' worth at once. */
export const LOG_SINK_LIMITS: LogSinkLimits = {
  levelMin: 'debug',
  messageBytesMax: 64 * 1024,
  fieldsBytesMax: 16 * 1024,
  linesPerSecond: 500,
  bytesPerSecond: 1024 * 1024,
  burstSeconds: 4,
  gatesMax: 10_000,
};

const LEVELS: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
/** Gates are looked at so often, to tell of drops and to forget quiet versions. */
const SWEEP_INTERVAL_MS = 1_000;

interface WatchedGate {
  readonly gate: FloodGate;
  /** A line of that version: who a note about drops is from. */
  readonly origin: LogRecord;
}

/** Takes log lines from the data plane: drops what is below the level, cuts floods and giants, stores the rest. */
export class LogSink {
  readonly #store: RecordStore<LogRecord>;
  readonly #clock: Clock;
  readonly #limits: LogSinkLimits;
  /** By `APP/ENVIRONMENT/FUNCTION@VERSION`. */
  readonly #gates = new Map<string, WatchedGate>();
  readonly #sweeper: NodeJS.Timeout;

  constructor(store: RecordStore<LogRecord>, clock: Clock, limits: LogSinkLimits = LOG_SINK_LIMITS) {
    this.#store = store;
    this.#clock = clock;
    this.#limits = limits;
    this.#sweeper = setInterval(() => this.sweep(), SWEEP_INTERVAL_MS);
    this.#sweeper.unref();
  }

  /** Returns at once and never throws. */
  log(record: LogRecord): void {
    if (LEVELS[record.level] < LEVELS[this.#limits.levelMin]) return;
    const { record: fitted, bytes } = fitRecord(record, this.#limits);
    const now = this.#clock.now();
    const { gate } = this.#gateOf(record, now);
    this.#note(record, gate.reopen(now));
    if (gate.pass(bytes, linesBehind(record), now)) this.#store.append(fitted);
  }

  /** Tells of drops that are over, and forgets versions that have been quiet. */
  sweep(): void {
    const now = this.#clock.now();
    for (const [key, { gate, origin }] of this.#gates) {
      this.#note(origin, gate.reopen(now));
      if (gate.isFresh(now)) this.#gates.delete(key);
    }
  }

  /** Tells of drops that were not told yet. The store stays open. */
  close(): void {
    clearInterval(this.#sweeper);
    for (const { gate, origin } of this.#gates.values()) this.#note(origin, gate.end());
    this.#gates.clear();
  }

  #gateOf(record: LogRecord, now: number): WatchedGate {
    const key = `${record.app}/${record.environment}/${record.function}@${record.version}`;
    let watched = this.#gates.get(key);
    if (watched === undefined) {
      if (this.#gates.size >= this.#limits.gatesMax) {
        for (const { gate, origin } of this.#gates.values()) this.#note(origin, gate.end());
        this.#gates.clear();
      }
      const origin = { ...record, message: '', fields: null, requestId: null };
      watched = { gate: new FloodGate(this.#limits, now), origin };
      this.#gates.set(key, watched);
    }
    return watched;
  }

  #note(origin: LogRecord, dropped: number): void {
    if (dropped === 0) return;
    const { linesPerSecond, bytesPerSecond } = this.#limits;
    const lines = dropped === 1 ? '1 log line' : `${dropped} log lines`;
    this.#store.append({
      ...origin,
      time: this.#clock.wall(),
      level: 'warn',
      requestId: null,
      message: `${lines} dropped (limit ${linesPerSecond} lines/s and ${bytesPerSecond} bytes/s)`,
      fields: { dropped },
    });
  }
}

/** A guest's note about lines that it dropped itself stands for those; were it dropped as one line, they would be lost to the count. */
function linesBehind({ fields }: LogRecord): number {
  const dropped = fields?.dropped;
  return Number.isSafeInteger(dropped) && (dropped as number) > 0 ? (dropped as number) : 1;
}

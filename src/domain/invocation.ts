import type { ErrorCode } from './errors.ts';

/** How one call ended, as the ledger records it: `ok`, or the code of the error that ended it. */
export type Outcome = 'ok' | ErrorCode;

/**
 * One line of the usage ledger: what one call took. Times in ms with fractions unless the name says otherwise.
 * Made by the data plane when the call has settled, appended in batches off the hot path.
 */
export interface UsageRecord {
  readonly requestId: string;
  /** When the call arrived, ms since the epoch. */
  readonly at: number;
  readonly versionKey: string;
  readonly project: string;
  readonly app: string;
  readonly environment: string;
  readonly function: string;
  readonly version: string;
  readonly release: string;
  readonly trigger: string;
  /** Waited for an instance. */
  readonly queuedMs: number;
  /** Loaded the code for this call; 0 when warm. */
  readonly initMs: number;
  /** Ran, from handing over to settled. */
  readonly durationMs: number;
  /** What is paid for: init + duration, rounded up to a whole ms, at least 1. */
  readonly billedMs: number;
  readonly memoryMb: number;
  /** CPU time that the call used in its instance, µs; an approximation when calls share an instance. */
  readonly cpuUs: number;
  readonly cold: boolean;
  readonly outcome: Outcome;
  /** HTTP status sent, 0 when the call was no HTTP call or its client had gone. */
  readonly status: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** One log line, of a function or of the platform about a function. */
export interface LogRecord {
  /** ms since the epoch. */
  readonly time: number;
  readonly level: LogLevel;
  readonly app: string;
  readonly environment: string;
  readonly function: string;
  readonly version: string;
  /** The call it belongs to, when known. */
  readonly requestId: string | null;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>> | null;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

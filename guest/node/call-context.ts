import type { Call } from './call.ts';
import type { ConsoleCapture } from './console-capture.ts';
import { describeThrown } from './failure.ts';

/** Lines with a level and optional fields. */
export interface ContextLog {
  debug(message: unknown, fields?: Record<string, unknown>): void;
  info(message: unknown, fields?: Record<string, unknown>): void;
  warn(message: unknown, fields?: Record<string, unknown>): void;
  error(message: unknown, fields?: Record<string, unknown>): void;
}

let log: ContextLog;

/** Where `context.log` writes; set once, while booting. */
export function logContextsTo(output: ConsoleCapture): void {
  log = Object.freeze({
    debug: (message: unknown, fields?: unknown) => output.write('debug', message, fields),
    info: (message: unknown, fields?: unknown) => output.write('info', message, fields),
    warn: (message: unknown, fields?: unknown) => output.write('warn', message, fields),
    error: (message: unknown, fields?: unknown) => output.write('error', message, fields),
  });
}

/** Where functions log with a level. */
export function contextLog(): ContextLog {
  return log;
}

/** The `context` that Mayfly's own dialects hand to the author: what one wants to know and do about a call. */
export class CallContext {
  readonly #call: Call;
  #background: Promise<unknown>[] | null = null;

  constructor(call: Call) {
    this.#call = call;
  }

  get requestId(): string {
    return this.#call.message.id;
  }

  /** The release that the call belongs to. */
  get release(): string {
    return this.#call.message.release;
  }

  /** Parameters of the route's pattern. */
  get params(): Readonly<Record<string, string>> {
    return this.#call.message.http?.params ?? {};
  }

  get log(): ContextLog {
    return log;
  }

  /** Aborted when the client went away or the deadline passed. */
  get signal(): AbortSignal {
    return this.#call.signal;
  }

  /** When the call will be given up, ms since the epoch. */
  get deadline(): number {
    return this.#call.message.deadline;
  }

  /** W3C `traceparent` of the call, to be passed on. */
  get traceparent(): string {
    return this.#call.message.traceparent;
  }

  getRemainingTimeInMillis(): number {
    return Math.max(0, this.#call.remainingMs());
  }

  /** Keeps the call open (and metered) until `work` is done; the response does not wait for it. */
  waitUntil(work: unknown): void {
    this.#background ??= [];
    this.#background[this.#background.length] = settled(work);
  }

  /** Resolves when all that was given to `waitUntil` is done; undefined when there was nothing. */
  background(): Promise<void> | undefined {
    return this.#background === null ? undefined : allOf(this.#background);
  }
}

async function settled(work: unknown): Promise<void> {
  try {
    await work;
  } catch (thrown) {
    log.error(describeThrown(thrown).stack);
  }
}

async function allOf(background: readonly Promise<unknown>[]): Promise<void> {
  // Work may give further work: the list is read until its end stays its end.
  for (let at = 0; at < background.length; at += 1) await background[at];
}

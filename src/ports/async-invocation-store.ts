import type { ErrorCode } from '../domain/errors.ts';

/** A call that its caller does not wait for. */
export interface AsyncCall {
  /** Also its request id and the id of its event. */
  readonly id: string;
  readonly app: string;
  readonly environment: string;
  readonly function: string;
  /** The release that it belongs to, which is kept until it was made; null: whatever the environment serves then. */
  readonly release: string | null;
  /** CloudEvents envelope without data. */
  readonly event: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
  readonly traceparent: string | null;
  /** ms since the epoch. */
  readonly enqueuedAt: number;
}

/** A call lent to a worker. Only who holds its newest epoch may settle it. */
export interface LeasedCall extends AsyncCall {
  readonly epoch: number;
  /** Times that it was lent, this one included, less those that were given back. */
  readonly attempts: number;
}

/** Why a call did not succeed. */
export interface AsyncFailure {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What becomes of a leased call. */
export type Settlement =
  | { readonly kind: 'done' }
  /** Once more, not before `dueAt`. `attempts` is what it then has behind it. */
  | {
      readonly kind: 'retry';
      readonly dueAt: number;
      readonly attempts: number;
      readonly failure: AsyncFailure;
    }
  /** Given up, and kept to be looked at. */
  | { readonly kind: 'dead'; readonly at: number; readonly failure: AsyncFailure };

export interface DeadCall {
  readonly id: string;
  readonly function: string;
  readonly attempts: number;
  readonly enqueuedAt: number;
  readonly diedAt: number;
  readonly failure: AsyncFailure;
}

/** Since the store was made; `enqueued = inFlight + done + dead` at every moment. */
export interface AsyncCounts {
  readonly enqueued: number;
  readonly inFlight: number;
  readonly done: number;
  readonly dead: number;
}

/**
 * Calls that must not get lost: what was enqueued stays until it was settled as done or dead, whatever process dies.
 * A lease that ends unsettled makes its call due again, for whoever leases next, with a higher epoch.
 */
export interface AsyncInvocationStore {
  /** On disk when this resolves. @throws MayflyError STORAGE_FULL */
  enqueue(call: AsyncCall): Promise<void>;
  /**
   * Lends up to `limit` calls that are due at `now`, the longest due first, until `until`. Leaves out the functions in
   * `except` (`APP/ENVIRONMENT/FUNCTION`).
   */
  lease(request: {
    readonly now: number;
    readonly until: number;
    readonly limit: number;
    readonly except: readonly string[];
  }): Promise<LeasedCall[]>;
  /** False: the epoch is not the newest; nothing happened. */
  renew(id: string, epoch: number, until: number): Promise<boolean>;
  /**
   * `followUp` is enqueued together with it: both are on disk, or neither.
   * False: the epoch is not the newest, or the call was settled before; nothing happened.
   */
  settle(id: string, epoch: number, settlement: Settlement, followUp?: AsyncCall): Promise<boolean>;
  /** When the next call becomes due (or its lease ends), ms since the epoch; null: none is in flight. */
  nextDueAt(except: readonly string[]): Promise<number | null>;
  counts(): Promise<AsyncCounts>;
  /** Newest first. */
  listDead(app: string, environment: string, limit: number): Promise<DeadCall[]>;
}

import { ERROR_TABLE, type ErrorCode } from '../../domain/errors.ts';
import type { AsyncFailure, LeasedCall, Settlement } from '../../ports/async-invocation-store.ts';

/** How often, how fast and how long a call is tried. */
export interface RetryPolicy {
  readonly attemptsMax: number;
  /** Wait after the first attempt; doubled after each. */
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
  /** A call older than this is tried no more. */
  readonly ageMaxMs: number;
}

export const RETRY_POLICY: RetryPolicy = {
  attemptsMax: 3,
  backoffBaseMs: 1_000,
  backoffMaxMs: 300_000,
  ageMaxMs: 6 * 3_600_000,
};

/** The call never reached the code: not its fault, so that it costs no attempt. */
const NOT_ATTEMPTED: ReadonlySet<ErrorCode> = new Set([
  'QUEUE_FULL',
  'QUEUE_TIMEOUT',
  'SANDBOX_FAILED',
  'SHUTTING_DOWN',
]);

/**
 * What becomes of a call after an attempt; pure. `failure` null: it succeeded. `jitter`, 0 to 1, spreads the retries of
 * calls that failed together over the second half of the wait.
 *
 * ```
 * waiting ──lease──► leased ──ok──────────────────────────────► done
 *    ▲                  ├──cannot ever succeed, too often, too old──► dead
 *    └────backoff───────┘
 * ```
 */
export function settlementOf(
  call: Pick<LeasedCall, 'attempts' | 'epoch' | 'enqueuedAt'>,
  failure: AsyncFailure | null,
  policy: RetryPolicy,
  now: number,
  jitter: number,
): Settlement {
  if (failure === null) return { kind: 'done' };
  const spared = NOT_ATTEMPTED.has(failure.code);
  const hopeless = ERROR_TABLE[failure.code].blame === 'caller' && !ERROR_TABLE[failure.code].retryable;
  const spent = !spared && call.attempts >= policy.attemptsMax;
  const tries = spared ? call.epoch : call.attempts;
  const dueAt = now + backoffMs(tries, policy, jitter);
  const tooOld = dueAt - call.enqueuedAt > policy.ageMaxMs;
  if (hopeless || spent || tooOld) return { kind: 'dead', at: now, failure };
  return { kind: 'retry', dueAt, attempts: spared ? call.attempts - 1 : call.attempts, failure };
}

/** Whole ms. */
function backoffMs(tries: number, { backoffBaseMs, backoffMaxMs }: RetryPolicy, jitter: number): number {
  const full = Math.min(backoffMaxMs, backoffBaseMs * 2 ** (tries - 1));
  return Math.ceil(full * (0.5 + jitter / 2));
}

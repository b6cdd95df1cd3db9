import type { AsyncCall, AsyncFailure, LeasedCall } from './async-invocation-store.ts';
import type { EventResult } from './invoker.ts';

/** What holds for one call in the place of the node's own rules. */
export interface AsyncCallBounds {
  readonly attemptsMax?: number;
  /** A call older than this is not made any more, ms. */
  readonly ageMaxMs?: number;
  /** Set: the call is given up without being made, for this reason. */
  readonly refusal?: AsyncFailure;
}

/** A call that will not be made again. */
export interface EndedCall {
  readonly call: LeasedCall;
  /** Null: it succeeded. */
  readonly failure: AsyncFailure | null;
  /** Of the last attempt; null: it was not made, or never reached the code. */
  readonly result: EventResult | null;
}

/** Rules of whoever made the function, for calls that nobody waits for. Asked at each attempt, so that a change counts at once. */
export interface AsyncCallRules {
  boundsFor(call: AsyncCall): Promise<AsyncCallBounds>;
  /** The call that its end causes; null: none. It is recorded with the end. */
  followUp(ended: EndedCall): Promise<AsyncCall | null>;
}

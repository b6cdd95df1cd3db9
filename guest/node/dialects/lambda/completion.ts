import type { Call } from '../../call.ts';
import { whenLoopIsEmpty } from '../../empty-loop.ts';
import { type ContextBase, type LambdaContext, lambdaContext } from './context.ts';

export type LambdaCallback = (error?: unknown, result?: unknown) => void;
export type LambdaFunction = (event: unknown, context: LambdaContext, callback: LambdaCallback) => unknown;

/**
 * Runs a handler until it has a result, in whichever way it gives one; the first counts:
 * - its promise settles, or `context.done/succeed/fail` is called: at once;
 * - the callback is called: when the event loop is empty, at once with an error or with
 *   `callbackWaitsForEmptyEventLoop = false`;
 * - nothing of that, and the event loop is empty: `null`.
 *
 * `encode` is applied when the result is given, so that later changes to it don't matter.
 */
export function complete<T>(
  handle: LambdaFunction,
  event: unknown,
  call: Call,
  base: ContextBase,
  encode: (result: unknown) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let ended = false;
    let stopWaiting: (() => void) | null = null;
    const first = (end: () => void): void => {
      if (ended) return;
      ended = true;
      stopWaiting?.();
      try {
        end();
      } catch (thrown) {
        reject(thrown);
      }
    };
    const succeed = (result?: unknown): void => first(() => resolve(encode(result)));
    const fail = (error?: unknown): void => first(() => reject(error ?? 'handled'));
    const done = (error?: unknown, result?: unknown): void => {
      if (error === undefined || error === null) succeed(result);
      else fail(error);
    };
    const context = lambdaContext(base, call, { done, succeed, fail });
    const callback: LambdaCallback = (error, result) => {
      if ((error !== undefined && error !== null) || !context.callbackWaitsForEmptyEventLoop) {
        done(error, result);
        return;
      }
      first(() => {
        const encoded = encode(result);
        whenLoopIsEmpty(() => resolve(encoded));
      });
    };
    let returned: unknown;
    try {
      returned = handle(event, context, callback);
    } catch (thrown) {
      fail(thrown);
      return;
    }
    if (isThenable(returned)) void follow(returned, succeed, (error) => first(() => reject(error)));
    if (!ended) stopWaiting = whenLoopIsEmpty(() => succeed(null));
  });
}

async function follow(
  returned: PromiseLike<unknown>,
  succeed: (result: unknown) => void,
  fail: (error: unknown) => void,
): Promise<void> {
  let result: unknown;
  try {
    result = await returned;
  } catch (thrown) {
    fail(thrown);
    return;
  }
  succeed(result);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}

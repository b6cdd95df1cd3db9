import { complete } from './completion.ts';

export type Callback = (error?: unknown, result?: unknown) => void;
export type CallbackHandler<C> = (event: unknown, context: C, callback: Callback) => unknown;

/** How a handler of the old kind ends its call; only the first of them counts. */
export interface Endings {
  done(error?: unknown, result?: unknown): void;
  succeed(result?: unknown): void;
  fail(error?: unknown): void;
}

/**
 * Runs a handler of AWS's kind, which others took over, until it has a result, in whichever way it gives one:
 * - its promise settles, or `done`, `succeed`, `fail` of its context is called: at once;
 * - the callback is called: when the event loop is empty, at once with an error or with
 *   `callbackWaitsForEmptyEventLoop = false`;
 * - nothing of that, and the event loop is empty: `null`.
 */
export function runCallbackHandler<C extends { callbackWaitsForEmptyEventLoop: boolean }, T>(
  handle: CallbackHandler<C>,
  event: unknown,
  contextOf: (endings: Endings) => C,
  encode: (result: unknown) => T,
): Promise<T> {
  return complete(
    (ending) => {
      const fail = (error?: unknown): void => ending.fail(error ?? 'handled');
      const done: Callback = (error, result) => {
        if (error === undefined || error === null) ending.succeed(result);
        else fail(error);
      };
      const context = contextOf({ done, succeed: ending.succeed, fail });
      const callback: Callback = (error, result) => {
        const waits = (error === undefined || error === null) && context.callbackWaitsForEmptyEventLoop;
        if (waits) ending.succeedWhenIdle(result);
        else done(error, result);
      };
      return handle(event, context, callback);
    },
    { encode, takesReturned: true, nothing: () => encode(null) },
  );
}

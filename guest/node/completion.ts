import { whenLoopIsEmpty } from './empty-loop.ts';

/** The ways in which a handler may end its call; only the first that is taken counts. */
export interface Ending {
  succeed(result?: unknown): void;
  /** Succeeds when the event loop is empty; the result is encoded now, so that later changes to it don't matter. */
  succeedWhenIdle(result?: unknown): void;
  fail(error: unknown): void;
}

/** What counts as a result, and how it is taken. */
export interface CompletionRules<T> {
  /** Applied when the result is given. What it throws fails the call. */
  encode(result: unknown): T;
  /** False: what the handler's promise resolves to is no result; only a callback gives one. */
  readonly takesReturned: boolean;
  /** The result when no way was taken and none can be any more. What it throws fails the call. */
  nothing(): T;
}

/**
 * Runs a handler that may end its call by what it returns or by calling back. A promise that rejects fails the call;
 * what is returned without a promise never counts. When nothing keeps the event loop alive, nothing more will come.
 * @param start calls the handler and gives back what it returned
 */
export function complete<T>(start: (ending: Ending) => unknown, rules: CompletionRules<T>): Promise<T> {
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
    const ending: Ending = {
      succeed: (result) => first(() => resolve(rules.encode(result))),
      succeedWhenIdle: (result) =>
        first(() => {
          const encoded = rules.encode(result);
          whenLoopIsEmpty(() => resolve(encoded));
        }),
      fail: (error) => first(() => reject(error)),
    };
    let returned: unknown;
    try {
      returned = start(ending);
    } catch (thrown) {
      ending.fail(thrown);
      return;
    }
    if (isThenable(returned)) void follow(returned, rules.takesReturned, ending);
    if (!ended) stopWaiting = whenLoopIsEmpty(() => first(() => resolve(rules.nothing())));
  });
}

async function follow(returned: PromiseLike<unknown>, takesReturned: boolean, ending: Ending): Promise<void> {
  let result: unknown;
  try {
    result = await returned;
  } catch (thrown) {
    ending.fail(thrown);
    return;
  }
  if (takesReturned) ending.succeed(result);
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}

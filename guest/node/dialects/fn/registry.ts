import type { FnContext } from './context.ts';
import { RawResult, StreamResult } from './result.ts';

export type FnFunction = (input: unknown, context: FnContext) => unknown;
export type InputMode = 'json' | 'string' | 'buffer';

const MODES: readonly unknown[] = ['json', 'string', 'buffer'];

/** What `fdk.handle` was given. */
export interface Registration {
  readonly handle: FnFunction;
  readonly inputMode: InputMode;
}

let last: Registration | null = null;

/** What the author's code has registered, or null. */
export function registered(): Registration | null {
  return last;
}

/** What `@fnproject/fdk` exports. */
export const fdk = {
  handle(handle: FnFunction, options?: { readonly inputMode?: InputMode } | null): () => void {
    if (typeof handle !== 'function') throw new TypeError('fdk.handle takes a function.');
    const inputMode = options?.inputMode ?? 'json';
    if (!MODES.includes(inputMode)) throw new TypeError(`Unknown input mode "${String(inputMode)}"`);
    last = { handle, inputMode };
    return () => undefined;
  },
  rawResult: (raw: unknown) => new RawResult(raw),
  streamResult: (stream: AsyncIterable<unknown>) => new StreamResult(stream),
} as const;

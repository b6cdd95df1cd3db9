/** Where undici, Node's and every other copy, keeps the dispatcher that all of them send through. */
const DISPATCHER = Symbol.for('undici.globalDispatcher.1');
/** Held: the guest puts another in its place. */
const nodesFetch = globalThis.fetch;

/**
 * Stands in for undici's own `lib/global.js`, which would bring an HTTP client: gives the dispatcher that the author set, by
 * any copy of undici, or else Node's own.
 */
export function getGlobalDispatcher(): unknown {
  const shared = globalThis as unknown as Record<symbol, unknown>;
  // Node makes its own when its fetch is called for the first time.
  if (shared[DISPATCHER] === undefined) void nodesFetch('data:,');
  return shared[DISPATCHER];
}

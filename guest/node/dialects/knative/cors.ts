const METHODS = 'OPTIONS, GET, DELETE, POST, PUT, HEAD, PATCH';

/** What browsers of other origins may do: everything, or what the author's `cors` lists. */
export function corsHeaders(cors: unknown, origin: string | string[] | undefined): string[] {
  const allowed = typeof cors === 'function' ? [(cors as () => unknown)()].flat() : ['*'];
  const methods = ['access-control-allow-methods', METHODS];
  if (allowed.includes('*')) return [...methods, 'access-control-allow-origin', '*'];
  if (typeof origin !== 'string' || !allowed.includes(origin)) return [...methods, 'vary', 'Origin'];
  return [...methods, 'access-control-allow-origin', origin, 'vary', 'Origin'];
}

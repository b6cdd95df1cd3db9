const NAME = 'access-control-allow-methods';
const METHODS = 'OPTIONS, GET, DELETE, POST, PUT, HEAD, PATCH';
const ORIGIN = 'access-control-allow-origin';

/** What browsers of other origins may do: everything, or what the author's `cors` lists. */
export function corsHeaders(cors: unknown, origin: string | string[] | undefined): string[] {
  if (typeof cors !== 'function') return [NAME, METHODS, ORIGIN, '*'];
  const allowed: unknown[] = [(cors as () => unknown)()].flat();
  if (allowed.includes('*')) return [NAME, METHODS, ORIGIN, '*'];
  if (typeof origin !== 'string' || !allowed.includes(origin)) return [NAME, METHODS, 'vary', 'Origin'];
  return [NAME, METHODS, ORIGIN, origin, 'vary', 'Origin'];
}

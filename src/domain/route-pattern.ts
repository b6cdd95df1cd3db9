/** Methods that a route may name (RFC 9110 §9, RFC 5789); `*` stands for all of them. */
export const ROUTE_METHODS = [
  '*',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
] as const;

const PARAMETER = /^:[A-Za-z_][A-Za-z0-9_]*$/;
/** RFC 3986 `pchar` without percent-escapes (patterns are matched decoded), `:` and `*`, plus anything beyond ASCII. */
const LITERAL = /^[A-Za-z0-9\-._~!$&',;=@+\u0080-\uffff]+$/;

/**
 * What is wrong with a route's pattern, as a sentence; null: nothing.
 * A pattern is `/` and segments: a literal, `:parameter`, or `*` as the last one.
 */
export function routePatternProblem(pattern: string): string | null {
  if (!pattern.startsWith('/')) return 'must begin with "/"';
  if (pattern === '/') return null;
  const segments = pattern.slice(1).split('/');
  const parameters = new Set<string>();
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    if (segment === '' && last) continue;
    if (segment === '') return 'has an empty segment ("//")';
    if (segment === '.' || segment === '..') return `has the segment "${segment}", which no client sends`;
    if (segment === '*') {
      if (!last) return 'has "*" before its end';
    } else if (segment.startsWith(':')) {
      if (!PARAMETER.test(segment))
        return `has the parameter "${segment}"; write ":name" with letters, digits and "_"`;
      if (parameters.has(segment)) return `has the parameter "${segment}" twice`;
      parameters.add(segment);
    } else if (!LITERAL.test(segment)) {
      return `has the segment "${segment}"; write literals decoded and without :, *, ?, #, %, brackets or spaces`;
    }
  }
  return null;
}

/** The pattern without the names of its parameters: two patterns of one shape match the same paths. */
export function routeShape(pattern: string): string {
  return pattern.replace(/:[A-Za-z_][A-Za-z0-9_]*/g, ':');
}

/** A vendor's path in Mayfly's terms. */
export interface VendorRoute {
  /** Patterns that together match what the path matches; empty: it cannot be said. */
  readonly patterns: readonly string[];
  /** What gets lost, as a sentence; null: nothing. */
  readonly loss: string | null;
}

/**
 * Reads `/users/{id}`, `{id:int}`, `{id?}` (optional, at the end), `{*rest}`, `{rest...}`, `{proxy+}`, `:id`, and a last `*`.
 * A parameter that is only part of a segment cannot be said: the pattern ends before it, with a `*`.
 */
export function readVendorPath(path: string): VendorRoute {
  const segments = path.split('/').filter((segment) => segment !== '');
  const kept: string[] = [];
  const losses: string[] = [];
  const patterns: string[] = [];
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    const { text, rest, optional, loss } = readSegment(segment);
    if (loss !== null) losses.push(loss);
    if (rest) {
      if (!last) losses.push(`what follows "${segment}" is not compared`);
      patterns.push(join(kept), join([...kept, '*']));
      return { patterns: unique(patterns), loss: losses.join('; ') || null };
    }
    if (optional && last) patterns.push(join(kept));
    kept.push(text);
  }
  patterns.push(join(kept));
  return { patterns: unique(patterns), loss: losses.join('; ') || null };
}

/** Every path below a prefix, and the prefix itself. */
export function routesBelow(prefix: string): string[] {
  const base = `/${prefix.split('/').filter(Boolean).join('/')}`;
  return base === '/' ? ['/', '/*'] : [base, `${base}/*`];
}

interface SegmentReading {
  readonly text: string;
  readonly rest: boolean;
  readonly optional: boolean;
  readonly loss: string | null;
}

const LITERAL = /^[A-Za-z0-9._~!$&'+,;=@-]*$/;

function readSegment(segment: string): SegmentReading {
  const plain = { rest: false, optional: false, loss: null };
  const braces = /^\{(\*{0,2})([A-Za-z_][A-Za-z0-9_-]*)(\+|\.\.\.)?(:[^{}]*|=[^{}]*)?(\?)?\}$/.exec(segment);
  const colon = /^:([A-Za-z_][A-Za-z0-9_]*)$/.exec(segment);
  if (segment === '*' || segment === '**') return { ...plain, text: '*', rest: true };
  if (colon !== null) return { ...plain, text: segment };
  if (braces !== null) {
    const [, star = '', name = '', plus, constraint, optional] = braces;
    const condition = constraint?.replace(/\?$/, '');
    return {
      text: `:${name.replaceAll('-', '_')}`,
      rest: star !== '' || plus !== undefined,
      optional: optional !== undefined || constraint?.endsWith('?') === true,
      loss:
        condition === undefined ? null : `the condition "${condition.slice(1)}" of "${name}" is not checked`,
    };
  }
  if (LITERAL.test(segment)) return { ...plain, text: segment };
  return { ...plain, text: '*', rest: true, loss: `"${segment}" cannot be told from other paths` };
}

const join = (segments: readonly string[]): string => `/${segments.join('/')}`;
const unique = (list: readonly string[]): string[] => [...new Set(list)];

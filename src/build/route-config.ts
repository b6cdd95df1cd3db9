import type { RouteManifest } from '../contract/manifest.ts';
import { parseDuration } from '../kit/quantity.ts';
import type { CorsFile, RouteFile } from './config-schema.ts';

const corsAgeDefaultMs = 600_000;
const corsAgeMaxMs = 86_400_000;

const METHODS: ReadonlySet<string> = new Set([
  '*',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]);

/** A segment is a literal, or one parameter and nothing else; `*` takes the rest and stands last. */
const SEGMENT = /^([A-Za-z0-9._~!$&'+,;=@-]*|:[A-Za-z_][A-Za-z0-9_]*)$/;

/**
 * The routes that one entry of `routes` means, one for each method.
 * @returns a sentence instead when the entry is wrong
 */
export function readRoute(entry: RouteFile, cors: CorsFile | undefined): RouteManifest[] | string {
  const written = typeof entry === 'string' ? splitRoute(entry) : entry;
  if (written.method !== undefined && written.methods !== undefined) {
    return 'has both "method" and "methods"; keep one';
  }
  const methods = [...new Set(written.methods ?? [written.method ?? '*'])];
  const unknown = methods.find((method) => !METHODS.has(method));
  if (unknown !== undefined)
    return `has the unknown method "${unknown}"; write one of ${[...METHODS].join(', ')}`;
  const wrong = patternFault(written.path);
  if (wrong !== null) return wrong;
  const policy = readCors(written.cors ?? cors, methods);
  if (typeof policy === 'string') return policy;
  return methods.map((method) => ({ method, pattern: written.path, cors: policy }));
}

/** Two patterns that differ only in the names of their parameters lead to the same place. */
export function routeIdentity(route: RouteManifest): string {
  return `${route.method} ${route.pattern.replace(/:[^/]+/g, ':')}`;
}

function splitRoute(text: string): Exclude<RouteFile, string> {
  const [first, second] = text.split(/ +/);
  return second === undefined ? { path: first ?? '' } : { method: first as string, path: second };
}

function patternFault(pattern: string): string | null {
  if (pattern.length > 1_024) return 'has a path of more than 1024 characters';
  const segments = pattern.split('/').slice(1);
  const parameters = segments.filter((segment) => segment.startsWith(':'));
  if (new Set(parameters).size !== parameters.length) return `has the same parameter twice in "${pattern}"`;
  for (const [index, segment] of segments.entries()) {
    if (segment === '*' && index === segments.length - 1) continue;
    if (segment.includes('*')) return `has a "*" in "${pattern}" that is not the whole last segment`;
    if (!SEGMENT.test(segment)) {
      return `has the segment "${segment}" in "${pattern}"; a segment is plain text, ":name", or a last "*"`;
    }
  }
  return null;
}

function readCors(cors: CorsFile | undefined, methods: readonly string[]): RouteManifest['cors'] | string {
  if (cors === undefined || cors === false) return null;
  const given = cors === true ? {} : cors;
  const maxAgeMs = given.maxAge === undefined ? corsAgeDefaultMs : parseDuration(given.maxAge);
  if (maxAgeMs === null || maxAgeMs > corsAgeMaxMs) return 'has a cors.maxAge above 1d';
  const origins = given.origins ?? ['*'];
  const credentials = given.credentials ?? false;
  if (credentials && origins.includes('*')) {
    return 'allows credentials from any origin, which browsers refuse; name the origins';
  }
  const every = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
  return {
    origins,
    methods: given.methods ?? (methods.includes('*') ? every : [...methods]),
    headers: given.headers ?? ['*'],
    exposeHeaders: given.exposeHeaders ?? [],
    credentials,
    maxAgeS: Math.round(maxAgeMs / 1_000),
  };
}

import FindMyWay from 'find-my-way';
import { RELEASE_HEADER } from '../../contract/release-header.ts';
import type { FunctionVersion } from '../../domain/function-version.ts';
import type { CorsPolicy } from '../../domain/route.ts';
import { routeShape } from '../../domain/route-pattern.ts';
import type { AppSnapshot } from '../../domain/snapshot.ts';

/** Where a route leads. */
export interface RouteTarget {
  readonly version: FunctionVersion;
  readonly pattern: string;
  readonly cors: CorsPolicy | null;
}

export type RouteMatch =
  | { readonly kind: 'found'; readonly target: RouteTarget; readonly params: Record<string, string> }
  /** The path exists, but not for this method. `cors`: of any route at that path, for preflights. */
  | { readonly kind: 'method'; readonly allow: readonly string[]; readonly cors: CorsPolicy | null }
  | { readonly kind: 'none' };

/** Methods that HTTP defines for origin servers (RFC 9110 §9, RFC 5789); a `*` route takes all of them. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const;
export const ALL_METHODS = METHODS.join(', ');
const NO_PARAMS: Record<string, string> = Object.freeze({});
const PATH_PARAM_BYTES_MAX = 1024;

/**
 * A tree of routes for each method that some route names, and one for all the others, which only `*` routes take: one of 1,000
 * functions without a method takes 1.5 MB, and not eight times that.
 */
interface Routes {
  readonly router: ReturnType<typeof FindMyWay>;
  /** Method → the one that names its tree. */
  readonly treeOf: ReadonlyMap<string, FindMyWay.HTTPMethod>;
}

/**
 * The routes of one app snapshot. The tree is built at the first request, so that 10,000 deployed apps cost nothing
 * until somebody calls them.
 */
export class AppRouter {
  readonly snapshot: AppSnapshot;
  /** Header fields of every answer of this release, flat. */
  readonly fields: readonly string[];
  #routes: Routes | null = null;

  constructor(snapshot: AppSnapshot) {
    this.snapshot = snapshot;
    this.fields = [RELEASE_HEADER, snapshot.release];
  }

  /** `path` without query. Percent-encoded parameters are decoded; a malformed escape matches nothing. */
  match(method: string, path: string): RouteMatch {
    this.#routes ??= build(this.snapshot);
    const found =
      find(this.#routes, method, path) ?? (method === 'HEAD' ? find(this.#routes, 'GET', path) : null);
    if (found !== null) return found;
    const allow: string[] = [];
    let cors: CorsPolicy | null = null;
    for (const other of METHODS) {
      const match = find(this.#routes, other, path);
      if (match === null) continue;
      allow.push(other);
      if (other === 'GET' && !allow.includes('HEAD')) allow.push('HEAD');
      cors ??= match.target.cors;
    }
    return allow.length === 0 ? { kind: 'none' } : { kind: 'method', allow: [...new Set(allow)], cors };
  }
}

function find(
  { router, treeOf }: Routes,
  method: string,
  path: string,
): Extract<RouteMatch, { kind: 'found' }> | null {
  const tree = treeOf.get(method);
  const found = tree === undefined ? null : router.find(tree, path);
  if (found === null) return null;
  let params = NO_PARAMS;
  for (const name in found.params) {
    if (params === NO_PARAMS) params = {};
    params[name] = found.params[name]!;
  }
  return { kind: 'found', target: found.store as RouteTarget, params };
}

function build(snapshot: AppSnapshot): Routes {
  const named = new Set(snapshot.routes.map(({ method }) => method));
  const other = METHODS.find((method) => !named.has(method)) ?? METHODS[0];
  const trees = new Set(METHODS.map((method) => (named.has(method) ? method : other)));
  const treeOf = new Map<string, FindMyWay.HTTPMethod>(METHODS.map((method) => [method, other]));
  for (const method of named) if (method !== '*') treeOf.set(method, method as FindMyWay.HTTPMethod);
  const router = FindMyWay({ maxParamLength: PATH_PARAM_BYTES_MAX });
  const handler = (): void => {};
  const taken = new Set<string>();
  const add = (method: string, pattern: string, target: RouteTarget): void => {
    const key = `${method} ${routeShape(pattern)}`;
    if (taken.has(key)) return;
    taken.add(key);
    router.on(method as FindMyWay.HTTPMethod, pattern, handler, target);
  };
  // Routes with a method first: they beat a `*` route with the same pattern, whatever their order.
  const ordered = [...snapshot.routes].sort((a, b) => Number(a.method === '*') - Number(b.method === '*'));
  for (const route of ordered) {
    const version = snapshot.functions.get(route.function);
    if (version === undefined) continue;
    const target: RouteTarget = { version, pattern: route.pattern, cors: route.cors };
    for (const method of route.method === '*' ? trees : [route.method]) add(method, route.pattern, target);
  }
  return { router, treeOf };
}

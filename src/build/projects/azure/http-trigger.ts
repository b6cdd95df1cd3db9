import { azureRoutes } from '../../azure-routes.ts';
import type { RouteFile } from '../../config-schema.ts';
import type { Note } from '../section.ts';
import type { HostSettings } from './host.ts';

/** An HTTP trigger as declared, in code or in `function.json`. */
export interface HttpTrigger {
  /** Undefined: the function's name is its route. */
  readonly route: string | undefined;
  /** Upper case; empty: every method. */
  readonly methods: readonly string[];
  readonly authLevel: string;
}

const KNOWN: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Routes of a function, and what must be said about them. */
export function httpRoutes(
  name: string,
  { route, methods, authLevel }: HttpTrigger,
  settings: HostSettings,
): { readonly routes: readonly RouteFile[]; readonly notes: readonly Note[] } {
  const notes: Note[] = [];
  const patterns = azureRoutes(route ?? name, settings.routePrefix);
  if (typeof patterns === 'string') return { routes: [], notes: [{ severity: 'blocks', means: patterns }] };
  for (const [, parameter, condition] of (route ?? '').matchAll(/\{\*?(\w+):([^{}?]+)\??\}/g)) {
    const means = `the condition "${condition}" of "${parameter}" is not checked`;
    notes.push({ severity: 'ignored', means });
  }
  if (!/^anonymous$/i.test(authLevel)) {
    notes.push({
      severity: 'later',
      means: `authLevel "${authLevel}": the keys of Azure are not here; until there are keys of your own, every call is answered 401`,
      suggestion: 'mayfly secret set MAYFLY_AZURE_KEYS',
    });
  }
  const strange = methods.filter((method) => !KNOWN.has(method));
  if (strange.length > 0)
    notes.push({ severity: 'ignored', means: `no route can have the method ${strange.join(', ')}` });
  const kept = methods.filter((method) => KNOWN.has(method));
  const routes = patterns.flatMap((path) =>
    methods.length === 0 ? [path] : kept.map((method) => `${method} ${path}`),
  );
  return { routes, notes };
}

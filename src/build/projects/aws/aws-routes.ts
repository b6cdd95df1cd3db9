import type { CorsFile } from '../../config-schema.ts';
import type { Place } from '../../problem.ts';
import type { AppDraft } from '../app-draft.ts';
import { PAYLOAD_VARIABLE } from './aws-function.ts';

/** An HTTP event of a Lambda function. */
export interface AwsRoute {
  readonly function: string;
  readonly place: Place;
  /** `GET`, `ANY`, `*`; any case. */
  readonly method: string;
  /** `users/{id}`, `/files/{proxy+}`, `*`. */
  readonly path: string;
  readonly cors?: CorsFile | undefined;
  /** Format of the event. */
  readonly payload: '1.0' | '2.0';
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Puts an HTTP event into the draft as routes. */
export function addAwsRoute(draft: AppDraft, route: AwsRoute): void {
  const { place } = route;
  const own = { place, function: route.function };
  const method = /^(any|\*)$/i.test(route.method) ? '*' : route.method.toUpperCase();
  if (method !== '*' && !METHODS.has(method)) {
    draft.ignored({ ...own, what: `${method} ${route.path}`, means: `routes have no method ${method}` });
    return;
  }
  const patterns = patternsOf(route, draft);
  if (patterns === null) return;
  const base = ['functions', route.function];
  for (const pattern of patterns) {
    const text = method === '*' ? pattern : `${method} ${pattern}`;
    const entry = route.cors === undefined ? text : { path: pattern, method, cors: route.cors };
    draft.add([...base, 'routes'], entry, place);
  }
  setPayload(draft, route);
}

function setPayload(draft: AppDraft, { function: name, place, payload, method, path }: AwsRoute): void {
  const before = draft.function(name).env?.[PAYLOAD_VARIABLE];
  const known = before === undefined ? null : String(before);
  if (known !== null && known !== payload) {
    const means = `the function gets events of payload ${known} from all its routes, and so from this one`;
    draft.ignored({ place, what: `payload ${payload} of ${method} ${path}`, means, function: name });
    return;
  }
  draft.env(name, PAYLOAD_VARIABLE, payload, place);
}

/** Null: it cannot be said, and is told. */
function patternsOf({ path, place, function: name }: AwsRoute, draft: AppDraft): string[] | null {
  const tell = (means: string) => draft.ignored({ place, what: `path ${path}`, means, function: name });
  if (path === '*' || path === '$default') return ['/', '/*'];
  const kept: string[] = [];
  for (const segment of path.replace(/^\/+/, '').replace(/\/+$/, '').split('/')) {
    const [, parameter, greedy] = /^\{([^{}+]+)(\+)?\}$/.exec(segment) ?? [];
    if (greedy !== undefined) {
      if (parameter !== 'proxy') tell(`what it takes is called "proxy" in the event, not "${parameter}"`);
      kept.push('*');
      break;
    }
    const fit = parameter?.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(\d)/, '_$1');
    if (fit !== parameter) tell(`the parameter is called "${fit}" in the event, not "${parameter}"`);
    kept.push(fit === undefined ? segment : `:${fit}`);
  }
  const fault = kept.find((segment) => !/^(:\w+|\*|[A-Za-z0-9\-._~!$&',;=@+]*)$/.test(segment));
  if (fault === undefined) return [`/${kept.join('/')}`];
  tell(`a route cannot have the segment "${fault}", so the function has no such route`);
  return null;
}

/** What both tools, in their own words, say about calls from other origins. */
export interface AwsCors {
  readonly origins?: readonly string[] | undefined;
  readonly methods?: readonly string[] | undefined;
  readonly headers?: readonly string[] | undefined;
  readonly exposeHeaders?: readonly string[] | undefined;
  readonly credentials?: boolean | undefined;
  readonly maxAgeS?: number | undefined;
}

/** The same as a `cors` setting. Credentials from any origin, which browsers refuse, are left out. */
export function corsOf(given: AwsCors): Exclude<CorsFile, boolean> {
  const { origins, headers, exposeHeaders, credentials, maxAgeS } = given;
  const methods = given.methods?.some((method) => method === '*' || method.toUpperCase() === 'ANY')
    ? undefined
    : given.methods?.map((method) => method.toUpperCase());
  const anybody = origins === undefined || origins.includes('*');
  return {
    ...(anybody ? {} : { origins: [...origins] }),
    ...(methods === undefined || methods.length === 0 ? {} : { methods }),
    ...(headers === undefined || headers.includes('*') ? {} : { headers: [...headers] }),
    ...(exposeHeaders === undefined ? {} : { exposeHeaders: [...exposeHeaders] }),
    ...(credentials === true && !anybody ? { credentials } : {}),
    ...(maxAgeS === undefined ? {} : { maxAge: `${Math.min(86_400, Math.max(0, maxAgeS))}s` }),
  };
}

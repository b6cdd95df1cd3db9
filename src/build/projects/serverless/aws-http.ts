import type { CorsFile } from '../../config-schema.ts';
import type { KeyPath } from '../../schema-mismatch.ts';
import { addAwsRoute, corsOf } from '../aws/aws-routes.ts';
import type { FunctionUrl } from '../aws/function-urls.ts';
import { CLOSED_ROUTE } from '../closed-route.ts';
import { tellKeys } from '../known-keys.ts';
import { isMapping } from '../section.ts';
import { CORS_KEYS, EVENT_KEYS, URL_KEYS } from './event-keys.ts';
import { mappingAt, placeIn, type Service, type ServiceFunction, textAt } from './service.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** One event of a function, and where it stands. */
export interface ServiceEvent {
  readonly own: ServiceFunction;
  readonly kind: string;
  /** A mapping, a text, or null when nothing is written. */
  readonly value: unknown;
  readonly path: KeyPath;
}

/** `http`: a route of a REST API, whose events have payload format 1.0. */
export function addRestRoute(service: Service, { own, value, path }: ServiceEvent): void {
  const { method, route, settings } = readRoute(value);
  if (isGuarded(service, own, settings, path, ['authorizer', 'private'])) return;
  const { integration } = settings;
  if (typeof integration === 'string' && !/^(aws[-_]proxy|lambda[-_]proxy)$/i.test(integration)) {
    const means =
      'the function gets the whole request (payload 1.0), and what it returns is the whole answer: mapping templates are not run';
    tell(service, own, [...path, 'integration'], `integration ${integration}`, means);
  }
  const known = {
    path: 'read',
    method: 'read',
    cors: 'read',
    integration: 'read',
    authorizer: 'read',
    private: 'read',
    operationId: 'idle',
    documentation: 'idle',
    request: 'what a request must be is not checked before the function is called',
    response: 'mapping templates are not run',
    async: 'the caller waits for the answer',
    timeoutInMillis: 'the timeout of the function holds',
    connectionType: 'idle',
    connectionId: 'idle',
  };
  tellKeys(service.draft, settings, path, known, (at) => placeIn(service, at), own.name);
  tellCors(service, settings.cors, [...path, 'cors'], own);
  const cors = corsFrom(settings.cors);
  addAwsRoute(service.draft, {
    function: own.name,
    place: placeIn(service, path),
    method,
    path: route,
    cors,
    payload: '1.0',
  });
}

/** `httpApi`: a route of an HTTP API; payload 2.0 unless the service says otherwise. */
export function addHttpApiRoute(service: Service, { own, value, path }: ServiceEvent): void {
  const { method, route, settings } = readRoute(value);
  if (isGuarded(service, own, settings, path, ['authorizer'])) return;
  const api = mappingAt(service.provider, 'httpApi');
  const known = {
    path: 'read',
    method: 'read',
    authorizer: 'read',
    operationId: 'idle',
    timeout: 'the timeout of the function holds',
  };
  tellKeys(service.draft, settings, path, known, (at) => placeIn(service, at), own.name);
  const payload = textAt(api, 'payload')?.startsWith('1') === true ? '1.0' : '2.0';
  const cors = corsFrom(api.cors);
  addAwsRoute(service.draft, {
    function: own.name,
    place: placeIn(service, path),
    method,
    path: route,
    cors,
    payload,
  });
}

/** A function's own URL; null: it asks for none. */
export function readFunctionUrl(service: Service, own: ServiceFunction): FunctionUrl | null {
  const { url } = own.value;
  if (url === undefined || url === false || url === null) return null;
  const path = [...own.path, 'url'];
  const settings = isMapping(url) ? url : {};
  const closed = isGuarded(service, own, settings, path, ['authorizer']);
  tellKeys(service.draft, settings, path, URL_KEYS, (at) => placeIn(service, at), own.name);
  tellCors(service, settings.cors, [...path, 'cors'], own);
  const place = placeIn(service, path);
  return { function: own.name, place, what: 'url', cors: corsFrom(settings.cors), closed };
}

/** `alb`: a rule of a load balancer; its paths are routes, with events of payload 1.0. */
export function addBalancerRoutes(service: Service, { own, value, path }: ServiceEvent): void {
  const settings = isMapping(value) ? value : {};
  if (isGuarded(service, own, settings, path, ['authorizer'])) return;
  tellKeys(service.draft, settings, path, EVENT_KEYS.alb ?? {}, (at) => placeIn(service, at), own.name);
  const conditions = mappingAt(settings, 'conditions');
  const list = (key: string): string[] => [conditions[key] ?? []].flat().map(String);
  const [paths, methods] = [list('path'), list('method')];
  for (const key of Object.keys(conditions)) {
    if (key !== 'path' && key !== 'method')
      tell(service, own, [...path, 'conditions', key], `condition ${key}`, 'it is not looked at');
  }
  const place = placeIn(service, path);
  tell(service, own, path, 'alb', 'the function gets an event of payload 1.0, without "requestContext.elb"');
  for (const route of paths.length === 0 ? ['*'] : paths) {
    const pattern = route.replace(/\*$/, '{proxy+}');
    for (const method of methods.length === 0 ? ['*'] : methods) {
      addAwsRoute(service.draft, { function: own.name, place, method, path: pattern, payload: '1.0' });
    }
  }
}

/** `GET users/{id}`, `*`, or a mapping. */
function readRoute(value: unknown): { method: string; route: string; settings: Mapping } {
  if (isMapping(value)) {
    return { method: textAt(value, 'method') ?? '*', route: textAt(value, 'path') ?? '*', settings: value };
  }
  const [first = '*', second] = String(value ?? '*')
    .trim()
    .split(/\s+/);
  return { method: second === undefined ? '*' : first, route: second ?? first, settings: {} };
}

/** Whether only some callers may come, which nobody could check here. */
function isGuarded(
  service: Service,
  own: ServiceFunction,
  settings: Mapping,
  path: KeyPath,
  keys: string[],
): boolean {
  const key = keys.find(
    (each) => settings[each] !== undefined && settings[each] !== null && settings[each] !== false,
  );
  const open = key === 'authorizer' && /^none$/i.test(String(settings[key]));
  if (key === undefined || open) return false;
  service.draft.later({
    place: placeIn(service, [...path, key]),
    what: `${key} of ${own.written}`,
    means: CLOSED_ROUTE.means,
    suggestion: CLOSED_ROUTE.suggestion,
    function: own.name,
  });
  return true;
}

function tell(service: Service, own: ServiceFunction, path: KeyPath, what: string, means: string): void {
  service.draft.ignored({ place: placeIn(service, path), what, means, function: own.name });
}

function tellCors(service: Service, cors: unknown, path: KeyPath, own: ServiceFunction): void {
  tellKeys(service.draft, cors, path, CORS_KEYS, (at) => placeIn(service, at), own.name);
}

function corsFrom(cors: unknown): CorsFile | undefined {
  if (cors === undefined || cors === null || cors === false) return undefined;
  if (!isMapping(cors)) return true;
  const list = (...keys: string[]): string[] | undefined => {
    const value = keys.map((key) => cors[key]).find((each) => each !== undefined && each !== null);
    return value === undefined ? undefined : [value].flat().flatMap((each) => String(each).split(/\s*,\s*/));
  };
  return corsOf({
    origins: list('origins', 'origin', 'allowedOrigins'),
    methods: list('methods', 'allowedMethods'),
    headers: list('headers', 'allowedHeaders'),
    exposeHeaders: list('exposedResponseHeaders', 'exposeHeaders'),
    credentials: (cors.allowCredentials ?? cors.credentials) === true,
    maxAgeS: typeof cors.maxAge === 'number' ? cors.maxAge : undefined,
  });
}

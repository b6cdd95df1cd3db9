import type { CorsFile } from '../../config-schema.ts';
import type { KeyPath } from '../../schema-mismatch.ts';
import { addAwsRoute, corsOf } from '../aws/aws-routes.ts';
import type { FunctionUrl } from '../aws/function-urls.ts';
import { CLOSED_ROUTE } from '../closed-route.ts';
import { tellKeys } from '../known-keys.ts';
import { isMapping } from '../section.ts';
import { API_KEYS, CORS_KEYS, URL_KEYS } from './event-keys.ts';
import {
  type Mapping,
  mappingOf,
  mergeGlobals,
  numberOf,
  placeAt,
  type SamApp,
  type SamFunction,
  textOf,
  valueAt,
} from './sam-app.ts';

/** One event of a function. */
export interface SamEvent {
  readonly fn: SamFunction;
  readonly id: string;
  readonly type: string;
  /** Evaluated, but for the API that it belongs to. */
  readonly properties: Mapping;
  readonly path: KeyPath;
}

/** `Api`: a route of a REST API, whose events have payload format 1.0. */
export function addRestRoute(event: SamEvent): void {
  const api = apiOf(event, 'Api', 'RestApiId');
  if (isGuarded(event, api)) return;
  addRoute(event, { cors: corsFrom(api.Cors), payload: '1.0', path: textOf(event.properties.Path) ?? '/' });
}

/** `HttpApi`: a route of an HTTP API; without a path, every request that no other route takes. */
export function addHttpApiRoute(event: SamEvent): void {
  const api = apiOf(event, 'HttpApi', 'ApiId');
  if (isGuarded(event, api)) return;
  const payload = textOf(event.properties.PayloadFormatVersion) === '1.0' ? '1.0' : '2.0';
  addRoute(event, {
    cors: corsFrom(api.CorsConfiguration),
    payload,
    path: textOf(event.properties.Path) ?? '*',
  });
}

/** A function's own URL. */
export function readFunctionUrl(fn: SamFunction, config: Mapping, path: KeyPath): FunctionUrl {
  const event: SamEvent = { fn, id: 'url', type: 'FunctionUrlConfig', properties: config, path };
  const place = placeAt(fn.app, path);
  tellKeys(fn.app.draft, config, path, URL_KEYS, (at) => placeAt(fn.app, at), fn.name);
  tellKeys(fn.app.draft, config.Cors, [...path, 'Cors'], CORS_KEYS, (at) => placeAt(fn.app, at), fn.name);
  const closed = textOf(config.AuthType) === 'AWS_IAM';
  if (closed) tellClosed(event);
  return { function: fn.name, place, what: 'FunctionUrlConfig', cors: corsFrom(config.Cors), closed };
}

/** Tells what is not made of the APIs, and of what holds for all of them. */
export function tellApis(app: SamApp): void {
  const parts: [value: Mapping, path: KeyPath][] = Object.entries(app.resources).flatMap(
    ([id, { Type: type, Properties: properties = {} }]): [Mapping, KeyPath][] =>
      /^AWS::Serverless::(Api|HttpApi)$/.test(type) ? [[properties, ['Resources', id, 'Properties']]] : [],
  );
  for (const kind of ['Api', 'HttpApi']) parts.push([app.globals[kind] ?? {}, ['Globals', kind]]);
  const place = (at: KeyPath) => placeAt(app, at);
  for (const [value, path] of parts) {
    tellKeys(app.draft, value, path, API_KEYS, place);
    for (const key of ['Cors', 'CorsConfiguration'])
      tellKeys(app.draft, value[key], [...path, key], CORS_KEYS, place);
  }
}

/** The routes that an API's own OpenAPI document leads to functions. */
export function addDefinedRoutes(app: SamApp, functions: ReadonlyMap<string, SamFunction>): void {
  for (const [id, { Type: type, Properties: properties = {} }] of Object.entries(app.resources)) {
    const [, kind] = /^AWS::Serverless::(Api|HttpApi)$/.exec(type) ?? [];
    const body = mappingOf(properties.DefinitionBody);
    if (kind === undefined || body.paths === undefined) continue;
    const api = mappingOf(mergeGlobals(app.globals[kind] ?? {}, properties));
    for (const [route, methods] of Object.entries(mappingOf(body.paths))) {
      for (const [method, operation] of Object.entries(mappingOf(methods))) {
        const integration = mappingOf(mappingOf(operation)['x-amazon-apigateway-integration']);
        const target = /\$\{(\w+)\.(?:Arn|Alias)\}|"Fn::GetAtt":\["(\w+)"/.exec(
          JSON.stringify(integration.uri ?? ''),
        );
        const fn = functions.get(target?.[1] ?? target?.[2] ?? '');
        if (fn === undefined) continue;
        const path = ['Resources', id, 'Properties', 'DefinitionBody', 'paths', route, method];
        const every = method === 'x-amazon-apigateway-any-method' ? '*' : method;
        const event: SamEvent = {
          fn,
          id: route,
          type: kind,
          properties: { Method: every, Auth: securityOf(operation) },
          path,
        };
        if (isGuarded(event, api)) continue;
        const payload =
          kind === 'HttpApi' && textOf(integration.payloadFormatVersion) !== '1.0' ? '2.0' : '1.0';
        addRoute(event, { cors: corsFrom(api.Cors ?? api.CorsConfiguration), payload, path: route });
      }
    }
  }
}

function securityOf(operation: unknown): Mapping {
  const { security } = mappingOf(operation);
  return Array.isArray(security) && security.length > 0 ? { Authorizer: 'security' } : {};
}

function addRoute(
  { fn, properties, path }: SamEvent,
  route: { readonly cors: CorsFile | undefined; readonly payload: '1.0' | '2.0'; readonly path: string },
): void {
  const method = textOf(properties.Method) ?? '*';
  addAwsRoute(fn.app.draft, { function: fn.name, place: placeAt(fn.app, path), method, ...route });
}

/** The API that an event belongs to, with what `Globals` says; one that is not named is made by SAM itself. */
function apiOf({ fn, properties, path }: SamEvent, kind: 'Api' | 'HttpApi', key: string): Mapping {
  const { app } = fn;
  const named = app.resources[String(mappingOf(properties[key]).Ref ?? '')]?.Properties ?? {};
  const merged = mergeGlobals(app.globals[kind] ?? {}, named);
  const known = valueAt(app, merged, path, fn.name, 'what the API says in common is left out');
  return mappingOf(known);
}

/** Whether only some callers may come, which nobody could check here. */
function isGuarded(event: SamEvent, api: Mapping): boolean {
  const [own, all] = [mappingOf(event.properties.Auth), mappingOf(api.Auth)];
  const authorizer = textOf(own.Authorizer) ?? textOf(all.DefaultAuthorizer) ?? 'NONE';
  const key = own.ApiKeyRequired ?? all.ApiKeyRequired;
  const policy = own.ResourcePolicy ?? all.ResourcePolicy;
  if (authorizer.toUpperCase() === 'NONE' && key !== true && policy === undefined) return false;
  tellClosed(event);
  return true;
}

function tellClosed({ fn, id, path }: SamEvent): void {
  fn.app.draft.later({
    place: placeAt(fn.app, path),
    what: `authorizer of ${fn.logicalId}.${id}`,
    means: CLOSED_ROUTE.means,
    suggestion: CLOSED_ROUTE.suggestion,
    function: fn.name,
  });
}

/** REST APIs have texts in quotes (`"'GET,POST'"`), HTTP APIs lists. */
function corsFrom(cors: unknown): CorsFile | undefined {
  if (cors === undefined || cors === null || cors === false) return undefined;
  if (cors === true) return true;
  if (typeof cors === 'string') return corsOf({ origins: [unquoted(cors)] });
  if (!isMapping(cors)) return undefined;
  const list = (...keys: string[]): string[] | undefined => {
    const value = keys.map((key) => cors[key]).find((each) => each !== undefined && each !== null);
    return value === undefined
      ? undefined
      : [value].flat().flatMap((each) => unquoted(String(each)).split(/\s*,\s*/));
  };
  return corsOf({
    origins: list('AllowOrigins', 'AllowOrigin'),
    methods: list('AllowMethods'),
    headers: list('AllowHeaders'),
    exposeHeaders: list('ExposeHeaders'),
    credentials: cors.AllowCredentials === true,
    maxAgeS: numberOf(typeof cors.MaxAge === 'string' ? unquoted(cors.MaxAge) : cors.MaxAge),
  });
}

const unquoted = (text: string): string => text.trim().replace(/^'(.*)'$/, '$1');

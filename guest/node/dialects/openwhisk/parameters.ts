import type { HttpCall } from '../../../../src/contract/guest-messages.ts';
import { HandlerUnusable } from '../../dialect.ts';
import { isText } from '../../event-data.ts';
import { headerRecord } from '../../header-fields.ts';
import { isForm } from '../../request-data.ts';
import { formRecord, lastValues, queryRecord, splitTarget } from '../../request-target.ts';

export type Parameters = Readonly<Record<string, unknown>>;

/** A request must not bring what only the platform may say. */
export class ReservedParameter extends Error {}

const RESERVED = [
  '__ow_method',
  '__ow_headers',
  '__ow_path',
  '__ow_user',
  '__ow_query',
  '__ow_body',
] as const;
const JSON_FAMILY = /^[^;]*[/+]json\s*(;|$)/i;
const PLAIN_JSON = /^application\/json\s*(;|$)/i;

/**
 * What a web action gets: query, above it the members of a JSON object or a form, and the request in `__ow_` members. A body
 * of another kind, or every body with `raw`, is text in `__ow_body`: base64 of bytes, and of JSON with `raw`.
 * @throws SyntaxError when JSON is none; ReservedParameter
 */
export function httpParameters(http: HttpCall, body: Buffer, raw: boolean): Parameters {
  const headers = headerRecord(http.headers);
  const type = (headers['content-type'] as string | undefined) ?? '';
  const { search } = splitTarget(http.url);
  const request = {
    __ow_method: http.method.toLowerCase(),
    __ow_headers: headers,
    __ow_path: http.params['*'] === undefined ? '' : `/${http.params['*']}`,
  };
  if (raw) return { ...request, __ow_query: search.slice(1), __ow_body: opaque(body, type) };
  // As in OpenWhisk, of several values of a name the last.
  const query = lastValues(queryRecord(search));
  if (body.length === 0) return merged(request, query, {});
  if (JSON_FAMILY.test(type)) {
    const data: unknown = JSON.parse(body.toString('utf8'));
    const isObject = typeof data === 'object' && data !== null && !Array.isArray(data);
    if (isObject) return merged(request, query, data as Parameters);
    return { ...merged(request, query, {}), __ow_body: data };
  }
  if (isForm(type)) return merged(request, query, lastValues(formRecord(body.toString('utf8'))));
  return { ...merged(request, query, {}), __ow_body: opaque(body, type) };
}

/** Parameters that the action was deployed with. @throws Error when the variable is not the JSON of an object */
export function ownParameters(): Parameters {
  const text = process.env.MAYFLY_OPENWHISK_PARAMETERS;
  if (text === undefined || text === '') return {};
  const own: unknown = JSON.parse(text);
  if (typeof own === 'object' && own !== null && !Array.isArray(own)) return own as Parameters;
  throw new HandlerUnusable('MAYFLY_OPENWHISK_PARAMETERS is not the JSON of an object.');
}

/** A web action's own parameters are final. @throws ReservedParameter when the request brings one of them */
export function withOwnParameters(given: Parameters, own: Parameters): Parameters {
  const names = Object.keys(own);
  for (let at = 0; at < names.length; at += 1) {
    const name = names[at]!;
    if (Object.hasOwn(given, name)) {
      throw new ReservedParameter(`The request must not set the parameter ${name}.`);
    }
  }
  return names.length === 0 ? given : { ...own, ...given };
}

function merged(request: Parameters, query: Parameters, members: Parameters): Parameters {
  for (let at = 0; at < RESERVED.length; at += 1) {
    const name = RESERVED[at]!;
    if (Object.hasOwn(query, name) || Object.hasOwn(members, name)) {
      throw new ReservedParameter(`The request must not set the parameter ${name}.`);
    }
  }
  return { ...request, ...query, ...members };
}

function opaque(body: Buffer, type: string): string {
  return body.toString(isText(body, type) && !PLAIN_JSON.test(type) ? 'utf8' : 'base64');
}

import type { HttpCall } from '../../../../src/contract/guest-messages.ts';
import { type Answer, statusFrom } from '../../answer.ts';
import type { Call } from '../../call.ts';
import { isText } from '../../event-data.ts';
import { addDefaultHeader, headerIn, headerList } from '../../header-fields.ts';
import { InvalidResponse } from '../../invalid-response.ts';
import type { Responder } from '../../responder.ts';
import { toJson } from '../../result.ts';

const JSON_TYPE = /^[^;]*[/+]json\s*(;|$)/i;
const NOT_BASE64 = /[^A-Za-z0-9+/=]/;
const NOTHING = Buffer.allocUnsafe(0);

/** What OpenWhisk lets browsers do with web actions that do not answer OPTIONS themselves. */
export function corsHeaders(http: HttpCall): string[] {
  return [
    'access-control-allow-origin',
    '*',
    'access-control-allow-methods',
    'OPTIONS, GET, DELETE, POST, PUT, HEAD, PATCH',
    'access-control-allow-headers',
    headerIn(http.headers, 'access-control-request-headers') ??
      'Authorization, Origin, X-Requested-With, Content-Type, Accept, User-Agent',
  ];
}

/** The members of a result that make it an HTTP answer. */
interface WebResult {
  readonly statusCode?: unknown;
  readonly headers?: unknown;
  readonly body?: unknown;
}

/**
 * Answers with a web action's result: its `statusCode`, `headers` and `body`, those of its `error` if it has one, or, when it
 * has none of them, itself as JSON. A bare error is a 400.
 */
export function sendWebResult(
  result: object | null,
  cors: readonly string[],
  call: Call,
  respond: Responder,
): void {
  const error = (result as { error?: unknown } | null)?.error;
  const failed = error !== undefined && error !== null;
  const told = failed ? error : result;
  const answer = isWebResult(told)
    ? webAnswer(told)
    : { status: failed ? 400 : 200, headers: ['content-type', 'application/json'], body: toJson(result) };
  const { headers } = answer;
  for (let at = 0; at < cors.length; at += 2) addDefaultHeader(headers, cors[at]!, cors[at + 1]!);
  addDefaultHeader(headers, 'x-openwhisk-activation-id', call.message.id);
  respond.whole(answer.status, headers, answer.body);
}

function isWebResult(result: unknown): result is WebResult {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return false;
  return 'statusCode' in result || 'headers' in result || 'body' in result;
}

function webAnswer({ statusCode, headers: given, body }: WebResult): Answer {
  if (given !== undefined && (typeof given !== 'object' || given === null)) {
    throw new InvalidResponse('The headers of a web action are an object.');
  }
  const headers = headerList(given);
  if (body === undefined || body === null || body === '')
    return { status: statusFrom(statusCode, 204), headers, body: null };
  if (typeof body !== 'string') {
    addDefaultHeader(headers, 'content-type', 'application/json');
    return { status: statusFrom(statusCode, 200), headers, body: toJson(body) };
  }
  addDefaultHeader(headers, 'content-type', 'text/html; charset=utf-8');
  return {
    status: statusFrom(statusCode, 200),
    headers,
    body: decoded(body, headerIn(headers, 'content-type')!),
  };
}

/** Bytes come as base64; JSON may. */
function decoded(body: string, type: string): Uint8Array | string {
  const isJson = JSON_TYPE.test(type);
  if (!isJson && isText(NOTHING, type)) return body;
  if (body.length % 4 === 0 && !NOT_BASE64.test(body)) return Buffer.from(body, 'base64');
  if (isJson) return body;
  throw new InvalidResponse(`A body of the type ${type} must be base64.`);
}

import type { HttpCall, InvokeMessage } from '../../../../src/contract/guest-messages.ts';
import { isText } from '../../event-data.ts';
import { InvalidResponse } from '../../invalid-response.ts';
import type { Responder } from '../../responder.ts';
import { asBytes, toJson } from '../../result.ts';

/** What an HTTP call is to a function of version 3.0. */
export function httpEvent({ id }: InvokeMessage, http: HttpCall, body: Buffer): object {
  const url = new URL(http.url);
  const headers: Record<string, string> = {};
  for (let at = 0; at < http.headers.length; at += 2) join(headers, http.headers[at]!, http.headers[at + 1]!);
  const queryParameters: Record<string, string> = {};
  url.searchParams.forEach((value, name) => {
    join(queryParameters, name, value);
  });
  const type = lookUp(headers, 'content-type');
  const text = lookUp(headers, 'content-encoding') === undefined && isText(body, type);
  const now = Date.now();
  return {
    version: 'v1',
    rawPath: url.pathname,
    headers,
    queryParameters,
    body: body.toString(text ? 'utf8' : 'base64'),
    isBase64Encoded: !text,
    requestContext: {
      accountId: process.env.FC_ACCOUNT_ID,
      domainName: url.hostname,
      domainPrefix: url.hostname.split('.')[0],
      http: {
        method: http.method,
        path: url.pathname,
        protocol: 'HTTP/1.1',
        sourceIp: http.remoteAddress,
        userAgent: lookUp(headers, 'user-agent') ?? '',
      },
      requestId: id,
      time: new globalThis.Date(now).toISOString(),
      timeEpoch: String(now),
    },
  };
}

interface HttpResult {
  readonly statusCode?: number | string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly isBase64Encoded?: boolean;
}

/** Answers with `{statusCode, headers, body, isBase64Encoded}`, also as JSON text; anything else is the body of a 200. */
export function sendHttpResult(result: unknown, respond: Responder): void {
  const described = describe(result);
  if (described === null) {
    const [content, type] = plainBody(result);
    respond.whole(200, type === null ? [] : ['content-type', type], content);
    return;
  }
  const { statusCode, headers: named = {}, body, isBase64Encoded } = described;
  const headers: string[] = [];
  let typed = false;
  for (const name of Object.keys(named)) {
    for (const value of [named[name]].flat()) {
      headers[headers.length] = name;
      headers[headers.length] = String(value);
    }
    typed ||= name.toLowerCase() === 'content-type';
  }
  if (isBase64Encoded === true && typeof body !== 'string') {
    throw new InvalidResponse('A body with isBase64Encoded is a string.');
  }
  const [content, type] =
    isBase64Encoded === true ? [Buffer.from(body as string, 'base64'), null] : plainBody(body);
  if (!typed && type !== null) {
    headers[headers.length] = 'content-type';
    headers[headers.length] = type;
  }
  respond.whole(Number.parseInt(String(statusCode), 10), headers, content);
}

function describe(result: unknown): HttpResult | null {
  if (typeof result === 'string') return result.startsWith('{') ? describe(parsed(result)) : null;
  if (typeof result !== 'object' || result === null) return null;
  const bytes = asBytes(result);
  if (bytes !== null) return bytes[0] === 0x7b ? describe(parsed(Buffer.from(bytes).toString('utf8'))) : null;
  return 'statusCode' in result ? (result as HttpResult) : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function plainBody(body: unknown): [content: string | Uint8Array | null, type: string | null] {
  if (body === undefined || body === null) return [null, null];
  if (typeof body !== 'object') return [String(body), 'application/json'];
  const bytes = asBytes(body);
  return bytes === null ? [toJson(body), 'application/json'] : [bytes, 'application/octet-stream'];
}

/** Repeated names have their values with commas between them. */
function join(fields: Record<string, string>, name: string, value: string): void {
  fields[name] = Object.hasOwn(fields, name) ? `${fields[name]},${value}` : value;
}

function lookUp(headers: Readonly<Record<string, string>>, wanted: string): string | undefined {
  for (const name of Object.keys(headers)) if (name.toLowerCase() === wanted) return headers[name];
  return undefined;
}

import { type Answer, jsonAnswer } from '../../answer.ts';
import { headerIn } from '../../header-fields.ts';
import { InvalidResponse } from '../../invalid-response.ts';

/** What a handler may return for an HTTP call (API Gateway, both payload formats), or a streamed response's prelude. */
export interface ProxyResult {
  readonly statusCode?: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, readonly unknown[]>> | null;
  readonly cookies?: readonly unknown[] | null;
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
}

const JSON_TYPE = 'application/json';

/** The result of an HTTP call: a proxy result, or any value as the body of a 200. */
export function httpResult(result: unknown): Answer {
  if (isProxyResult(result)) return proxyResult(result);
  if (typeof result !== 'string') return jsonAnswer(result);
  return { status: 200, headers: ['content-type', JSON_TYPE], body: result };
}

function isProxyResult(result: unknown): result is ProxyResult {
  return typeof result === 'object' && result !== null && (result as ProxyResult).statusCode !== undefined;
}

function proxyResult(result: ProxyResult): Answer {
  const { body } = result;
  const isPlain = typeof body === 'string' || typeof body === 'number' || typeof body === 'boolean';
  // API Gateway writes a number or a truth value as text; anything else it calls malformed.
  if (body !== undefined && body !== null && !isPlain) {
    throw new InvalidResponse(
      `The body of a response with a statusCode must be a string (JSON.stringify it), not a ${typeof body}.`,
    );
  }
  const text = String(body ?? '');
  const head = proxyHead(result, text === '' ? null : JSON_TYPE);
  return { ...head, body: result.isBase64Encoded === true ? Buffer.from(text, 'base64') : text };
}

/** Status and headers of a proxy result; `defaultType` is the content type when it names none. */
export function proxyHead(
  result: ProxyResult,
  defaultType: string | null,
): Pick<Answer, 'status' | 'headers'> {
  const headers: string[] = [];
  const add = (name: string, value: unknown): void => {
    headers[headers.length] = name;
    headers[headers.length] = String(value);
  };
  const many = result.multiValueHeaders ?? {};
  const manyNames: Record<string, true> = Object.create(null);
  for (const name of Object.keys(many)) {
    const values = many[name];
    if (!Array.isArray(values)) continue;
    manyNames[name.toLowerCase()] = true;
    for (const value of values) add(name, value);
  }
  const single = result.headers ?? {};
  for (const name of Object.keys(single)) {
    const value = single[name];
    // AWS: when a name stands in both, multiValueHeaders wins.
    if (value !== undefined && value !== null && !(name.toLowerCase() in manyNames)) add(name, value);
  }
  for (const cookie of result.cookies ?? []) add('set-cookie', cookie);
  if (defaultType !== null && headerIn(headers, 'content-type') === undefined)
    add('content-type', defaultType);
  return { status: Number.parseInt(String(result.statusCode ?? 200), 10), headers };
}

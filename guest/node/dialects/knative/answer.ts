import type { Answer } from '../../answer.ts';
import { addDefaultHeader, headerList } from '../../header-fields.ts';
import { asBytes, toJson } from '../../result.ts';
import { isCloudEvent } from './cloud-event.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';
const BYTES_TYPE = 'application/octet-stream';
const EVENT_TYPE = 'application/cloudevents+json; charset=utf-8';

/** What a function may return to say more than a body. */
interface StructuredReturn {
  readonly statusCode?: unknown;
  readonly headers?: unknown;
  readonly body?: unknown;
}

/**
 * The answer that a result makes: nothing is a 204, a CloudEvent goes out in binary mode (whole, when it answers an event),
 * an object with `statusCode` or `headers` says how, one with `body` what; all else is the body.
 */
export function resultAnswer(result: unknown, cors: string[], toEvent: boolean): Answer {
  if (!result) return { status: 204, headers: cors, body: null };
  if (isCloudEvent(result)) {
    if (toEvent) return { status: 200, headers: ['content-type', EVENT_TYPE], body: toJson(result) };
    return eventAnswer(result, cors);
  }
  const told = typeof result === 'object' && asBytes(result) === null ? (result as StructuredReturn) : {};
  const headers = headerList(told.headers);
  for (let at = 0; at < cors.length; at += 2) addDefaultHeader(headers, cors[at]!, cors[at + 1]!);
  const status = told.statusCode ? Number.parseInt(String(told.statusCode), 10) : 200;
  const isBodiless = status === 204 || status === 304;
  return withBody(status, headers, isBodiless ? null : told.body === undefined ? result : told.body);
}

/** The answer to an error with a status in its `code`; null: it has none, the call failed. */
export function errorAnswer(thrown: unknown, cors: string[]): Answer | null {
  const { code, message } = (thrown ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code !== 'number' || !Number.isInteger(code) || code < 400 || code > 599) return null;
  return withBody(code, cors, String(message ?? ''));
}

function withBody(status: number, headers: string[], body: unknown): Answer {
  if (body === undefined || body === null) return { status, headers, body: null };
  if (typeof body === 'string') {
    addDefaultHeader(headers, 'content-type', TEXT_TYPE);
    return { status, headers, body };
  }
  const bytes = typeof body === 'object' ? asBytes(body) : null;
  addDefaultHeader(headers, 'content-type', bytes === null ? JSON_TYPE : BYTES_TYPE);
  return { status, headers, body: bytes ?? toJson(body) };
}

/** CloudEvents, HTTP binding, binary mode. */
function eventAnswer(event: Readonly<Record<string, unknown>>, cors: string[]): Answer {
  const headers = cors;
  addDefaultHeader(headers, 'content-type', String(event.datacontenttype ?? JSON_TYPE));
  const attributes = typeof event.toJSON === 'function' ? (event.toJSON() as typeof event) : event;
  for (const name of Object.keys(attributes)) {
    const value = attributes[name];
    const isAttribute = name !== 'data' && name !== 'data_base64' && name !== 'datacontenttype';
    if (!isAttribute || value === undefined || value === null) continue;
    headers[headers.length] = `ce-${name.toLowerCase()}`;
    headers[headers.length] = encodeURI(String(value));
  }
  return withBody(200, headers, event.data ?? undefined);
}

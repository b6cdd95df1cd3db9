import { InvalidResponse } from '../../invalid-response.ts';
import type { Responder } from '../../responder.ts';
import { asBytes, toJson } from '../../result.ts';
import { addCookies, type HttpResponseInit } from './http-response.ts';

type Headers = Record<string, unknown>;

/** `context.res` of the v3 programming model: an object to fill in, with methods that do it and end the call. */
export class V3Response {
  statusCode: number | string = 200;
  headers: Headers = {};
  cookies: HttpResponseInit['cookies'] = [];
  body: unknown;
  readonly #done: () => void;

  constructor(done: () => void) {
    this.#done = done;
  }

  status(code: number | string): this {
    this.statusCode = code;
    return this;
  }

  set(name: string, value: unknown): this {
    this.headers[name.toLowerCase()] = value;
    return this;
  }

  setHeader(name: string, value: unknown): this {
    return this.set(name, value);
  }

  header(name: string, value: unknown): this {
    return this.set(name, value);
  }

  type(type: string): this {
    return this.set('content-type', type);
  }

  get(name: string): unknown {
    return this.headers[name.toLowerCase()];
  }

  getHeader(name: string): unknown {
    return this.get(name);
  }

  removeHeader(name: string): this {
    delete this.headers[name.toLowerCase()];
    return this;
  }

  send(body?: unknown): this {
    return this.end(body);
  }

  json(body: unknown): this {
    this.type('application/json');
    return this.end(body);
  }

  sendStatus(code: number | string): this {
    return this.status(code).end();
  }

  raw(body: unknown): this {
    return this.end(body);
  }

  end(body?: unknown): this {
    if (body !== undefined) this.body = body;
    this.#done();
    return this;
  }
}

interface Described extends HttpResponseInit {
  readonly statusCode?: number | string;
}

/** Sends what stands in the HTTP output; an object without any of its fields is a body of its own. */
export function sendV3(given: unknown, respond: Responder): void {
  if (given === undefined || given === null) {
    respond.whole(204, [], null);
    return;
  }
  if (typeof given !== 'object') {
    throw new InvalidResponse(
      'The HTTP response must be an object with "status", "headers", "body" and "cookies".',
    );
  }
  const { status, statusCode, headers: named, body, cookies } = given as Described;
  const headers: string[] = [];
  let typed = false;
  for (const [name, value] of Object.entries(named ?? {})) {
    for (const part of [value].flat()) {
      headers[headers.length] = name;
      headers[headers.length] = String(part);
    }
    typed ||= name.toLowerCase() === 'content-type';
  }
  addCookies(cookies, headers);
  const [content, type] = contentOf(body);
  // On a `V3Response` it is the method of that name, unless the author has put a number in its place.
  const code = typeof status === 'function' ? statusCode : (status ?? statusCode);
  if (!typed && type !== null) {
    headers[headers.length] = 'content-type';
    headers[headers.length] = type;
  }
  respond.whole(Number.parseInt(String(code ?? 200), 10), headers, content);
}

function contentOf(body: unknown): [content: string | Uint8Array | null, type: string | null] {
  if (body === undefined || body === null) return [null, null];
  if (typeof body !== 'object') return [String(body), 'text/plain; charset=utf-8'];
  const bytes = asBytes(body);
  return bytes === null
    ? [toJson(body), 'application/json; charset=utf-8']
    : [bytes, 'application/octet-stream'];
}

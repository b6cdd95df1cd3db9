import type { Call } from '../../call.ts';
import { type CookieAttributes, cookieText } from '../../cookie-text.ts';
import { InvalidResponse } from '../../invalid-response.ts';
import type { Responder } from '../../responder.ts';
import { asBytes, sendStream, toJson } from '../../result.ts';
import { HttpBody } from './http-body.ts';

interface Cookie extends Omit<CookieAttributes, 'expires'> {
  readonly name: string;
  readonly value: string;
  readonly expires?: globalThis.Date | number;
}

/** What a handler may return. */
export interface HttpResponseInit {
  readonly status?: number | string | undefined;
  readonly headers?: ConstructorParameters<typeof Headers>[0];
  readonly body?: unknown;
  readonly jsonBody?: unknown;
  readonly cookies?: readonly Cookie[] | undefined;
  readonly enableContentNegotiation?: boolean | undefined;
}

const BODILESS: Readonly<Record<number, true>> = { 204: true, 205: true, 304: true };

/** `HttpResponse` of `@azure/functions`: a web response with cookies. */
export class HttpResponse extends HttpBody {
  readonly cookies: readonly Cookie[];
  readonly enableContentNegotiation: boolean;
  readonly #native: Response;

  constructor(init: HttpResponseInit & { readonly nativeResponse?: Response } = {}) {
    const native = init.nativeResponse ?? webResponse(init);
    super(native);
    this.#native = native;
    this.cookies = init.cookies ?? [];
    this.enableContentNegotiation = init.enableContentNegotiation === true;
  }

  get status(): number {
    return this.#native.status;
  }

  clone(): HttpResponse {
    const { cookies, enableContentNegotiation } = this;
    return new HttpResponse({ cookies, enableContentNegotiation, nativeResponse: this.#native.clone() });
  }
}

/** Answers with what an HTTP handler gave: nothing (204), a response, or the plain object that describes one. */
export async function sendHttp(result: unknown, call: Call, respond: Responder): Promise<void> {
  if (result === undefined || result === null) return respond.whole(204, [], null);
  if (typeof result !== 'object') {
    throw new InvalidResponse(
      'The HTTP response must be an object with optional properties "body", "status", "headers", and "cookies".',
    );
  }
  const init = result as HttpResponseInit;
  if (isHeaders(init.headers) || !isPlain(init)) return sendWeb(init, call, respond);
  const status = Number.parseInt(String(init.status ?? 200), 10);
  const headers: string[] = [];
  let typed = false;
  const named = (init.headers ?? {}) as Readonly<Record<string, string>>;
  for (const name of Object.keys(named)) {
    if (named[name] === undefined) continue;
    headers[headers.length] = name;
    headers[headers.length] = String(named[name]);
    typed ||= name.toLowerCase() === 'content-type';
  }
  addCookies(init.cookies, headers);
  const asJson = init.jsonBody !== undefined && init.jsonBody !== null;
  const body = asJson ? toJson(init.jsonBody) : bodyOf(init.body);
  if (!typed && typeof body === 'string' && !(status in BODILESS)) {
    headers[headers.length] = 'content-type';
    headers[headers.length] = asJson ? 'application/json' : 'text/plain;charset=UTF-8';
  }
  respond.whole(status, headers, status in BODILESS ? null : body);
}

/** Whether it needs no help of the web's classes. */
function isPlain({ headers, body }: HttpResponseInit): boolean {
  if (Array.isArray(headers)) return false;
  return typeof body !== 'object' || body === null || asBytes(body) !== null;
}

function isHeaders(headers: unknown): headers is Headers {
  return typeof (headers as Headers | undefined)?.forEach === 'function' && !Array.isArray(headers);
}

function bodyOf(body: unknown): string | Uint8Array | null {
  if (body === undefined || body === null) return null;
  return typeof body === 'object' ? asBytes(body) : String(body);
}

async function sendWeb(init: HttpResponseInit, call: Call, respond: Responder): Promise<void> {
  const isResponse =
    isHeaders(init.headers) && typeof (init as { arrayBuffer?: unknown }).arrayBuffer === 'function';
  const response = isResponse ? (init as unknown as Response) : webResponse(init);
  const headers: string[] = [];
  response.headers.forEach((value, name) => {
    headers[headers.length] = name;
    headers[headers.length] = value;
  });
  addCookies(init.cookies, headers);
  if (response.body === null) return respond.whole(response.status, headers, null);
  respond.head(response.status, headers);
  await sendStream(response.body, call, respond);
}

function webResponse({ status = 200, headers, body, jsonBody }: HttpResponseInit): Response {
  const { Headers, Response } = globalThis;
  const init = { status: Number.parseInt(String(status), 10), headers: new Headers(headers) };
  if (init.status in BODILESS) return new Response(null, init);
  if (jsonBody === undefined || jsonBody === null)
    return new Response(body as ConstructorParameters<typeof Response>[0], init);
  if (!init.headers.has('content-type')) init.headers.set('content-type', 'application/json');
  return new Response(toJson(jsonBody), init);
}

/** Adds a Set-Cookie header for each to a flat list. */
export function addCookies(cookies: readonly Cookie[] | undefined, headers: string[]): void {
  for (const { name, value, expires, ...attributes } of cookies ?? []) {
    const until = typeof expires === 'number' ? new globalThis.Date(expires) : expires;
    headers[headers.length] = 'set-cookie';
    headers[headers.length] = cookieText(name, value, { ...attributes, expires: until });
  }
}

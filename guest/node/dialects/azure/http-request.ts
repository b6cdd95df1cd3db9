import type { HttpCall } from '../../../../src/contract/guest-messages.ts';
import type { Call } from '../../call.ts';
import { bodyStream } from '../../result.ts';
import { web } from '../../web.ts';
import { HttpBody } from './http-body.ts';

/** What an author gives to make one in a test. */
interface HttpRequestInit {
  readonly url?: string;
  readonly method?: string;
  readonly body?: { readonly bytes?: Uint8Array; readonly string?: string };
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
}

/** The signed-in user that Azure's front end puts into headers. */
interface User {
  readonly type: 'AppService' | 'StaticWebApps';
  readonly id: string | null;
  readonly username: string | null;
  readonly identityProvider: string | null;
  readonly claimsPrincipalData: Readonly<Record<string, unknown>>;
}

/** `HttpRequest` of `@azure/functions`: a web request with `query`, `params` and `user`. */
export class HttpRequest extends HttpBody {
  readonly params: Readonly<Record<string, string>>;
  readonly #native: Request;
  #query: URLSearchParams | null;

  constructor(init: HttpRequestInit & { readonly nativeRequest?: Request }) {
    const native = init.nativeRequest ?? newRequest(init);
    super(native);
    this.#native = native;
    this.#query = init.query === undefined ? null : new URLSearchParams({ ...init.query });
    this.params = init.params ?? {};
  }

  get query(): URLSearchParams {
    this.#query ??= new URL(this.#native.url).searchParams;
    return this.#query;
  }

  get url(): string {
    return this.#native.url;
  }

  get method(): string {
    return this.#native.method;
  }

  get user(): User | null {
    return readUser(this.headers);
  }

  clone(): HttpRequest {
    return new HttpRequest({
      nativeRequest: this.#native.clone(),
      params: { ...this.params },
      ...(this.#query === null ? {} : { query: Object.fromEntries(this.#query) }),
    });
  }
}

/** The request of a call. `params` are named as the function's route has them. */
export function azureRequest(
  http: HttpCall,
  call: Call,
  params: Readonly<Record<string, string>>,
): HttpRequest {
  const { method, url, headers } = http;
  const bodiless = method === 'GET' || method === 'HEAD' || call.body.empty;
  const body = bodiless ? null : (call.body.inline ?? bodyStream(call));
  const nativeRequest = new (web().Request)(url, { method, body, duplex: 'half' } as RequestInit);
  for (let at = 0; at < headers.length; at += 2) nativeRequest.headers.append(headers[at]!, headers[at + 1]!);
  return new HttpRequest({ nativeRequest, params });
}

/** Route parameters by Azure's names: `*` is called by the name in the route's `{*rest}`. */
export function routeParams(
  params: Readonly<Record<string, string>>,
  route: unknown,
): Readonly<Record<string, string>> {
  if (!('*' in params)) return params;
  const name = /\{\*(\w+)/.exec(String(route))?.[1] ?? '*';
  const { '*': rest, ...others } = params;
  return { ...others, [name]: rest! };
}

function newRequest({ url, method = 'GET', headers = {}, body }: HttpRequestInit): Request {
  if (url === undefined) throw new TypeError('An HttpRequest needs a url.');
  const bodiless = /^(?:get|head)$/i.test(method);
  const content = bodiless ? null : (body?.bytes ?? body?.string ?? null);
  return new (web().Request)(url, { method, headers, body: content } as RequestInit);
}

function readUser(headers: Headers): User | null {
  const principal = headers.get('x-ms-client-principal');
  if (!principal) return null;
  let data: unknown;
  try {
    data = JSON.parse(Buffer.from(principal, 'base64').toString('utf8'));
  } catch {
    return null;
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return null;
  const claims = data as Readonly<Record<string, unknown>>;
  if (claims.identityProvider) {
    return {
      type: 'StaticWebApps',
      id: claims.userId as string,
      username: claims.userDetails as string,
      identityProvider: claims.identityProvider as string,
      claimsPrincipalData: claims,
    };
  }
  return {
    type: 'AppService',
    id: headers.get('x-ms-client-principal-id'),
    username: headers.get('x-ms-client-principal-name'),
    identityProvider: headers.get('x-ms-client-principal-idp'),
    claimsPrincipalData: claims,
  };
}

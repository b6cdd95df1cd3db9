import type { HttpCall } from '../../../../src/contract/guest-messages.ts';
import { isText } from '../../event-data.ts';

/** What both payload formats say about an HTTP call, each in its own words. */
export interface HttpFields {
  readonly url: URL;
  /** All values of each header, by its name in lower case. */
  readonly headers: Readonly<Record<string, string[]>>;
  /** All values of each query parameter, decoded. */
  readonly query: Readonly<Record<string, string[]>>;
  /** The route's pattern as API Gateway writes it: `/users/{id}`, `/files/{proxy+}`. */
  readonly resource: string;
  /** Undefined when the route has none. */
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
  readonly body: string | undefined;
  readonly isBase64Encoded: boolean;
}

export function httpFields(http: HttpCall, body: Buffer): HttpFields {
  const url = new URL(http.url);
  const headers: Record<string, string[]> = Object.create(null);
  for (let at = 0; at < http.headers.length; at += 2) {
    put(headers, http.headers[at]!.toLowerCase(), http.headers[at + 1]!);
  }
  const query: Record<string, string[]> = Object.create(null);
  url.searchParams.forEach((value, name) => {
    put(query, name, value);
  });
  const text = headers['content-encoding'] === undefined && isText(body, headers['content-type']?.[0]);
  return {
    url,
    headers,
    query,
    resource: http.route.replace(/:([A-Za-z0-9_]+)/g, '{$1}').replace(/\*$/, '{proxy+}'),
    pathParameters: pathParameters(http.params),
    body: body.length === 0 ? undefined : body.toString(text ? 'utf8' : 'base64'),
    isBase64Encoded: body.length > 0 && !text,
  };
}

function put(lists: Record<string, string[]>, name: string, value: string): void {
  lists[name] ??= [];
  lists[name].push(value);
}

function pathParameters(params: Readonly<Record<string, string>>): Record<string, string> | undefined {
  const named: Record<string, string> = {};
  let some = false;
  for (const name of Object.keys(params)) {
    named[name === '*' ? 'proxy' : name] = params[name]!;
    some = true;
  }
  return some ? named : undefined;
}

/** Every list of a record turned into one text by `join`. */
export function flatten(
  lists: Readonly<Record<string, string[]>>,
  join: (values: readonly string[]) => string,
): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const name of Object.keys(lists)) flat[name] = join(lists[name]!);
  return flat;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A time as API Gateway writes it: `12/Mar/2020:19:03:58 +0000`. */
export function gatewayTime(epochMs: number): string {
  const iso = new globalThis.Date(epochMs).toISOString();
  const month = MONTHS[Number.parseInt(iso.slice(5, 7), 10) - 1];
  return `${iso.slice(8, 10)}/${month}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

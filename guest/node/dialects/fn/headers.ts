import type { InvokeMessage } from '../../../../src/contract/guest-messages.ts';
import { requestOf } from '../../event-request.ts';
import { headerIn } from '../../header-fields.ts';

/** All values of each header, by its name as Go writes it: `Content-Type`. */
export type HeaderValues = Record<string, string[]>;

/** Names of headers that came over HTTP, or are to go there, begin so. */
export const HTTP_PREFIX = 'Fn-Http-H-';

/** A name as Go writes it. */
export function canonical(name: string): string {
  return name
    .replaceAll('_', '-')
    .toLowerCase()
    .replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}

/** What Fn tells a function about a call: by its gateway's headers, when it is HTTP. */
export function callHeaders(message: InvokeMessage): HeaderValues {
  const { id, deadline, http } = message;
  const request = requestOf(message);
  const headers: HeaderValues = {
    'Fn-Call-Id': [id],
    'Fn-Deadline': [new globalThis.Date(deadline).toISOString()],
    'Fn-Intent': [http === undefined ? 'cloudevent' : 'httprequest'],
  };
  const type = headerIn(request.headers, 'content-type');
  if (type !== undefined) headers['Content-Type'] = [type];
  if (http !== undefined) {
    headers['Fn-Http-Method'] = [http.method];
    headers['Fn-Http-Request-Url'] = [http.url];
  }
  const prefix = http === undefined ? '' : HTTP_PREFIX;
  for (let at = 0; at < request.headers.length; at += 2) {
    const name = prefix + canonical(request.headers[at]!);
    if (http === undefined && name === 'Content-Type') continue;
    const values = Object.hasOwn(headers, name) ? headers[name]! : [];
    values[values.length] = request.headers[at + 1]!;
    headers[name] = values;
  }
  return headers;
}

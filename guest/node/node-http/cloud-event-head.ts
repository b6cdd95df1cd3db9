import type { InvokeMessage } from '../../../src/contract/guest-messages.ts';

/**
 * The headers of an event as an HTTP request, by the HTTP binding of CloudEvents in its binary mode: attributes as `ce-`
 * fields, the data is the body. Flat `[name, value …]`.
 */
export function cloudEventHeaders({ id, traceparent, event }: InvokeMessage): string[] {
  const { datacontenttype, ...attributes } = event ?? {};
  const type = typeof datacontenttype === 'string' ? datacontenttype : 'application/json';
  const headers = ['host', 'localhost', 'x-request-id', id, 'traceparent', traceparent, 'content-type', type];
  for (const name of Object.keys(attributes)) {
    const value = attributes[name];
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') continue;
    headers[headers.length] = `ce-${name}`;
    headers[headers.length] = encodeValue(`${value}`);
  }
  return headers;
}

/** What a field can't carry as it is, percent-encoded as the binding says. */
const encodeValue = (value: string): string =>
  value.replace(/[^\x21\x23\x24\x26-\x7e]+/g, encodeURIComponent);

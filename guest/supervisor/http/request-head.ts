import type { HttpCall, InvokeMessage } from '../../../src/contract/guest-messages.ts';
import { cloudEventHeaders } from '../../node/node-http/cloud-event-head.ts';
import { endToEnd } from './hop-by-hop.ts';

export interface RequestHead {
  readonly method: string;
  readonly path: string;
  /** Flat `[name, value …]`. */
  readonly headers: readonly string[];
}

/** Said anew here, whatever the client sent, and what the server must not wait for. */
const OURS = [
  'expect',
  'traceparent',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-request-id',
];

/** The client's request as the server gets it. */
export function forwardedHead({ id, traceparent }: InvokeMessage, http: HttpCall): RequestHead {
  const { protocol, host, pathname, search } = new URL(http.url);
  const { headers: sent, remoteAddress } = http;
  const earlier = fieldOf(sent, 'x-forwarded-for');
  const headers = endToEnd(sent, OURS);
  headers.push('x-forwarded-for', earlier === null ? remoteAddress : `${earlier}, ${remoteAddress}`);
  headers.push('x-forwarded-proto', fieldOf(sent, 'x-forwarded-proto') ?? protocol.slice(0, -1));
  headers.push('x-forwarded-host', fieldOf(sent, 'x-forwarded-host') ?? host);
  headers.push('x-request-id', id, 'traceparent', traceparent);
  if (fieldOf(sent, 'host') === null) headers.push('host', host);
  return { method: http.method, path: `${pathname}${search}`, headers };
}

/** An event as a POST to `/`. */
export const cloudEventHead = (message: InvokeMessage): RequestHead => ({
  method: 'POST',
  path: '/',
  headers: cloudEventHeaders(message),
});

/** All values of a field, or null. */
export function fieldOf(headers: readonly string[], name: string): string | null {
  const values: string[] = [];
  for (let at = 0; at < headers.length; at += 2)
    if (headers[at]!.toLowerCase() === name) values.push(headers[at + 1]!);
  return values.length === 0 ? null : values.join(', ');
}

import type { Call } from '../../call.ts';
import { bodyStream } from '../../result.ts';
import { web } from '../../web.ts';

/** The web request of an HTTP call; null when the standard forbids its method to requests (TRACE, CONNECT). */
export function httpRequest(call: Call): Request | null {
  const { method, url, headers } = call.message.http!;
  if (method === 'TRACE' || method === 'CONNECT' || method === 'TRACK') return null;
  const bodiless = method === 'GET' || method === 'HEAD' || call.body.empty;
  const request = newRequest(url, method, bodiless, call);
  const own = request.headers;
  for (let at = 0; at < headers.length; at += 2) own.append(headers[at]!, headers[at + 1]!);
  return request;
}

/**
 * An event as a web request: POST to the app itself with the event's data as the body and, unless it is a plain
 * invocation, the envelope in `ce-` headers (CloudEvents, HTTP binding, binary mode).
 */
export function eventRequest(call: Call): Request {
  const event = call.message.event ?? {};
  const url = `http://${process.env.MAYFLY_APP}/`;
  const request = newRequest(url, 'POST', call.body.empty, call);
  const { headers } = request;
  if (typeof event.datacontenttype === 'string') headers.append('content-type', event.datacontenttype);
  if (event.type === 'mayfly.invoke') return request;
  for (const name of Object.keys(event)) {
    if (name !== 'datacontenttype') headers.append(`ce-${name}`, encodeURI(String(event[name])));
  }
  return request;
}

/** Headers are appended afterwards: giving them to the constructor makes it validate and copy them twice. */
function newRequest(url: string, method: string, bodiless: boolean, call: Call): Request {
  const body = bodiless ? null : (call.body.inline ?? bodyStream(call));
  const request = new (web().Request)(url, { method, body, duplex: 'half' } as RequestInit);
  // Passing the signal to the constructor would make and link a second controller for every call (3 µs), whether
  // anybody asks for the signal or not; this makes one when it is asked for.
  return Object.defineProperty(request, 'signal', { configurable: true, get: () => call.signal });
}

import type { Call } from '../../call.ts';
import { bodyStream } from '../../result.ts';
import { web } from '../../web.ts';

/** The web request of an HTTP call; null when the standard forbids its method to requests (TRACE, CONNECT). */
export function httpRequest(call: Call): Request | null {
  const { method, url, headers } = call.message.http!;
  if (method === 'TRACE' || method === 'CONNECT' || method === 'TRACK') return null;
  const own = new (web().Headers)();
  for (let at = 0; at < headers.length; at += 2) own.append(headers[at]!, headers[at + 1]!);
  const bodiless = method === 'GET' || method === 'HEAD' || call.body.empty;
  return withSignal(newRequest(url, method, own, bodiless ? null : call), call);
}

/**
 * An event as a web request: POST to the app itself with the event's data as the body and, unless it is a plain
 * invocation, the envelope in `ce-` headers (CloudEvents, HTTP binding, binary mode).
 */
export function eventRequest(call: Call): Request {
  const event = call.message.event ?? {};
  const headers = new (web().Headers)();
  if (typeof event.datacontenttype === 'string') headers.append('content-type', event.datacontenttype);
  if (event.type !== 'mayfly.invoke') {
    for (const name of Object.keys(event)) {
      if (name !== 'datacontenttype') headers.append(`ce-${name}`, encodeURI(String(event[name])));
    }
  }
  const url = `http://${process.env.MAYFLY_APP}/`;
  return withSignal(newRequest(url, 'POST', headers, call.body.empty ? null : call), call);
}

function newRequest(url: string, method: string, headers: Headers, bodyOf: Call | null): Request {
  const { Request } = web();
  if (bodyOf === null) return new Request(url, { method, headers });
  const body = bodyOf.body.inline ?? bodyStream(bodyOf);
  return new Request(url, { method, headers, body, duplex: 'half' } as RequestInit);
}

/**
 * Gives the request the call's signal. Passing it to the constructor would make and link a second controller for
 * every call (3 µs), whether anybody asks for the signal or not; this makes one when it is asked for.
 */
function withSignal(request: Request, call: Call): Request {
  return Object.defineProperty(request, 'signal', { configurable: true, get: () => call.signal });
}

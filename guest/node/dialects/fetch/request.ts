import type { Call } from '../../call.ts';
import { eventAsHttp } from '../../event-request.ts';
import { bodyStream } from '../../result.ts';
import { web } from '../../web.ts';

/** The web request of an HTTP call; null when the standard forbids its method to requests (TRACE, CONNECT). */
export function httpRequest(call: Call): Request | null {
  const { method, url, headers } = call.message.http!;
  if (method === 'TRACE' || method === 'CONNECT' || method === 'TRACK') return null;
  const bodiless = method === 'GET' || method === 'HEAD' || call.body.empty;
  const request = newRequest(url, method, bodiless, call);
  append(request, headers);
  return request;
}

/** An event as a web request: see `eventAsHttp`. */
export function eventRequest(call: Call): Request {
  const { url, method, headers } = eventAsHttp(call.message);
  const request = newRequest(url, method, call.body.empty, call);
  append(request, headers);
  return request;
}

function append(request: Request, headers: readonly string[]): void {
  const own = request.headers;
  for (let at = 0; at < headers.length; at += 2) own.append(headers[at]!, headers[at + 1]!);
}

/** Headers are appended afterwards: giving them to the constructor makes it validate and copy them twice. */
function newRequest(url: string, method: string, bodiless: boolean, call: Call): Request {
  const body = bodiless ? null : (call.body.inline ?? bodyStream(call));
  const request = new (web().Request)(url, { method, body, duplex: 'half' } as RequestInit);
  // Passing the signal to the constructor would make and link a second controller for every call (3 µs), whether
  // anybody asks for the signal or not; this makes one when it is asked for.
  return Object.defineProperty(request, 'signal', { configurable: true, get: () => call.signal });
}

import type { HttpCall, InvokeMessage } from '../../src/contract/guest-messages.ts';

/** The HTTP request of a call; an event as the request that would bring it. */
export function requestOf(message: InvokeMessage): HttpCall {
  return message.http ?? eventAsHttp(message);
}

/**
 * An event as an HTTP request: POST to the app itself, the event's data as the body and, unless it is a plain invocation,
 * the envelope in `ce-` headers (CloudEvents, HTTP binding, binary mode).
 */
export function eventAsHttp({ event = {} }: InvokeMessage): HttpCall {
  const headers: string[] = [];
  const add = (name: string, value: string): void => {
    headers[headers.length] = name;
    headers[headers.length] = value;
  };
  if (typeof event.datacontenttype === 'string') add('content-type', event.datacontenttype);
  if (event.type !== 'mayfly.invoke') {
    for (const name of Object.keys(event)) {
      if (name !== 'datacontenttype') add(`ce-${name}`, encodeURI(String(event[name])));
    }
  }
  return {
    method: 'POST',
    url: `http://${process.env.MAYFLY_APP}/`,
    headers,
    remoteAddress: '127.0.0.1',
    route: '/',
    params: {},
  };
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Call } from '../../call.ts';
import type { Handler } from '../../dialect.ts';
import { describeThrown } from '../../failure.ts';
import type { InstanceInfo } from '../../instance-info.ts';
import { openExchange, settled } from '../../node-http/exchange.ts';
import { nodeHttp } from '../../node-http/node-modules.ts';
import type { Responder } from '../../responder.ts';
import { type AlibabaContext, alibabaContext, contextBase } from './context.ts';

interface HttpRequest extends IncomingMessage {
  path: string;
  queries: Record<string, string | string[]>;
  clientIP: string;
}

interface HttpResponse extends ServerResponse {
  setStatusCode(code: number): void;
  deleteHeader(name: string): void;
  send(body?: unknown): void;
}

export type HttpFunction = (request: HttpRequest, response: HttpResponse, context: AlibabaContext) => unknown;

/** `(request, response, context)` of version 2.0: Node's own objects with a few fields and methods more. */
export function httpHandler(handle: HttpFunction, instance: InstanceInfo): Handler['serve'] {
  const base = contextBase(instance);
  const { IncomingMessage, ServerResponse } = nodeHttp();
  const classes = { Request: IncomingMessage, Response: ServerResponse };
  return async (call: Call, respond: Responder) => {
    const http = call.message.http!;
    const exchange = openExchange(http, call, respond, classes);
    const url = new URL(http.url);
    const request = Object.assign(exchange.request, {
      path: url.pathname,
      queries: queriesOf(url),
      clientIP: http.remoteAddress,
    });
    const { response } = exchange;
    const own: HttpResponse = Object.assign(response, {
      setStatusCode: (code: number) => {
        response.statusCode = code;
      },
      deleteHeader: (name: string) => response.removeHeader(name),
      send: (body?: unknown) => send(response, body),
    });
    await settled(exchange, handle(request, own, alibabaContext(base, call)), (thrown) => {
      globalThis.console.error(`Error after the response: ${describeThrown(thrown).stack}`);
    });
  };
}

/** A name that stands once has its value, one that stands several times a list. */
function queriesOf({ searchParams }: URL): Record<string, string | string[]> {
  const queries: Record<string, string | string[]> = {};
  searchParams.forEach((value, name) => {
    queries[name] = Object.hasOwn(queries, name) ? [queries[name]!, value].flat() : value;
  });
  return queries;
}

function send(response: ServerResponse, body: unknown): void {
  if (typeof (body as Readable | undefined)?.pipe === 'function') (body as Readable).pipe(response);
  else if (body === undefined || body === null) response.end();
  else if (typeof body === 'string' || body instanceof Uint8Array) response.end(body);
  else throw new TypeError('response.send takes a string, a Buffer or a stream.');
}

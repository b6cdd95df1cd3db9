import type { RequestListener } from 'node:http';
import type { HttpCall } from '../../../src/contract/guest-messages.ts';
import type { Call } from '../call.ts';
import type { Dialect, Handler } from '../dialect.ts';
import { cloudEventHeaders } from '../node-http/cloud-event-head.ts';
import { EventAnswer } from '../node-http/event-answer.ts';
import { openExchange } from '../node-http/exchange.ts';
import { nodeHttp } from '../node-http/node-modules.ts';
import type { Responder } from '../responder.ts';
import { type CaughtServer, catchServer, classesOf } from './http/listening-server.ts';

/** What `PORT` says when nobody said otherwise. Nothing is opened there. */
const USUAL_PORT = 8080;

let caught: CaughtServer | null = null;

/**
 * An ordinary web server: a file that calls `listen(process.env.PORT)`, by `node:http` or any framework on it, or, where the handler
 * names an export, that application. It runs in the
 * guest's own process, where it starts prewarmed and its memory is the function's alone; a process beside it (as for other
 * languages) would cost 40 MB and a connection a call, and its port would be open to others. Events are POSTs of
 * CloudEvents to `/`.
 */
export const http: Dialect = {
  prepare(): void {
    process.env.PORT ??= String(USUAL_PORT);
    caught = catchServer(Number.parseInt(process.env.PORT, 10));
  },
  async bind(exported: unknown): Promise<Handler> {
    const own = caught!;
    const application = listenerOf(exported);
    const made = application === null ? null : nodeHttp().createServer(application);
    // The time-out for loading ends the wait when no server ever listens.
    if (made === null) await own.listening;
    return {
      async serve(call: Call, respond: Responder): Promise<void> {
        const { http: request } = call.message;
        const server = own.server ?? made!;
        const answer = request === undefined ? new EventAnswer() : respond;
        const exchange = openExchange(request ?? eventRequest(call), call, answer, classesOf(server));
        if (!server.emit('request', exchange.request, exchange.response)) exchange.response.destroy();
        await exchange.finished;
        if (answer instanceof EventAnswer) answer.giveTo(respond);
      },
    };
  },
};

/** The listener that an exported application is, or makes (`callback()`, as in Koa); null: nothing of the kind is exported. */
function listenerOf(exported: unknown): RequestListener | null {
  if (typeof exported === 'function') return exported as RequestListener;
  const { callback } = (exported ?? {}) as { callback?: unknown };
  return typeof callback === 'function' ? Reflect.apply(callback, exported, []) : null;
}

function eventRequest({ message }: Call): HttpCall {
  const headers = cloudEventHeaders(message);
  const place = { remoteAddress: '127.0.0.1', route: '/*', params: {} };
  return { method: 'POST', url: 'http://localhost/', headers, ...place };
}

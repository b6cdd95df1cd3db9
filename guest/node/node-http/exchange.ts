import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpCall } from '../../../src/contract/guest-messages.ts';
import type { Call } from '../call.ts';
import type { Responder } from '../responder.ts';
import { CallSocket } from './call-socket.ts';
import { openRequest, type RequestClass } from './request.ts';
import { openResponse, type ResponseClass } from './response.ts';

/** One HTTP call as Node's server would hand it to a listener. */
export interface Exchange<Request extends IncomingMessage, Response extends ServerResponse> {
  readonly request: Request;
  readonly response: Response;
  /** Settles when the response is complete, or nobody waits for it any more; rejects when it can't be sent. */
  readonly finished: Promise<void>;
}

/** The classes of an exchange: Node's, or what a vendor makes of them. */
export interface ExchangeClasses<Request extends IncomingMessage, Response extends ServerResponse> {
  readonly Request: RequestClass<Request>;
  readonly Response: ResponseClass<Response>;
}

/**
 * Opens an HTTP call for code that takes Node's `request` and `response`: frameworks' applications, plain listeners.
 * @param http the call's own, or what an event is made into
 * @param whole the body, when it was read already; it can still be read from the request
 */
export function openExchange<Request extends IncomingMessage, Response extends ServerResponse>(
  http: HttpCall,
  call: Call,
  respond: Responder,
  { Request, Response }: ExchangeClasses<Request, Response>,
  whole: Buffer | null = null,
): Exchange<Request, Response> {
  const socket = new CallSocket(http.url, http.remoteAddress);
  const request = openRequest(Request, http, call, socket, whole);
  let settle: (error: unknown) => void = () => undefined;
  const finished = new Promise<void>((resolve, reject) => {
    settle = (error) => (error === null ? resolve() : reject(error));
  });
  const response = openResponse(Response, request, respond, socket, (error) => {
    if (error === null || !call.cancelled) return settle(error);
    // Nobody hears it; the call has to be ended all the same.
    if (!respond.begun) respond.head(CLIENT_GONE, []);
    respond.end();
    settle(null);
  });
  call.onCancel(() => {
    if (!request.destroyed) request.destroy(clientGone());
    socket.destroy();
  });
  return { request, response, finished };
}

/**
 * Settles when the exchange has finished, and rejects when the listener failed before that. What it throws afterwards is
 * the author's own to see: it goes to `late`.
 */
export function settled(
  exchange: Pick<Exchange<IncomingMessage, ServerResponse>, 'finished'>,
  returned: unknown,
  late: (thrown: unknown) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let over = false;
    void (async () => {
      try {
        await exchange.finished;
        resolve();
      } catch (thrown) {
        reject(thrown);
      }
      over = true;
    })();
    if (typeof returned !== 'object' || returned === null) return;
    void (async () => {
      try {
        await returned;
      } catch (thrown) {
        if (over) late(thrown);
        else reject(thrown);
      }
    })();
  });
}

/** What nginx calls a client that closed its request; nobody receives it. */
const CLIENT_GONE = 499;

function clientGone(): Error {
  return Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
}

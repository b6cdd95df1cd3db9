import type { HttpCall } from '../../../../src/contract/guest-messages.ts';
import type { Call } from '../../call.ts';
import { BodyMalformed, parseBody } from '../../express/body.ts';
import { type ExpressExchange, expressClasses } from '../../express/exchange.ts';
import type { ExpressRequest } from '../../express/request.ts';
import { openExchange } from '../../node-http/exchange.ts';
import type { Responder } from '../../responder.ts';

interface GoogleRequest extends ExpressRequest {
  _body: boolean;
  executionId: string;
  spanId?: string;
  res: unknown;
}

/**
 * Opens a call as Google's framework hands it over: the body is read and parsed (`req.body`, `req.rawBody`), and can still
 * be read as a stream. Null when the body was refused; then the call is answered.
 */
export async function openGoogleExchange(
  http: HttpCall,
  call: Call,
  respond: Responder,
): Promise<ExpressExchange | null> {
  const bytes = await call.body.all();
  const exchange = openExchange(http, call, respond, expressClasses(), bytes);
  const { response } = exchange;
  const request = exchange.request as GoogleRequest;
  request.res = response;
  request.originalUrl = request.url!;
  request.executionId = request.get('function-execution-id') ?? call.message.id;
  const span = /^\w+\/(\d+)/.exec(request.get('x-cloud-trace-context') ?? '')?.[1];
  if (span !== undefined) request.spanId = span;
  request.params = { 0: request.url!.slice(1).split('?')[0]!, ...http.params };
  try {
    const { body, raw } = parseBody(
      bytes,
      request.headers['content-type'] ?? '',
      request.headers['content-encoding'],
    );
    request.body = body;
    request.rawBody = raw;
    request._body = raw !== undefined;
  } catch (thrown) {
    if (!(thrown instanceof BodyMalformed)) throw thrown;
    response.sendStatus(thrown.status);
    await exchange.finished;
    return null;
  }
  return exchange;
}

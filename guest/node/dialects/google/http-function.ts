import type { Call } from '../../call.ts';
import type { Handler } from '../../dialect.ts';
import { requestOf } from '../../event-request.ts';
import { describeThrown } from '../../failure.ts';
import { EventAnswer } from '../../node-http/event-answer.ts';
import { settled } from '../../node-http/exchange.ts';
import type { Responder } from '../../responder.ts';
import { openGoogleExchange } from './exchange.ts';
import type { GoogleFunction } from './registry.ts';

/** Paths that browsers and crawlers ask for unasked: Google's framework keeps them from functions. */
const IGNORED = /^\/(?:favicon\.ico|robots\.txt)$/;

/** `functions.http('name', (req, res) => …)`; `handle` may be a whole Express application. */
export function httpFunction(handle: GoogleFunction): Handler {
  const ignored = ignoredRoutes();
  return {
    async serve(call: Call, respond: Responder): Promise<void> {
      const answer = call.message.http === undefined ? new EventAnswer() : respond;
      const exchange = await openGoogleExchange(requestOf(call.message), call, answer);
      if (exchange !== null) {
        const { request, response } = exchange;
        if (ignored(request.url!.split('?')[0]!)) {
          response.status(404).send(null);
          await exchange.finished;
        } else {
          await settled(exchange, handle(request, response), reportLate);
        }
      }
      if (answer instanceof EventAnswer) answer.giveTo(respond);
    },
  };
}

/** `IGNORED_ROUTES` replaces the usual ones by a path of its own; empty: none. */
function ignoredRoutes(): (path: string) => boolean {
  const own = process.env.IGNORED_ROUTES;
  if (own === undefined) return (path) => IGNORED.test(path);
  const prefix = own.trim();
  return (path) => prefix !== '' && (path === prefix || path.startsWith(`${prefix}/`));
}

function reportLate(thrown: unknown): void {
  globalThis.console.error(`Exception from a finished function: ${describeThrown(thrown).stack}`);
}

import type { Call } from '../../call.ts';
import type { Handler } from '../../dialect.ts';
import { parseData } from '../../event-data.ts';
import type { ExpressResponse } from '../../express/response.ts';
import type { Responder } from '../../responder.ts';
import { sendJson } from '../../result.ts';
import { backgroundEvent } from './background-event.ts';
import { readBackgroundEvent, readCloudEvent } from './event-request.ts';
import { openGoogleExchange } from './exchange.ts';
import type { GoogleFunction, GoogleRegistration } from './registry.ts';

/**
 * `functions.cloudEvent('name', (cloudEvent[, callback]) => …)` and, of the first generation,
 * `(data, context[, callback]) => …`. Both take both kinds of events, by HTTP or as Mayfly's own.
 */
export function eventFunction({ type, handle }: GoogleRegistration): Handler {
  const legacy = type === 'event';
  return {
    async serve(call: Call, respond: Responder): Promise<void> {
      const { http, event } = call.message;
      if (http === undefined) {
        const data = await parseData(call);
        const background = legacy ? backgroundEvent({ ...event }, data) : null;
        const given = background === null ? [{ ...event, data }] : [background.data, background.context];
        sendJson(await run(handle, given), respond);
        return;
      }
      const exchange = await openGoogleExchange(http, call, respond);
      if (exchange === null) return;
      const { request, response } = exchange;
      if (request.method === 'POST') {
        const { headers, body } = request;
        const path = request.url!;
        const background = legacy ? readBackgroundEvent({ path, headers, body }) : null;
        const given =
          background === null
            ? [readCloudEvent({ path, headers, body })]
            : [background.data, background.context];
        sendResult(await run(handle, given), response);
      } else {
        response.status(404).send(`Cannot ${request.method} ${request.url!.split('?')[0]}`);
      }
      await exchange.finished;
    },
  };
}

/** By a callback when the function has a parameter for one, which here is the vendor's contract; else by its promise. */
function run(handle: GoogleFunction, given: readonly unknown[]): unknown {
  if (handle.length <= given.length) return handle(...given);
  return new Promise((resolve, reject) => {
    const done = (error?: unknown, result?: unknown): void => {
      if (error) reject(error);
      else resolve(result);
    };
    try {
      handle(...given, done);
    } catch (thrown) {
      reject(thrown);
    }
  });
}

function sendResult(result: unknown, response: ExpressResponse): void {
  if (result === undefined || result === null) {
    response.sendStatus(204);
    return;
  }
  if (typeof result === 'number') {
    response.json(result);
    return;
  }
  try {
    response.send(result);
  } catch (thrown) {
    // The event was handled; only its result, which nobody may even look at, can't be expressed.
    globalThis.console.error(`Error serializing return value: ${String(thrown)}`);
    response.sendStatus(204);
  }
}

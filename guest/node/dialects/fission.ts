import type { HttpCall } from '../../../src/contract/guest-messages.ts';
import { statusFrom } from '../answer.ts';
import type { Call } from '../call.ts';
import { type Dialect, type Handler, HandlerUnusable } from '../dialect.ts';
import { requestOf } from '../event-request.ts';
import { type ExpressCall, type Reply, serveExpress } from '../express/late-exchange.ts';
import type { ExpressRequest } from '../express/request.ts';
import type { ExpressResponse } from '../express/response.ts';
import { headerIn } from '../header-fields.ts';
import type { InstanceInfo } from '../instance-info.ts';
import { InvalidResponse } from '../invalid-response.ts';
import { readData } from '../request-data.ts';
import type { Responder } from '../responder.ts';
import { parseFissionBody } from './fission/body.ts';
import { withFissionHeaders } from './fission/headers.ts';

interface FissionContext {
  readonly request: ExpressRequest;
  readonly response: ExpressResponse;
}

type Callback = (status?: unknown, body?: unknown, headers?: unknown) => void;
type FissionFunction = (context: FissionContext, callback?: Callback) => unknown;

/**
 * Fission's Node.js environment: `async (context) => ({ status, body, headers })`, or with two parameters, which here is the
 * vendor's contract, `(context, callback)` with `callback(status, body, headers)`. `context.request` and `context.response`
 * are Express'. Behaviour follows the environment's sources, except that a missing status is 200 instead of no answer.
 */
export const fission: Dialect = {
  bind(exported: unknown, instance: InstanceInfo): Handler {
    if (typeof exported !== 'function') {
      const { file, export: name } = instance.handler;
      throw new HandlerUnusable(`The export "${name}" of ${file} is no function.`);
    }
    return new FissionHandler(exported as FissionFunction, instance);
  },
};

class FissionHandler implements Handler {
  readonly #handle: FissionFunction;
  readonly #byCallback: boolean;
  readonly #instance: InstanceInfo;

  constructor(handle: FissionFunction, instance: InstanceInfo) {
    this.#handle = handle;
    this.#byCallback = handle.length > 1;
    this.#instance = instance;
  }

  async serve(call: Call, respond: Responder): Promise<void> {
    const request = requestOf(call.message);
    const type = headerIn(request.headers, 'content-type') ?? '';
    const read = await readData(call, respond, type, parseFissionBody);
    if (read === null) return;
    const http = (): HttpCall => withFissionHeaders(request, this.#instance);
    const told: ExpressCall = { http, bytes: read.bytes, body: read.data, defaults: {} };
    const takesReturned = !this.#byCallback;
    await serveExpress(
      told,
      call,
      respond,
      (express, ending) => {
        const context: FissionContext = {
          get request() {
            return express.request;
          },
          get response() {
            return express.response;
          },
        };
        if (takesReturned) return asPromise(this.#handle, context);
        return this.#handle(context, (status, body, headers) => {
          if (status) ending.succeed({ status, body, headers });
        });
      },
      { takesReturned, reply },
    );
  }
}

/** A value counts as well as a promise of one. */
async function asPromise(handle: FissionFunction, context: FissionContext): Promise<unknown> {
  return await handle(context);
}

function reply(result: unknown): Reply {
  if (typeof result !== 'object' || result === null) {
    throw new InvalidResponse(
      `A Fission function returns { status, body, headers }, not a ${typeof result}.`,
    );
  }
  const { status, body, headers } = result as { status?: unknown; body?: unknown; headers?: unknown };
  return { status: statusFrom(status, 200), headers, body };
}

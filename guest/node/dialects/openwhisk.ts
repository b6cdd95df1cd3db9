import type { Call } from '../call.ts';
import { type Dialect, type Handler, HandlerUnusable } from '../dialect.ts';
import { parseData } from '../event-data.ts';
import type { InstanceInfo } from '../instance-info.ts';
import { InvalidResponse } from '../invalid-response.ts';
import { refuse } from '../request-data.ts';
import type { Responder } from '../responder.ts';
import { sendJson } from '../result.ts';
import { setActionVariables, setActivationVariables } from './openwhisk/environment.ts';
import {
  httpParameters,
  ownParameters,
  type Parameters,
  ReservedParameter,
  withOwnParameters,
} from './openwhisk/parameters.ts';
import { projectionOf, sendProjection } from './openwhisk/projection.ts';
import { corsHeaders, sendWebResult } from './openwhisk/web-result.ts';

type Action = (params: Parameters | unknown[]) => unknown;

/**
 * Apache OpenWhisk's `main(params)`, which gives an object or an array, or a promise of one. An HTTP call is that of a web
 * action; a route that ends in `.json`, `.html`, `.svg` or `.text` gives the result, or a field of it, in that type. `{error}` and a promise that rejects with something else than an `Error` are application errors: results like
 * others, for whoever called. What a sequence or a conductor gives (`{action, params, state}`) is passed on as it is.
 * Behaviour follows OpenWhisk's documentation, its Node.js runtime and its controller.
 *
 * MAYFLY_OPENWHISK_RAW=true stands for the annotation `raw-http`, MAYFLY_OPENWHISK_OPTIONS=true for `web-custom-options`.
 * MAYFLY_OPENWHISK_PARAMETERS has the action's own parameters, a JSON object: a request must not bring one of them, an event may.
 */
export const openwhisk: Dialect = {
  prepare: setActionVariables,
  bind(exported: unknown, instance: InstanceInfo): Handler {
    if (typeof exported !== 'function') {
      throw new HandlerUnusable(`Action entrypoint '${instance.handler.export}' is not a function.`);
    }
    return new ActionHandler(exported as Action);
  },
};

class ActionHandler implements Handler {
  readonly #main: Action;
  readonly #own = ownParameters();
  readonly #raw = process.env.MAYFLY_OPENWHISK_RAW === 'true';
  readonly #ownOptions = process.env.MAYFLY_OPENWHISK_OPTIONS === 'true';

  constructor(main: Action) {
    this.#main = main;
  }

  serve(call: Call, respond: Responder): Promise<void> {
    setActivationVariables(call);
    return call.message.http === undefined ? this.#event(call, respond) : this.#web(call, respond);
  }

  async #event(call: Call, respond: Responder): Promise<void> {
    const given = await eventParameters(call);
    // An array is an argument too, with which nothing can be merged.
    sendJson(await this.#run(Array.isArray(given) ? given : { ...this.#own, ...given }), respond);
  }

  async #web(call: Call, respond: Responder): Promise<void> {
    const http = call.message.http!;
    const cors = this.#ownOptions ? [] : corsHeaders(http);
    if (http.method === 'OPTIONS' && !this.#ownOptions) {
      respond.whole(200, cors, null);
      return;
    }
    let params: Parameters;
    try {
      params = withOwnParameters(httpParameters(http, await call.body.all(), this.#raw), this.#own);
    } catch (thrown) {
      if (!(thrown instanceof SyntaxError || thrown instanceof ReservedParameter)) throw thrown;
      refuse(respond, thrown.message);
      return;
    }
    const result = await this.#run(params);
    const projection = projectionOf(http);
    const failed = ((result as { error?: unknown } | null)?.error ?? null) !== null;
    if (projection === null || failed) sendWebResult(result, cors, call, respond);
    else sendProjection(result, projection, cors, call, respond);
  }

  /** The action's result. @throws what the action throws, or rejects with when it is an Error */
  async #run(params: Parameters | unknown[]): Promise<object | null> {
    let result: unknown;
    const running = this.#main(params);
    try {
      result = await running;
    } catch (rejected) {
      if (rejected instanceof Error) throw rejected;
      return { error: rejected || {} };
    }
    if (result === undefined) return {};
    if (typeof result !== 'object') {
      throw new InvalidResponse(`The action did not return a dictionary but a ${typeof result}.`);
    }
    return result;
  }
}

/** An event's data are the parameters; what is no object stands in `__ow_body`, as with a web action. */
async function eventParameters(call: Call): Promise<Parameters | unknown[]> {
  const data = await parseData(call);
  if (data === undefined || data === null) return {};
  if (Buffer.isBuffer(data)) return { __ow_body: data.toString('base64') };
  return typeof data === 'object' ? (data as Parameters | unknown[]) : { __ow_body: data };
}

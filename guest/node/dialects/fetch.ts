import type { Call } from '../call.ts';
import { CallContext } from '../call-context.ts';
import { isThenable } from '../completion.ts';
import { type Dialect, type Handler, HandlerUnusable } from '../dialect.ts';
import type { InstanceInfo } from '../instance-info.ts';
import type { Responder } from '../responder.ts';
import { sendJson, sendValue } from '../result.ts';
import { web } from '../web.ts';
import { queueBatch, scheduledController } from './fetch/events.ts';
import { eventRequest, httpRequest } from './fetch/request.ts';
import { isResponse, sendResponse } from './fetch/response.ts';

type Env = Readonly<Record<string, string | undefined>>;
type FetchFunction = (request: Request | undefined, ...rest: unknown[]) => unknown;
type EventFunction = (event: unknown, env: Env, context: CallContext) => unknown;

/** What the export may be, besides a bare function. */
interface FetchObject {
  readonly fetch?: FetchFunction;
  readonly scheduled?: EventFunction;
  readonly queue?: EventFunction;
  readonly shutdown?: () => void | Promise<void>;
}

/**
 * `export default { fetch(request, env, ctx), scheduled?, queue?, shutdown? }` or
 * `export default (request, ctx) => …`, or a class with such methods, made anew for each call with `(ctx, env)`. Takes web `Request`s; gives a `Response` or any value (see `sendValue`).
 */
export const fetch: Dialect = {
  bind(exported: unknown, instance: InstanceInfo): Handler {
    if (typeof exported === 'function') {
      const own = methodsOf(exported as WorkerClass);
      if (own !== null) return new FetchHandler(own, true);
      const plain = exported as FetchFunction;
      return new FetchHandler({ fetch: (request, _env, context) => plain(request, context) }, sees(plain));
    }
    if (typeof exported === 'object' && exported !== null) {
      const { fetch, scheduled, queue } = exported as FetchObject;
      if (isCallable(fetch) || isCallable(scheduled) || isCallable(queue)) {
        return new FetchHandler(exported, sees(fetch));
      }
    }
    const { file, export: name } = instance.handler;
    throw new HandlerUnusable(
      `The export "${name}" of ${file} is ${exported === undefined ? 'missing' : 'not usable'}: ` +
        'it must be a function, or an object with a method fetch, scheduled or queue.',
    );
  },
};

type WorkerClass = new (context: CallContext, env: Env) => FetchObject;

/** The methods of a class whose objects serve one call each (`export default class { fetch(request) {} }`); null: it is none. */
function methodsOf(given: WorkerClass): FetchObject | null {
  const prototype = given.prototype as FetchObject | undefined;
  const { fetch, scheduled, queue } = prototype ?? {};
  if (!isCallable(fetch) && !isCallable(scheduled) && !isCallable(queue)) return null;
  const event =
    (name: 'scheduled' | 'queue'): EventFunction =>
    (value, env, context) => {
      const worker = new given(context, env);
      return worker[name]!(value, env, context);
    };
  return {
    ...(isCallable(fetch) && {
      fetch: (request: Request | undefined, env: unknown, context: unknown) =>
        new given(context as CallContext, env as Env).fetch!(request),
    }),
    ...(isCallable(scheduled) && { scheduled: event('scheduled') }),
    ...(isCallable(queue) && { queue: event('queue') }),
  };
}

const isCallable = (value: unknown): boolean => typeof value === 'function';

const NO_PARAMETERS = /^(?:async\s*)?\(\s*\)\s*=>/;
const functionText = globalThis.Function.prototype.toString;

/**
 * Whether a handler can see its request at all. An arrow function without parameters can't, so none is made for it:
 * 5 µs a call, and in an instance that had no time to warm up the 20 ms that loading the web's classes takes.
 */
function sees(handle: FetchFunction | undefined): boolean {
  return typeof handle !== 'function' || !NO_PARAMETERS.test(Reflect.apply(functionText, handle, []));
}

class FetchHandler implements Handler {
  readonly #target: FetchObject;
  readonly #env: Env = Object.freeze({ ...process.env });
  readonly #seesRequest: boolean;

  constructor(target: FetchObject, seesRequest: boolean) {
    this.#target = target;
    this.#seesRequest = seesRequest;
    if (seesRequest) web();
  }

  serve(call: Call, respond: Responder): void | Promise<void> {
    const context = new CallContext(call);
    switch (call.message.event?.type) {
      case 'mayfly.schedule':
        return this.#scheduled(call, context, respond);
      case 'mayfly.queue':
        return this.#queue(call, context, respond);
    }
    const target = this.#target;
    if (!isCallable(target.fetch)) throw new HandlerUnusable('This function has no method fetch.');
    const request = this.#seesRequest ? requestOf(call) : undefined;
    if (request === null) return respond.whole(405, [], null);
    const result = target.fetch!(request, this.#env, context);
    // A value that is there already needs no promise; most small functions give one.
    if (isThenable(result)) return this.#answerLater(result, call, context, respond);
    return afterwards(answer(result, call, respond), context);
  }

  async shutdown(): Promise<void> {
    await this.#target.shutdown?.();
  }

  async #answerLater(result: unknown, call: Call, context: CallContext, respond: Responder): Promise<void> {
    await answer(await result, call, respond);
    await context.background();
  }

  async #scheduled(call: Call, context: CallContext, respond: Responder): Promise<void> {
    if (!isCallable(this.#target.scheduled))
      throw new HandlerUnusable('This function has no method scheduled.');
    await this.#target.scheduled!(await scheduledController(call), this.#env, context);
    sendJson(null, respond);
    await context.background();
  }

  async #queue(call: Call, context: CallContext, respond: Responder): Promise<void> {
    if (!isCallable(this.#target.queue)) throw new HandlerUnusable('This function has no method queue.');
    const batch = await queueBatch(call);
    await this.#target.queue!(batch, this.#env, context);
    sendJson({ retry: batch.retried() }, respond);
    await context.background();
  }
}

function requestOf(call: Call): Request | null {
  return call.message.http === undefined ? eventRequest(call) : httpRequest(call);
}

function answer(result: unknown, call: Call, respond: Responder): void | Promise<void> {
  return isResponse(result) ? sendResponse(result, call, respond) : sendValue(result, call, respond);
}

function afterwards(sent: void | Promise<void>, context: CallContext): void | Promise<void> {
  const background = context.background();
  if (background === undefined) return sent;
  return (async () => {
    await sent;
    await background;
  })();
}

import { jsonAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import { type CallbackHandler, runCallbackHandler } from '../callback-handler.ts';
import { type Dialect, type Handler, HandlerUnusable } from '../dialect.ts';
import { parseData } from '../event-data.ts';
import type { InstanceInfo } from '../instance-info.ts';
import type { Responder } from '../responder.ts';
import { type ContextBase, contextBase, type TencentContext } from './tencent/context.ts';
import { setVariables } from './tencent/environment.ts';
import { gatewayEvent, timerEvent } from './tencent/events.ts';
import { gatewayAnswer } from './tencent/gateway-result.ts';

type MainHandler = CallbackHandler<TencentContext>;

/**
 * Tencent Cloud's SCF: `exports.main_handler = async (event, context)` or `(event, context, callback)`. HTTP arrives as an
 * event of its API Gateway, a schedule as one of its timers. Behaviour follows Tencent's documentation.
 */
export const tencent: Dialect = {
  prepare: setVariables,
  bind(exported: unknown, instance: InstanceInfo): Handler {
    if (typeof exported !== 'function') {
      const { file, export: name } = instance.handler;
      throw new HandlerUnusable(
        `${file}: the handler "${name}" is ${exported === undefined ? 'not exported' : 'no function'}.`,
      );
    }
    return new TencentHandler(exported as MainHandler, contextBase(instance));
  },
};

class TencentHandler implements Handler {
  readonly #handle: MainHandler;
  readonly #base: ContextBase;

  constructor(handle: MainHandler, base: ContextBase) {
    this.#handle = handle;
    this.#base = base;
  }

  async serve(call: Call, respond: Responder): Promise<void> {
    const { id, http } = call.message;
    process.env.SCF_REQUESTID = id;
    const event = await eventOf(call);
    const contextOf = (): TencentContext => ({
      callbackWaitsForEmptyEventLoop: true,
      ...this.#base,
      request_id: id,
    });
    const encode = http === undefined ? jsonAnswer : gatewayAnswer;
    const { status, headers, body } = await runCallbackHandler(this.#handle, event, contextOf, encode);
    respond.whole(status, headers, body);
  }
}

async function eventOf(call: Call): Promise<unknown> {
  const { http, event } = call.message;
  if (http !== undefined) return gatewayEvent(call.message, http, await call.body.all());
  const data = await parseData(call);
  return event?.type === 'mayfly.schedule' ? timerEvent(event, data) : (data ?? {});
}

import { jsonAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import { type CallbackHandler, runCallbackHandler } from '../callback-handler.ts';
import { type Dialect, type Handler, HandlerUnusable } from '../dialect.ts';
import { parseData } from '../event-data.ts';
import type { InstanceInfo } from '../instance-info.ts';
import type { Responder } from '../responder.ts';
import { contextBase, type LambdaContext, lambdaContext } from './lambda/context.ts';
import { setTraceVariable, setVariables } from './lambda/environment.ts';
import { httpEventV1 } from './lambda/http-event-v1.ts';
import { httpEventV2 } from './lambda/http-event-v2.ts';
import { httpResult } from './lambda/result.ts';
import { installAwsLambda, isStreaming, type StreamingFunction, serveStreaming } from './lambda/streaming.ts';

type LambdaFunction = CallbackHandler<LambdaContext>;

/**
 * AWS Lambda's Node.js contract: `exports.handler = async (event, context)`, `(event, context, callback)`, and
 * `awslambda.streamifyResponse((event, stream, context) => …)`. HTTP arrives as an API Gateway event of payload
 * format 2.0, or 1.0 when MAYFLY_LAMBDA_PAYLOAD says so. Behaviour follows AWS's documentation and its public
 * runtime interface client.
 */
export const lambda: Dialect = {
  prepare(instance: InstanceInfo): void {
    setVariables(instance);
    installAwsLambda();
  },
  bind(exported: unknown, instance: InstanceInfo): Handler {
    if (typeof exported !== 'function') {
      const { file, export: name } = instance.handler;
      throw new HandlerUnusable(
        `${file}: the handler "${name}" is ${exported === undefined ? 'undefined or not exported' : 'not a function'}.`,
      );
    }
    return new LambdaHandler(exported as LambdaFunction | StreamingFunction);
  },
};

class LambdaHandler implements Handler {
  readonly #handle: LambdaFunction | StreamingFunction;
  readonly #streaming: boolean;
  readonly #base = contextBase();
  readonly #httpEvent = process.env.MAYFLY_LAMBDA_PAYLOAD === '1.0' ? httpEventV1 : httpEventV2;

  constructor(handle: LambdaFunction | StreamingFunction) {
    this.#handle = handle;
    this.#streaming = isStreaming(handle);
  }

  async serve(call: Call, respond: Responder): Promise<void> {
    const event = await this.#eventOf(call);
    setTraceVariable(call.message.traceparent);
    if (this.#streaming)
      return serveStreaming(this.#handle as StreamingFunction, event, call, this.#base, respond);
    const encode = call.message.http === undefined ? jsonAnswer : httpResult;
    const { status, headers, body } = await runCallbackHandler(
      this.#handle as LambdaFunction,
      event,
      (endings) => lambdaContext(this.#base, call, endings),
      encode,
    );
    respond.whole(status, headers, body);
  }

  async #eventOf(call: Call): Promise<unknown> {
    const { http } = call.message;
    if (http === undefined) return (await parseData(call)) ?? {};
    return this.#httpEvent(call.message, http, await call.body.all());
  }
}

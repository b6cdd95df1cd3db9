import { type Answer, sendAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import { complete } from '../completion.ts';
import { type Dialect, type Handler, HandlerUnusable, type SiblingExports } from '../dialect.ts';
import type { InstanceInfo } from '../instance-info.ts';
import { InvalidResponse } from '../invalid-response.ts';
import type { Responder } from '../responder.ts';
import { callContext, type NuclioContext, sharedContext } from './nuclio/context.ts';
import { nuclioEvent } from './nuclio/event.ts';
import { encodeOutput } from './nuclio/response.ts';

type NuclioFunction = (context: NuclioContext, event: unknown) => unknown;

/**
 * Nuclio's `exports.handler = (context, event) => context.callback(result)`; `exports.initContext = (context) => …` runs
 * before, and may be async. Only the callback gives a result: text, bytes, `[status, body]`, `new context.Response(…)`, or a
 * value that becomes JSON. Behaviour follows Nuclio's documentation and its Node.js wrapper. Each call has a context of its
 * own that inherits from the one that `initContext` got.
 */
export const nuclio: Dialect = {
  prepare(instance: InstanceInfo): void {
    Object.assign(process.env, {
      NUCLIO_FUNCTION_NAME: instance.function,
      NUCLIO_FUNCTION_VERSION: instance.version,
      NUCLIO_FUNCTION_HANDLER: `${instance.handler.file}:${instance.handler.export}`,
    });
  },
  async bind(exported: unknown, instance: InstanceInfo, sibling: SiblingExports): Promise<Handler> {
    if (typeof exported !== 'function') {
      const { file, export: name } = instance.handler;
      throw new HandlerUnusable(`The export "${name}" of ${file} is no function.`);
    }
    const context = sharedContext();
    const initContext = sibling('initContext');
    if (typeof initContext === 'function') await initContext(context);
    return new NuclioHandler(exported as NuclioFunction, context);
  },
};

class NuclioHandler implements Handler {
  readonly #handle: NuclioFunction;
  readonly #context: NuclioContext;

  constructor(handle: NuclioFunction, context: NuclioContext) {
    this.#handle = handle;
    this.#context = context;
  }

  async serve(call: Call, respond: Responder): Promise<void> {
    const event = nuclioEvent(call.message, await call.body.all());
    const answer = await complete<Answer>(
      (ending) => this.#handle(callContext(this.#context, ending.succeed), event),
      { encode: encodeOutput, takesReturned: false, nothing: neverCalledBack },
    );
    sendAnswer(answer, call, respond);
  }
}

function neverCalledBack(): never {
  throw new InvalidResponse('The handler ended without calling context.callback.');
}

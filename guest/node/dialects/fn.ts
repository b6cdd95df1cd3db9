import type { Call } from '../call.ts';
import { type Dialect, type Handler, HandlerUnusable } from '../dialect.ts';
import { provideModule } from '../host-modules.ts';
import type { InstanceInfo } from '../instance-info.ts';
import type { Responder } from '../responder.ts';
import { FnContext } from './fn/context.ts';
import { setVariables } from './fn/environment.ts';
import { callHeaders } from './fn/headers.ts';
import { type FnFunction, fdk, type InputMode, type Registration, registered } from './fn/registry.ts';
import { sendResult } from './fn/result.ts';

/**
 * Fn Project's functions: `fdk.handle((input, ctx) => result, { inputMode })`, where the host brings `@fnproject/fdk`, or an
 * export that takes `(input, ctx)`. HTTP is what Fn's gateway makes of it, `ctx.httpGateway`. Behaviour follows the sources
 * of the FDK for Node.js and of Fn's HTTP triggers.
 */
export const fn: Dialect = {
  prepare(instance: InstanceInfo): void {
    setVariables(instance);
    provideModule('@fnproject/fdk', fdk);
  },
  bind(exported: unknown, instance: InstanceInfo): Handler {
    const registration = registered() ?? exportedFunction(exported);
    if (registration === null) {
      throw new HandlerUnusable(`${instance.handler.file} neither calls fdk.handle nor exports a function.`);
    }
    return new FnHandler(registration);
  },
};

function exportedFunction(exported: unknown): Registration | null {
  return typeof exported === 'function' ? { handle: exported as FnFunction, inputMode: 'json' } : null;
}

class FnHandler implements Handler {
  readonly #registration: Registration;
  readonly #config = Object.freeze({ ...process.env });

  constructor(registration: Registration) {
    this.#registration = registration;
  }

  async serve(call: Call, respond: Responder): Promise<void> {
    const { handle, inputMode } = this.#registration;
    const input = inputOf(await call.body.all(), inputMode);
    const { message } = call;
    const context = new FnContext(this.#config, input, callHeaders(message), message.traceparent);
    await sendResult(await handle(input, context), context, call, respond);
  }
}

function inputOf(body: Buffer, mode: InputMode): unknown {
  if (mode === 'buffer') return body;
  const text = body.toString('utf8');
  if (mode === 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON is text, as with the FDK.
    return text;
  }
}

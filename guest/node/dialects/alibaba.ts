import { type Dialect, type Handler, HandlerUnusable, type SiblingExports } from '../dialect.ts';
import type { InstanceInfo } from '../instance-info.ts';
import { hookContext } from './alibaba/context.ts';
import { setVariables } from './alibaba/environment.ts';
import { type EventFunction, eventHandler } from './alibaba/event-handler.ts';
import { type HttpFunction, httpHandler } from './alibaba/http-handler.ts';

type Hook = (context: object, callback: (error?: unknown) => void) => unknown;

/** What the initialiser and the hook before the end are usually called. */
const INITIALISERS = ['initialize', 'initializer'] as const;
const LAST_HOOKS = ['preStop'] as const;

/**
 * Alibaba Cloud's Function Compute: `exports.handler = async (event, context)` and `(event, context, callback)`, with the event
 * as a Buffer; `initialize` and `preStop` are exports of the same file. HTTP arrives as the event of version 3.0, or, when
 * MAYFLY_ALIBABA_HTTP is "2.0", as `(request, response, context)`: three parameters alone do not tell which of the two a
 * handler was written for. Behaviour follows Alibaba's documentation of its Node.js runtimes.
 */
export const alibaba: Dialect = {
  prepare: setVariables,
  async bind(exported: unknown, instance: InstanceInfo, sibling: SiblingExports): Promise<Handler> {
    if (typeof exported !== 'function') {
      const { file, export: name } = instance.handler;
      throw new HandlerUnusable(
        `Handler "${name}" of ${file} is ${exported === undefined ? 'missing' : 'not a function'}.`,
      );
    }
    const initialise = firstFunction(sibling, INITIALISERS);
    if (initialise !== null) await runHook(initialise, instance);
    const last = firstFunction(sibling, LAST_HOOKS);
    const plain = eventHandler(exported as EventFunction, instance);
    const http =
      process.env.MAYFLY_ALIBABA_HTTP === '2.0' ? httpHandler(exported as HttpFunction, instance) : plain;
    return {
      serve: (call, respond) => (call.message.http === undefined ? plain : http)(call, respond),
      ...(last === null ? {} : { shutdown: () => runHook(last, instance) }),
    };
  },
};

function firstFunction(sibling: SiblingExports, names: readonly string[]): Hook | null {
  for (const name of names) {
    const found = sibling(name);
    if (typeof found === 'function') return found as Hook;
  }
  return null;
}

/** By its promise, or by its callback when it has a parameter for one. */
async function runHook(hook: Hook, instance: InstanceInfo): Promise<void> {
  const context = hookContext(instance);
  if (hook.length < 2) {
    await (hook as (context: object) => unknown)(context);
    return;
  }
  await new Promise<void>((resolve, reject) => {
    const done = (error?: unknown): void =>
      error === undefined || error === null ? resolve() : reject(error);
    void (async () => {
      try {
        const returned = hook(context, done) as PromiseLike<unknown> | undefined;
        if (typeof returned?.then !== 'function') return;
        await returned;
        resolve();
      } catch (thrown) {
        reject(thrown);
      }
    })();
  });
}

import { type Dialect, type Handler, HandlerUnusable } from '../dialect.ts';
import { provideModule } from '../host-modules.ts';
import type { InstanceInfo } from '../instance-info.ts';
import { setVariables } from './azure/environment.ts';
import { azureFunctions } from './azure/functions-module.ts';
import { type AzureFunction, registered } from './azure/registry.ts';
import { v3Function } from './azure/v3-function.ts';
import { v4Function } from './azure/v4-function.ts';

/**
 * Azure Functions for Node.js: the v4 programming model (`app.http('name', …)` of `@azure/functions`; `handler.export` is the
 * name) and the v3 one (`module.exports = async (context, req) => …`).
 *
 * The environment of a v3 function has the bindings of its `function.json` in MAYFLY_AZURE_BINDINGS, as the JSON of the list
 * `bindings`: `[{"type":"queueTrigger","direction":"in","name":"item"}, …]`. Without it the function is an HTTP one, with
 * `req` and `res`.
 * MAYFLY_AZURE_KEYS may have the keys, separated by commas, of which a call to a function with `authLevel` "function" or
 * "admin" must show one.
 */
export const azure: Dialect = {
  prepare(instance: InstanceInfo): void {
    setVariables(instance);
    provideModule('@azure/functions', azureFunctions);
  },
  async bind(exported: unknown, instance: InstanceInfo): Promise<Handler> {
    const { file, export: name } = instance.handler;
    const own = registered[name];
    if (own !== undefined) return v4Function(own);
    const handle = exportedFunction(exported);
    if (handle !== null) return v3Function(handle, instance);
    const names = Object.keys(registered);
    if (names.length === 1 && name === 'default') return v4Function(registered[names[0]!]!);
    const there = names.length === 0 ? 'it registers none' : `it registers ${names.join(', ')}`;
    throw new HandlerUnusable(`Function "${name}" is neither registered nor exported by ${file}: ${there}.`);
  },
};

/** A function, or the one called `run` or `index` of an object of several. */
function exportedFunction(exported: unknown): AzureFunction | null {
  if (typeof exported === 'function') return exported as AzureFunction;
  if (typeof exported !== 'object' || exported === null) return null;
  const { default: inner, run, index } = exported as Readonly<Record<string, unknown>>;
  for (const found of [inner, run, index]) if (typeof found === 'function') return found as AzureFunction;
  return null;
}

import { type Binding, trigger } from './bindings.ts';

// biome-ignore lint/suspicious/noExplicitAny: what it takes depends on the trigger.
export type AzureFunction = (...given: any[]) => unknown;

/** A function of the v4 programming model. */
export interface AzureRegistration {
  readonly name: string;
  readonly handle: AzureFunction;
  readonly trigger: Binding;
  readonly return: Binding | undefined;
  readonly extraInputs: readonly Binding[];
  readonly extraOutputs: readonly Binding[];
}

type Options = Readonly<Record<string, unknown>>;
type Register = (name: string, options: Options | AzureFunction) => void;

/** The functions that the author's code has registered. */
export const registered: Record<string, AzureRegistration> = Object.create(null);

/** The methods of `app` that register a function. */
export const registrars: Readonly<Record<string, Register>> = {
  ...byTrigger(),
  generic: (name, options) => register(name, options as Options, (rest) => rest.trigger as Binding),
  deleteRequest: byMethod('DELETE'),
  get: byMethod('GET'),
  patch: byMethod('PATCH'),
  post: byMethod('POST'),
  put: byMethod('PUT'),
};

function byTrigger(): Record<string, Register> {
  const made: Record<string, Register> = {};
  for (const kind of Object.keys(trigger)) {
    made[kind] = (name, options) => register(name, options as Options, trigger[kind]!);
  }
  return made;
}

function byMethod(method: string): Register {
  return (name, options) => {
    const given = typeof options === 'function' ? { handler: options } : options;
    register(name, { ...given, methods: [method] }, trigger.http!);
  };
}

function register(name: string, options: Options, triggerOf: (options: Options) => Binding): void {
  const {
    handler,
    return: result,
    trigger: own,
    extraInputs,
    extraOutputs,
    retry: _retry,
    ...rest
  } = options;
  if (typeof name !== 'string' || name === '') throw new TypeError('A function is registered with a name.');
  if (typeof handler !== 'function')
    throw new TypeError(`The function "${name}" is registered without a handler.`);
  if (name in registered) throw new Error(`A function with the name "${name}" has already been registered.`);
  registered[name] = {
    name,
    handle: handler as AzureFunction,
    trigger: (own as Binding | undefined) ?? triggerOf(own === undefined ? rest : options),
    return: result as Binding | undefined,
    extraInputs: (extraInputs as readonly Binding[] | undefined) ?? [],
    extraOutputs: (extraOutputs as readonly Binding[] | undefined) ?? [],
  };
}

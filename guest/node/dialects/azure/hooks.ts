type Callback = (context: never) => unknown;
type Fields = Record<string, unknown>;

const KINDS = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'] as const;
type Kind = (typeof KINDS)[number];

const hooks: Record<Kind, Callback[]> = {
  appStart: [],
  appTerminate: [],
  preInvocation: [],
  postInvocation: [],
  log: [],
};

/** What the author's hooks of one application share: `hookData`. */
const appData: Fields = {};

/** `Disposable` of `@azure/functions`: takes a hook away again. */
export class Disposable {
  readonly #dispose: () => void;

  constructor(dispose: () => void) {
    this.#dispose = dispose;
  }

  dispose(): void {
    this.#dispose();
  }
}

/** `app.hook`. */
export const hook: Readonly<Record<string, (callback: Callback) => Disposable>> = Object.fromEntries(
  KINDS.map((kind) => [kind, (callback: Callback) => add(kind, callback)]),
);

/** The classes of what hooks receive: their fields may be read, and written where that means something. */
export class HookContext {
  readonly hookData: Fields;

  constructor(init: Fields = {}) {
    this.hookData = (init.hookData as Fields | undefined) ?? {};
    Object.assign(this, init, { hookData: this.hookData });
  }
}
export class AppStartContext extends HookContext {}
export class AppTerminateContext extends HookContext {}
export class InvocationHookContext extends HookContext {
  declare inputs: unknown[];
}
export class PreInvocationContext extends InvocationHookContext {
  declare functionHandler: (...given: unknown[]) => unknown;
}
export class PostInvocationContext extends InvocationHookContext {
  declare result: unknown;
  declare error: unknown;
}
export class LogHookContext extends HookContext {
  declare level: string;
  declare message: string;
}

function add(kind: Kind, callback: Callback): Disposable {
  hooks[kind] = [...hooks[kind], callback];
  return new Disposable(() => {
    hooks[kind] = hooks[kind].filter((other) => other !== callback);
  });
}

export async function runAppHooks(kind: 'appStart' | 'appTerminate'): Promise<void> {
  const Context = kind === 'appStart' ? AppStartContext : AppTerminateContext;
  for (const callback of hooks[kind]) await callback(new Context({ hookData: appData }) as never);
}

/** Runs a handler between the hooks for invocations, which may change what it takes, gives and throws. */
export async function invokeHooked(
  handle: (...given: never[]) => unknown,
  inputs: unknown[],
  invocationContext: unknown,
): Promise<unknown> {
  const call = handle as (...given: unknown[]) => unknown;
  if (hooks.preInvocation.length === 0 && hooks.postInvocation.length === 0) {
    return call(...inputs, invocationContext);
  }
  const hookData: Fields = {};
  const before = new PreInvocationContext({ hookData, inputs, invocationContext, functionHandler: call });
  for (const callback of hooks.preInvocation) await callback(before as never);
  const { inputs: given, functionHandler } = before;
  const after = new PostInvocationContext({
    hookData,
    inputs: given,
    invocationContext,
    result: null,
    error: null,
  });
  try {
    after.result = await functionHandler(...given, invocationContext);
  } catch (thrown) {
    after.error = thrown;
  }
  for (const callback of hooks.postInvocation) await callback(after as never);
  if (after.error !== null && after.error !== undefined) throw after.error;
  return after.result;
}

export function runLogHooks(
  level: string,
  message: string,
  invocationContext: unknown,
): { level: string; message: string } {
  if (hooks.log.length === 0) return { level, message };
  const line = new LogHookContext({ hookData: appData, level, message, category: 'user', invocationContext });
  for (const callback of hooks.log) callback(line as never);
  return line;
}

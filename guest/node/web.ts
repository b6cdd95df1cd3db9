import { evaluateClasses, evaluateFetch, type WebClasses } from '../web/main.ts';
import { streamWasmFrom } from './wasm-streaming.ts';

/** What the guest itself needs of the web. */
interface OwnClasses {
  readonly Request: typeof globalThis.Request;
  readonly ReadableStream: typeof globalThis.ReadableStream;
}

const NAMES = ['FormData', 'Headers', 'Request', 'Response'] as const;
const { captureStackTrace } = Error as ErrorConstructor;

let classes: (WebClasses & OwnClasses) | null = null;
let send: typeof globalThis.fetch | null = null;

/**
 * Evaluates the web's classes, some 10 ms, once: while an instance waits in the pool, before any of the author's code has
 * run, or, in an instance that a call waited for, when its function first needs them.
 */
export function web(): OwnClasses {
  if (classes !== null) return classes;
  const evaluated = evaluateClasses();
  classes = { ...evaluated, ReadableStream: globalThis.ReadableStream };
  for (const name of NAMES) {
    if (Object.getOwnPropertyDescriptor(globalThis, name)?.get === getters[name])
      place(name, evaluated[name]);
  }
  return classes;
}

/** Puts the guest's classes and its `fetch` in the place of Node's, which are slow to begin with. */
export function installWeb(): void {
  for (const name of NAMES) {
    // Node's are read by any look at their properties, also by defining them anew; deleting does not look.
    delete (globalThis as Partial<WebClasses>)[name];
    Object.defineProperty(globalThis, name, {
      configurable: true,
      enumerable: false,
      get: getters[name],
      set: (value) => place(name, value),
    });
  }
  Object.defineProperty(globalThis, 'fetch', {
    configurable: true,
    enumerable: true,
    writable: true,
    value: fetch,
  });
  streamWasmFrom((value): value is Response => classes !== null && value instanceof classes.Response);
}

const getters = {
  FormData: () => read('FormData'),
  Headers: () => read('Headers'),
  Request: () => read('Request'),
  Response: () => read('Response'),
} as const;

function read(name: keyof WebClasses): unknown {
  web();
  return classes![name];
}

function place(name: keyof WebClasses, value: unknown): void {
  Object.defineProperty(globalThis, name, { configurable: true, enumerable: false, writable: true, value });
}

async function fetch(
  input: string | URL | Request,
  init: RequestInit | undefined = undefined,
): Promise<Response> {
  web();
  send ??= evaluateFetch();
  try {
    return await send(input, init);
  } catch (thrown) {
    // As Node does: the stack of who called, not of the client's insides.
    if (typeof thrown === 'object' && thrown !== null) captureStackTrace(thrown, fetch);
    throw thrown;
  }
}

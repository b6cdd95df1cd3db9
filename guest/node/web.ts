/**
 * The web's classes as Node made them. Node defines them as accessors that load undici at the first touch, which takes
 * 15 to 20 ms; what is captured here at the start are the accessors. `web()` loads the classes: while an instance
 * waits in the pool, or when a call needs them.
 */
export interface WebClasses {
  readonly Request: typeof globalThis.Request;
  readonly Response: typeof globalThis.Response;
  readonly ReadableStream: typeof globalThis.ReadableStream;
}

const { getOwnPropertyDescriptor } = Object;
const original = {
  Request: getOwnPropertyDescriptor(globalThis, 'Request')!,
  Response: getOwnPropertyDescriptor(globalThis, 'Response')!,
  ReadableStream: getOwnPropertyDescriptor(globalThis, 'ReadableStream')!,
};
let classes: WebClasses | null = null;

export function web(): WebClasses {
  classes ??= {
    Request: load('Request'),
    Response: load('Response'),
    ReadableStream: load('ReadableStream'),
  };
  return classes;
}

function load<Name extends keyof WebClasses>(name: Name): WebClasses[Name] {
  const { get, value } = original[name];
  if (get === undefined) return value;
  const present = getOwnPropertyDescriptor(globalThis, name);
  const loaded = Reflect.apply(get, globalThis, []) as WebClasses[Name];
  // Node's accessor also puts the class into the global: a replacement of the author's stays.
  if (present !== undefined && present.get !== get) Object.defineProperty(globalThis, name, present);
  return loaded;
}

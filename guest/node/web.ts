/**
 * The web's classes. Node loads them at the first touch of a global (even of its property descriptor), which takes 15 to
 * 20 ms: `web()` does it while an instance waits in the pool, before any of the author's code has run. An instance
 * that a call waited for loads them only when its function needs them, then as the author's code left them.
 */
export interface WebClasses {
  readonly Request: typeof globalThis.Request;
  readonly ReadableStream: typeof globalThis.ReadableStream;
}

let classes: WebClasses | null = null;

export function web(): WebClasses {
  classes ??= { Request: globalThis.Request, ReadableStream: globalThis.ReadableStream };
  return classes;
}

/**
 * The web's classes, captured. Node loads them at the first touch, which takes 15 to 20 ms, so they are captured
 * by `warm` while an instance waits in the pool, or at the latest when a dialect that needs them is prepared.
 */
export interface WebClasses {
  readonly Headers: typeof globalThis.Headers;
  readonly Request: typeof globalThis.Request;
  readonly Response: typeof globalThis.Response;
  readonly ReadableStream: typeof globalThis.ReadableStream;
}

let classes: WebClasses | null = null;

export function web(): WebClasses {
  classes ??= {
    Headers: globalThis.Headers,
    Request: globalThis.Request,
    Response: globalThis.Response,
    ReadableStream: globalThis.ReadableStream,
  };
  return classes;
}

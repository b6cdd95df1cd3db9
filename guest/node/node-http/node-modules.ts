type Http = typeof import('node:http');

let http: Http | null = null;

/** Node's HTTP module, loaded when a dialect first needs it: others do not pay the milliseconds that it takes. */
export function nodeHttp(): Http {
  http ??= process.getBuiltinModule('node:http');
  return http;
}

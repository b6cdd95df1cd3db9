// Now, before another fetch stands in the place of Node's.
import './dispatcher.ts';

/** The web's classes. */
export interface WebClasses {
  readonly FormData: typeof globalThis.FormData;
  readonly Headers: typeof globalThis.Headers;
  readonly Request: typeof globalThis.Request;
  readonly Response: typeof globalThis.Response;
}

/**
 * Evaluates undici's classes. Node has the same inside, but evaluates with them an HTTP client of every version, TLS and
 * compression before the first `new Response()`.
 */
export function evaluateClasses(): WebClasses {
  // `require`, not `import`: evaluated when it is called. In the order of undici's own fetch: Request needs what Response defines.
  const { Response } = require('undici/lib/web/fetch/response.js');
  const { Headers } = require('undici/lib/web/fetch/headers.js');
  const { Request } = require('undici/lib/web/fetch/request.js');
  const { FormData } = require('undici/lib/web/fetch/formdata.js');
  const classes = { FormData, Headers, Request, Response };
  // The bundler renames classes that mention themselves; letting it keep all names sets one on every function.
  for (const [name, value] of Object.entries(classes)) Object.defineProperty(value, 'name', { value: name });
  return classes;
}

/** Evaluates undici's `fetch`, which takes and gives these classes. What it sends goes through Node's own client. */
export function evaluateFetch(): typeof globalThis.fetch {
  return require('undici/lib/web/fetch/index.js').fetch;
}

import type { Call } from '../call.ts';
import { type Dialect, type Handler, HandlerUnusable } from '../dialect.ts';
import { requestOf } from '../event-request.ts';
import { type Reply, serveExpress } from '../express/late-exchange.ts';
import { headerIn } from '../header-fields.ts';
import type { InstanceInfo } from '../instance-info.ts';
import { readData } from '../request-data.ts';
import type { Responder } from '../responder.ts';
import { toJson } from '../result.ts';
import { setVariables } from './kubeless/environment.ts';
import { type Attributes, attributesOf, type KubelessEvent } from './kubeless/event.ts';

type KubelessFunction = (event: KubelessEvent, context: unknown) => unknown;

const CORS = { 'access-control-allow-origin': '*' } as const;

/**
 * Kubeless' `module.exports = { handler: (event, context) => event.data }`. Text goes out as it is, objects as JSON;
 * `event.extensions.request` and `response` are Express'. Behaviour follows the sources of Kubeless' Node.js runtime.
 */
export const kubeless: Dialect = {
  prepare: setVariables,
  bind(exported: unknown, instance: InstanceInfo): Handler {
    if (typeof exported !== 'function') {
      const { file, export: name } = instance.handler;
      throw new HandlerUnusable(`Unable to load ${file}: its export "${name}" is no function.`);
    }
    return new KubelessHandler(exported as KubelessFunction);
  },
};

class KubelessHandler implements Handler {
  readonly #handle: KubelessFunction;
  readonly #context = Object.freeze({
    'function-name': process.env.FUNC_HANDLER,
    timeout: Number.parseFloat(process.env.FUNC_TIMEOUT!),
    runtime: process.env.FUNC_RUNTIME,
    'memory-limit': process.env.FUNC_MEMORY_LIMIT,
  });

  constructor(handle: KubelessFunction) {
    this.#handle = handle;
  }

  async serve(call: Call, respond: Responder): Promise<void> {
    const http = requestOf(call.message);
    if (call.message.http?.method === 'OPTIONS') {
      respond.whole(200, preflight(http.headers), null);
      return;
    }
    const type = headerIn(http.headers, 'content-type') ?? '';
    const read = await readData(call, respond, type, parseKubelessBody);
    if (read === null) return;
    const { bytes, data } = read;
    const attributes = attributesOf(call.message);
    await serveExpress(
      { http: () => http, bytes, body: bytes, defaults: CORS },
      call,
      respond,
      (express) => this.#run(attributes, data, express),
      { takesReturned: true, reply },
    );
  }

  /** A value counts as well as a promise of one. */
  async #run(attributes: Attributes, data: unknown, express: KubelessEvent['extensions']): Promise<unknown> {
    const extensions = {
      get request() {
        return express.request;
      },
      get response() {
        return express.response;
      },
    };
    return await this.#handle({ ...attributes, data, extensions }, this.#context);
  }
}

/** JSON parsed, all else as text. */
function parseKubelessBody(bytes: Buffer, type: string): unknown {
  if (bytes.length === 0) return {};
  const text = bytes.toString('utf8');
  return /^application\/json\s*(;|$)/i.test(type) ? JSON.parse(text) : text;
}

function reply(result: unknown): Reply {
  if (typeof result === 'object') {
    const headers = result === null ? { 'content-type': 'application/json; charset=utf-8' } : undefined;
    return { status: null, headers, body: result ?? 'null' };
  }
  const body = typeof result === 'string' || result === undefined ? result : toJson(result);
  return { status: null, headers: undefined, body, untyped: true };
}

/** What Kubeless lets browsers ask for: everything. */
function preflight(headers: readonly string[]): string[] {
  const answer = ['access-control-allow-origin', '*'];
  for (const name of ['method', 'headers']) {
    const asked = headerIn(headers, `access-control-request-${name}`);
    if (asked !== undefined)
      answer.push(`access-control-allow-${name === 'method' ? 'methods' : name}`, asked);
  }
  return answer;
}

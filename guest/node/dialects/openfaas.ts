import { type Answer, sendAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import { complete } from '../completion.ts';
import { type Dialect, type Handler, HandlerUnusable } from '../dialect.ts';
import { requestOf } from '../event-request.ts';
import { headerRecord } from '../header-fields.ts';
import type { InstanceInfo } from '../instance-info.ts';
import { readData } from '../request-data.ts';
import { nestedRecord, splitTarget } from '../request-target.ts';
import type { Responder } from '../responder.ts';
import { type ClassicFunction, classicHandler } from './openfaas/classic.ts';
import { encodeAnswer, Failed, FunctionContext } from './openfaas/context.ts';
import { ownPath } from './openfaas/own-path.ts';

type Callback = (error?: unknown, result?: unknown) => void;
type OpenfaasFunction = (event: unknown, context: FunctionContext, callback: Callback) => unknown;

/**
 * OpenFaaS's templates for Node.js, `node12` to `node22`: `module.exports = async (event, context) => …` gives the body, or
 * `context.succeed(body)`, `context.fail(error)` or the callback do; with MAYFLY_OPENFAAS_TEMPLATE=node the template `node`.
 * `gateway_url` is the app's own address, unless the author set it. An event other than HTTP is the POST by which OpenFaaS's connectors bring it. RAW_BODY=true leaves the body unparsed.
 * Behaviour follows the templates' sources, except that an error is never sent with status 200, and objects are sent as JSON.
 */
export const openfaas: Dialect = {
  prepare(): void {
    // By convention: the address below which functions call each other, at /function/NAME.
    const own = process.env.MAYFLY_APP_URL;
    if (own !== undefined) process.env.gateway_url ??= own;
  },
  bind(exported: unknown, instance: InstanceInfo): Handler {
    if (typeof exported !== 'function') {
      const { file, export: name } = instance.handler;
      throw new HandlerUnusable(`The export "${name}" of ${file} is no function.`);
    }
    if (process.env.MAYFLY_OPENFAAS_TEMPLATE === 'node') return classicHandler(exported as ClassicFunction);
    return new OpenfaasHandler(exported as OpenfaasFunction);
  },
};

class OpenfaasHandler implements Handler {
  readonly #handle: OpenfaasFunction;
  readonly #raw = process.env.RAW_BODY === 'true';

  constructor(handle: OpenfaasFunction) {
    this.#handle = handle;
  }

  async serve(call: Call, respond: Responder): Promise<void> {
    const { method, url, headers: given, route } = requestOf(call.message);
    const headers = headerRecord(given);
    headers['content-type'] ??= 'text/plain';
    const body = this.#raw
      ? { data: await call.body.all() }
      : await readData(call, respond, headers['content-type'] as string);
    if (body === null) return;
    const { path, search } = splitTarget(url);
    const query = nestedRecord(search.slice(1));
    const event = { body: body.data ?? {}, headers, method, query, path: ownPath(path, route) };
    sendAnswer(await this.#run(event), call, respond);
  }

  #run(event: unknown): Promise<Answer> {
    let context: FunctionContext;
    const encode = (result: unknown): Answer => encodeAnswer(context, result);
    return complete(
      (ending) => {
        const callback: Callback = (error, result) => ending.succeed(error ? new Failed(error) : result);
        context = new FunctionContext(callback);
        return this.#handle(event, context, callback);
      },
      { encode, takesReturned: true, nothing: () => encode(undefined) },
    );
  }
}

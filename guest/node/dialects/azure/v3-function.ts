import type { Call } from '../../call.ts';
import { type Handler, HandlerUnusable } from '../../dialect.ts';
import { requestOf } from '../../event-request.ts';
import type { InstanceInfo } from '../../instance-info.ts';
import { EventAnswer } from '../../node-http/event-answer.ts';
import type { Responder } from '../../responder.ts';
import { sendJson } from '../../result.ts';
import type { Binding } from './bindings.ts';
import { isAllowed } from './function-keys.ts';
import { routeParams } from './http-request.ts';
import type { AzureFunction } from './registry.ts';
import { triggerInputs } from './trigger-input.ts';
import { type V3Context, v3Context } from './v3-context.ts';
import { v3Request } from './v3-request.ts';
import { sendV3, V3Response } from './v3-response.ts';

const HTTP: readonly Binding[] = [
  { type: 'httpTrigger', direction: 'in', name: 'req' },
  { type: 'http', direction: 'out', name: 'res' },
];

/** What a v3 function gave: its return value, and the outputs that it set. */
interface Outcome {
  readonly returned: unknown;
  readonly context: V3Context;
}

/** A function of the v3 programming model: `module.exports = async function (context, req) { … }`. */
export function v3Function(handle: AzureFunction, instance: InstanceInfo): Handler {
  const bindings = readBindings();
  const trigger = bindings.find(({ type }) => /trigger$/i.test(type));
  if (trigger === undefined) throw new HandlerUnusable('MAYFLY_AZURE_BINDINGS has no trigger.');
  const result = bindings.find(({ type, direction }) => direction === 'out' && type === 'http')?.name ?? null;
  const run = (
    call: Call,
    given: unknown,
    data: Readonly<Record<string, unknown>>,
    isHttp: boolean,
  ): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      let returned: unknown;
      const done = (error?: unknown, outputs?: unknown): void => {
        if (error !== undefined && error !== null) {
          reject(error);
          return;
        }
        if (typeof outputs === 'object' && outputs !== null) Object.assign(context.bindings, outputs);
        resolve({ returned, context });
      };
      const context = v3Context(instance, call, bindings, data, done);
      context.bindings[trigger.name] = given;
      if (isHttp) {
        context.req = given as NonNullable<V3Context['req']>;
        context.res = new V3Response(done);
      }
      void (async () => {
        try {
          const running = handle(context, given);
          // Without a promise, `context.done` or the response's own methods say when it is over.
          if (typeof (running as PromiseLike<unknown> | undefined)?.then !== 'function') return;
          returned = await running;
          resolve({ returned, context });
        } catch (thrown) {
          reject(thrown);
        }
      })();
    });

  if (trigger.type.toLowerCase() !== 'httptrigger') {
    return {
      async serve(call, respond) {
        if (call.message.http !== undefined) return respond.whole(404, [], null);
        let last: unknown;
        for (const { input, metadata } of await triggerInputs(trigger, call)) {
          const { returned } = await run(call, input, metadata ?? {}, false);
          last = returned;
        }
        sendJson(call.message.event?.type === 'mayfly.queue' ? { retry: [] } : last, respond);
      },
    };
  }
  return {
    async serve(call: Call, respond: Responder): Promise<void> {
      const http = requestOf(call.message);
      if (call.message.http !== undefined && !isAllowed(trigger.authLevel, http)) {
        return respond.whole(401, [], null);
      }
      const answer = call.message.http === undefined ? new EventAnswer() : respond;
      const params = routeParams(http.params, trigger.route);
      const request = v3Request(http, await call.body.all(), params);
      sendV3(responseOf(await run(call, request, { ...request.query, ...params }, true), result), answer);
      if (answer instanceof EventAnswer) answer.giveTo(respond);
    },
  };
}

/** `$return`: what was returned. Else the output of that name: returned, bound, or `context.res`. */
function responseOf({ returned, context }: Outcome, name: string | null): unknown {
  if (name === '$return') return returned;
  const { bindings, res } = context;
  if (name !== null && isObject(returned) && name in returned) return returned[name];
  if (name !== null && bindings[name] !== undefined) return bindings[name];
  if (res instanceof V3Response && isUntouched(res)) return isObject(returned) ? returned : null;
  return res;
}

function isUntouched({ statusCode, headers, body, ...rest }: V3Response): boolean {
  // `context.res.status = 201` replaces the method of that name.
  return statusCode === 200 && body === undefined && Object.keys(headers).length === 0 && !('status' in rest);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function readBindings(): readonly Binding[] {
  const text = process.env.MAYFLY_AZURE_BINDINGS;
  if (text === undefined || text === '') return HTTP;
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (thrown) {
    throw new HandlerUnusable(`MAYFLY_AZURE_BINDINGS is not JSON: ${(thrown as Error).message}`);
  }
  if (!Array.isArray(read)) throw new HandlerUnusable('MAYFLY_AZURE_BINDINGS is no list of bindings.');
  return read as readonly Binding[];
}

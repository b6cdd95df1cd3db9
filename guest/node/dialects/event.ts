import type { HttpCall } from '../../../src/contract/guest-messages.ts';
import type { Call } from '../call.ts';
import { CallContext } from '../call-context.ts';
import { type Dialect, type Handler, HandlerUnusable } from '../dialect.ts';
import { parseBody, parseData } from '../event-data.ts';
import type { InstanceInfo } from '../instance-info.ts';
import type { Responder } from '../responder.ts';
import { sendJson } from '../result.ts';

type EventFunction = (event: Readonly<Record<string, unknown>>, context: CallContext) => unknown;

/**
 * `export default (event, context) => result`: the event is a CloudEvent with its data parsed, the result is
 * JSON. An HTTP call arrives as an event of type `mayfly.http`.
 */
export const event: Dialect = {
  bind(exported: unknown, instance: InstanceInfo): Handler {
    if (typeof exported !== 'function') {
      const { file, export: name } = instance.handler;
      throw new HandlerUnusable(
        `The export "${name}" of ${file} is ${exported === undefined ? 'missing' : 'no function'}.`,
      );
    }
    const handle = exported as EventFunction;
    return {
      async serve(call: Call, respond: Responder): Promise<void> {
        const context = new CallContext(call);
        sendJson(await handle(await cloudEvent(call), context), respond);
        await context.background();
      },
    };
  },
};

async function cloudEvent(call: Call): Promise<Readonly<Record<string, unknown>>> {
  const { http, event } = call.message;
  return http === undefined ? { ...event, data: await parseData(call) } : await httpEvent(call, http);
}

async function httpEvent(call: Call, http: HttpCall): Promise<Readonly<Record<string, unknown>>> {
  const headers: Record<string, string> = {};
  for (let at = 0; at < http.headers.length; at += 2) {
    const name = http.headers[at]!.toLowerCase();
    const value = http.headers[at + 1]!;
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  const url = new URL(http.url);
  return {
    specversion: '1.0',
    id: call.message.id,
    source: `/${process.env.MAYFLY_APP}/${process.env.MAYFLY_FUNCTION}`,
    type: 'mayfly.http',
    time: new globalThis.Date().toISOString(),
    datacontenttype: 'application/json',
    data: {
      method: http.method,
      url: http.url,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers,
      params: http.params,
      body: parseBody(await call.body.all(), headers['content-type'] ?? 'application/octet-stream'),
    },
  };
}

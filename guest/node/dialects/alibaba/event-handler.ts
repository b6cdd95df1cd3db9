import type { Call } from '../../call.ts';
import type { Handler } from '../../dialect.ts';
import type { InstanceInfo } from '../../instance-info.ts';
import type { Responder } from '../../responder.ts';
import { asBytes, toJson } from '../../result.ts';
import { type AlibabaContext, alibabaContext, contextBase } from './context.ts';
import { httpEvent, sendHttpResult } from './http-event.ts';

type Callback = (error?: unknown, result?: unknown) => void;
export type EventFunction = (event: Buffer, context: AlibabaContext, callback: Callback) => unknown;

/** `(event, context[, callback])`: the event as bytes; of an HTTP call, the JSON that version 3.0 makes of it. */
export function eventHandler(handle: EventFunction, instance: InstanceInfo): Handler['serve'] {
  const base = contextBase(instance);
  return async (call: Call, respond: Responder) => {
    const { http } = call.message;
    const body = await call.body.all();
    const event =
      http === undefined ? body : Buffer.from(JSON.stringify(httpEvent(call.message, http, body)));
    const result = await run(handle, event, alibabaContext(base, call));
    if (http !== undefined) {
      sendHttpResult(result, respond);
      return;
    }
    const [content, type] = encode(result);
    respond.whole(200, ['content-type', type], content);
  };
}

/** Bytes stay as they are, an object is JSON, anything else its text. */
function encode(result: unknown): [content: string | Uint8Array, type: string] {
  if (result === undefined || result === null) return ['', 'application/octet-stream'];
  if (typeof result !== 'object') return [String(result), 'text/plain; charset=utf-8'];
  const bytes = asBytes(result);
  return bytes === null ? [toJson(result), 'application/json'] : [bytes, 'application/octet-stream'];
}

function run(handle: EventFunction, event: Buffer, context: AlibabaContext): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callback: Callback = (error, result) => {
      if (error !== undefined && error !== null) reject(error);
      else resolve(result);
    };
    void (async () => {
      try {
        const returned = handle(event, context, callback);
        const promised = typeof (returned as PromiseLike<unknown> | undefined)?.then === 'function';
        if (promised || handle.length < 3) resolve(await returned);
      } catch (thrown) {
        reject(thrown);
      }
    })();
  });
}

import { statusFrom } from '../../answer.ts';
import type { Call } from '../../call.ts';
import type { Responder } from '../../responder.ts';
import { asBytes, sendParts, toJson } from '../../result.ts';
import type { FnContext } from './context.ts';
import { HTTP_PREFIX } from './headers.ts';

const JSON_TYPE = /^application\/json|\+json/;

/** `fdk.rawResult`: bytes or text as they are. */
export class RawResult {
  readonly raw: unknown;

  constructor(raw: unknown) {
    this.raw = raw;
  }
}

/** `fdk.streamResult`: a stream as it comes. */
export class StreamResult {
  readonly stream: AsyncIterable<unknown>;

  constructor(stream: AsyncIterable<unknown>) {
    this.stream = stream;
  }
}

/** Answers with a function's result: as JSON when the content type is JSON, which it is unless the function says otherwise. */
export function sendResult(
  result: unknown,
  context: FnContext,
  call: Call,
  respond: Responder,
): void | Promise<void> {
  const { status, headers } = headOf(context, call);
  if (result instanceof StreamResult) {
    respond.head(status, headers);
    return sendParts(result.stream, call, respond);
  }
  const raw = result instanceof RawResult;
  const isJson = !raw && JSON_TYPE.test(context.responseContentType ?? '');
  respond.whole(status, headers, bodyOf(raw ? result.raw : result, isJson));
}

function bodyOf(value: unknown, isJson: boolean): Uint8Array | string | null {
  if (value === undefined || value === null) return null;
  if (isJson) return toJson(value);
  if (typeof value === 'string') return value;
  return (typeof value === 'object' ? asBytes(value) : null) ?? toJson(value);
}

/** What Fn's gateway makes of a function's headers: those for HTTP without their prefix, and the status. */
function headOf(context: FnContext, call: Call): { status: number; headers: string[] } {
  const given = context.responseHeaders;
  const headers: string[] = [];
  for (const key of Object.keys(given)) {
    const forHttp = key.startsWith(HTTP_PREFIX);
    if (!forHttp && (key.startsWith('Fn-') || key === 'Content-Length')) continue;
    const name = forHttp ? key.slice(HTTP_PREFIX.length) : key;
    const values = given[key]!;
    for (let at = 0; at < values.length; at += 1) {
      headers[headers.length] = name;
      headers[headers.length] = values[at]!;
    }
  }
  const isHttp = call.message.http !== undefined;
  return { status: isHttp ? statusFrom(given['Fn-Http-Status']?.[0], 200) : 200, headers };
}

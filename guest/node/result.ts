import type { Call } from './call.ts';
import { InvalidResponse } from './invalid-response.ts';
import type { Responder } from './responder.ts';
import { web } from './web.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';
const BYTES_TYPE = 'application/octet-stream';

/** Answers with any value: text, bytes, a stream of either, nothing (204), or what JSON can express. */
export function sendValue(value: unknown, call: Call, respond: Responder): void | Promise<void> {
  if (typeof value === 'string') return respond.whole(200, ['content-type', TEXT_TYPE], value);
  if (value === undefined || value === null) return respond.whole(204, [], null);
  if (typeof value === 'object') {
    const bytes = asBytes(value);
    if (bytes !== null) return respond.whole(200, ['content-type', BYTES_TYPE], bytes);
    const parts = asParts(value);
    if (parts !== null) {
      respond.head(200, ['content-type', BYTES_TYPE]);
      return sendParts(parts, call, respond);
    }
  }
  respond.whole(200, ['content-type', JSON_TYPE], toJson(value));
}

/** The result of an event call: always JSON; nothing is `null`. */
export function sendJson(value: unknown, respond: Responder): void {
  respond.whole(200, ['content-type', 'application/json'], value === undefined ? 'null' : toJson(value));
}

/** @throws InvalidResponse when JSON can't express the value */
export function toJson(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : 'its toJSON threw';
    throw new InvalidResponse(`JSON can not express the returned value: ${why}`, { cause: thrown });
  }
  if (text === undefined) throw new InvalidResponse(`JSON can not express a ${typeof value}.`);
  return text;
}

/** A view on the bytes of a buffer or typed array, else null. */
export function asBytes(value: object): Uint8Array | null {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return null;
}

function asParts(value: object): AsyncIterable<unknown> | null {
  return typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function'
    ? (value as AsyncIterable<unknown>)
    : null;
}

/** Streams parts at the client's pace; stops the source when the client has gone. */
export async function sendParts(
  parts: AsyncIterable<unknown>,
  call: Call,
  respond: Responder,
): Promise<void> {
  for await (const part of parts) {
    if (call.cancelled) break;
    await respond.chunk(partBytes(part));
  }
  respond.end();
}

/** Streams a web stream at the client's pace; cancels it when the client has gone. */
export async function sendStream(stream: ReadableStream, call: Call, respond: Responder): Promise<void> {
  const reader = stream.getReader();
  const stop = (): void => void reader.cancel(call.signal.reason).catch(() => undefined);
  call.onCancel(stop);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const full = respond.chunk(partBytes(value));
    if (full !== undefined) await full;
  }
  respond.end();
}

/** A readable stream over the request's body, pulled at the reader's pace. */
export function bodyStream(call: Call): ReadableStream<Uint8Array> {
  return new (web().ReadableStream)<Uint8Array>(
    {
      async pull(controller) {
        const part = await call.body.read();
        if (part === null) controller.close();
        else controller.enqueue(part);
      },
    },
    { highWaterMark: 0 },
  );
}

function partBytes(part: unknown): Uint8Array {
  if (typeof part === 'string') return Buffer.from(part);
  const bytes = typeof part === 'object' && part !== null ? asBytes(part) : null;
  if (bytes === null) throw new InvalidResponse(`A part of a body is text or bytes, not a ${typeof part}.`);
  return bytes;
}

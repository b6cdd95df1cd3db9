import type { IncomingMessage } from 'node:http';
import type { Call } from '../../node/call.ts';
import { type ProxyResult, proxyHead } from '../../node/dialects/lambda/result.ts';
import { InvalidResponse } from '../../node/invalid-response.ts';
import type { Responder } from '../../node/responder.ts';
import { PRELUDE_BYTES_MAX } from '../limits.ts';
import { ReportedError } from './reported-error.ts';

/** Content type of a streamed HTTP response: a JSON prelude, eight zero bytes, the body. */
const WITH_PRELUDE = 'application/vnd.awslambda.http-integration-response';
const DELIMITER = Buffer.alloc(8);
const ERROR_TYPE = 'lambda-runtime-function-error-type';
const ERROR_BODY = 'lambda-runtime-function-error-body';

/**
 * Passes a streamed response on at the client's pace. For an HTTP call its prelude becomes status and headers; an event's result
 * is passed as it comes. Trailers that name an error fail the call, when its head may have gone out long ago.
 * @returns the bytes of the body
 */
export async function sendStreamed(req: IncomingMessage, call: Call, respond: Responder): Promise<number> {
  const type = req.headers['content-type'] ?? 'application/octet-stream';
  const parts = req as AsyncIterable<Buffer>;
  const body =
    call.message.http !== undefined && type === WITH_PRELUDE
      ? await beginWithPrelude(parts, respond)
      : beginPlain(parts, type, respond);
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    // What nobody reads any more is taken all the same: the runtime must see the end of its own request.
    if (!call.cancelled) await respond.chunk(part);
  }
  const trailer = req.trailers[ERROR_TYPE];
  if (trailer !== undefined) {
    throw new ReportedError(trailer, Buffer.from(req.trailers[ERROR_BODY] ?? '', 'base64'));
  }
  respond.end();
  return bytes;
}

function beginPlain(parts: AsyncIterable<Buffer>, type: string, respond: Responder): AsyncIterable<Buffer> {
  respond.head(200, ['content-type', type]);
  return parts;
}

async function beginWithPrelude(
  parts: AsyncIterable<Buffer>,
  respond: Responder,
): Promise<AsyncIterable<Buffer>> {
  const source = parts[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  for (;;) {
    const { done, value } = await source.next();
    if (done === true) throw new InvalidResponse('The response ended within its prelude.');
    head = Buffer.concat([head, value]);
    const at = head.indexOf(DELIMITER);
    if (at >= 0) {
      const { status, headers } = proxyHead(parsePrelude(head.subarray(0, at)), 'application/octet-stream');
      respond.head(status, headers);
      return rest(head.subarray(at + DELIMITER.length), source);
    }
    if (head.length > PRELUDE_BYTES_MAX)
      throw new InvalidResponse('The prelude of the response is too long.');
  }
}

function parsePrelude(text: Buffer): ProxyResult {
  try {
    const prelude: unknown = JSON.parse(text.toString('utf8'));
    if (typeof prelude === 'object' && prelude !== null) return prelude;
  } catch {
    // Said below.
  }
  throw new InvalidResponse('The prelude of the response is no JSON object.');
}

async function* rest(first: Buffer, source: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
}

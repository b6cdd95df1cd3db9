import { Writable } from 'node:stream';
import type { Call } from '../../call.ts';
import { InvalidResponse } from '../../invalid-response.ts';
import type { Responder } from '../../responder.ts';
import { asBytes } from '../../result.ts';
import { type ContextBase, type LambdaContext, lambdaContext } from './context.ts';
import { type ProxyResult, proxyHead } from './result.ts';

export type StreamingFunction = (event: unknown, stream: ResponseWritable, context: LambdaContext) => unknown;

/** The symbol by which AWS's runtimes know a streaming handler; bundled code may set it itself. */
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');

export function isStreaming(handle: object): boolean {
  return (handle as Record<symbol, unknown>)[STREAMING] === 'response';
}

/** Defines the global `awslambda`. */
export function installAwsLambda(): void {
  const streamifyResponse = (handle: StreamingFunction): StreamingFunction =>
    Object.defineProperty(handle, STREAMING, { value: 'response', configurable: true });
  const from = (stream: ResponseWritable, prelude: ProxyResult): ResponseWritable => {
    stream.setPrelude(prelude);
    return stream;
  };
  Object.defineProperty(globalThis, 'awslambda', {
    configurable: true,
    writable: true,
    value: { streamifyResponse, HttpResponseStream: { from } },
  });
}

/** The stream that a streaming handler writes to; the head leaves with the first part. */
class ResponseWritable extends Writable {
  readonly #respond: Responder;
  #prelude: ProxyResult = {};
  #contentType = 'application/octet-stream';

  constructor(respond: Responder) {
    super({ highWaterMark: 64 * 1024 });
    this.#respond = respond;
  }

  setContentType(type: string): void {
    this.#contentType = type;
  }

  setPrelude(prelude: ProxyResult): void {
    if (this.#respond.begun) throw new InvalidResponse('The response has begun: its prelude comes too late.');
    this.#prelude = prelude;
  }

  override _write(part: unknown, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    try {
      this.#begin();
      void written(this.#respond.chunk(asBytes(part as Buffer)!), done);
    } catch (thrown) {
      done(thrown as Error);
    }
  }

  override _final(done: (error?: Error | null) => void): void {
    try {
      this.#begin();
      this.#respond.end();
      done();
    } catch (thrown) {
      done(thrown as Error);
    }
  }

  #begin(): void {
    if (this.#respond.begun) return;
    const { status, headers } = proxyHead(this.#prelude, this.#contentType);
    this.#respond.head(status, headers);
  }
}

async function written(full: Promise<void> | undefined, done: () => void): Promise<void> {
  if (full !== undefined) await full;
  done();
}

/** Runs a streaming handler until it and its stream have ended. */
export async function serveStreaming(
  handle: StreamingFunction,
  event: unknown,
  call: Call,
  base: ContextBase,
  respond: Responder,
): Promise<void> {
  const stream = new ResponseWritable(respond);
  const ended = endOf(stream);
  const ignored = (): void => undefined;
  const context = lambdaContext(base, call, { done: ignored, succeed: ignored, fail: ignored });
  const running = handle(event, stream, context);
  if (typeof (running as { then?: unknown } | null | undefined)?.then !== 'function') {
    throw new InvalidResponse('A streaming handler must return a promise.');
  }
  // A broken stream fails the call even while its handler still waits for something.
  await Promise.race([running, ended.failed]);
  // As in AWS, the promise may come before the end of the stream.
  await ended.finished;
}

function endOf(stream: Writable): { readonly finished: Promise<void>; readonly failed: Promise<never> } {
  let fail: (error: Error) => void;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  const finished = new Promise<void>((resolve, reject) => {
    stream.on('finish', resolve);
    stream.on('error', (error) => {
      reject(error);
      fail(error);
    });
    stream.on('close', () => {
      if (!stream.writableFinished)
        fail(new InvalidResponse('The response stream was closed before its end.'));
    });
  });
  // Each is awaited at one moment only; a rejection at another is not an unhandled one.
  finished.catch(() => undefined);
  failed.catch(() => undefined);
  return { finished, failed };
}

import type { IncomingMessage } from 'node:http';
import type { Call } from '../../node/call.ts';
import { httpResult } from '../../node/dialects/lambda/result.ts';
import { InvalidResponse } from '../../node/invalid-response.ts';
import type { Responder } from '../../node/responder.ts';
import { ApiError, invalidState } from './api-error.ts';
import { readAll } from './request-bytes.ts';
import { sendStreamed } from './streamed-response.ts';

/**
 * One call on its way through a custom runtime:
 *
 * ```
 *  waiting ──next──► running ──response, error──► answering ──► answered ──next──► settled
 * ```
 * It ends with the instance, wherever it is, when the program does.
 */
export class Invocation {
  readonly id: string;
  readonly call: Call;
  readonly payload: Buffer;
  readonly startedAt = performance.now();
  /** Settles when the call has: rejects with why it failed. */
  readonly settled: Promise<void>;
  state: 'waiting' | 'running' | 'answering' | 'answered' | 'settled' = 'waiting';
  /** Bytes of its answer. */
  producedBytes = 0;
  /** Why it failed: the runtime said so, or its answer was none. */
  failure: { readonly reason: unknown } | null = null;
  readonly #respond: Responder;
  readonly #resolve: () => void;
  readonly #reject: (reason: unknown) => void;

  constructor(call: Call, payload: Buffer, respond: Responder) {
    this.id = call.message.id;
    this.call = call;
    this.payload = payload;
    this.#respond = respond;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.settled = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Takes the runtime's answer. @throws ApiError when it is refused; the call has failed then, if it was this call's answer */
  async answer(req: IncomingMessage, streaming: boolean, bytesMax: number): Promise<void> {
    this.#begin('RuntimeInvocationResponseState');
    try {
      if (streaming) this.producedBytes = await sendStreamed(req, this.call, this.#respond);
      else this.#sendWhole(await readAll(req, bytesMax));
    } catch (thrown) {
      const cut = req.complete ? thrown : new InvalidResponse('The response was cut off.');
      this.failure = { reason: tooLarge(thrown) ?? cut };
      if (thrown instanceof ApiError) throw thrown;
    } finally {
      this.state = 'answered';
    }
  }

  /** The runtime reports that the call failed. @throws ApiError */
  async report(read: () => Promise<Error>): Promise<void> {
    this.#begin('RuntimeInvocationErrorResponseState');
    this.failure = { reason: await read().catch((thrown: unknown) => thrown) };
    this.state = 'answered';
  }

  /** The answer, or the failure, is complete and the runtime asks for more. */
  settle(): void {
    if (this.state !== 'answered') return;
    this.state = 'settled';
    if (this.failure === null) this.#resolve();
    else this.#reject(this.failure.reason);
  }

  #begin(to: string): void {
    if (this.state !== 'running') throw invalidState('the runtime', this.state, to);
    this.state = 'answering';
  }

  #sendWhole(body: Buffer): void {
    this.producedBytes = body.length;
    if (this.call.message.http === undefined) {
      const empty = body.length === 0;
      this.#respond.whole(200, ['content-type', 'application/json'], empty ? 'null' : body);
      return;
    }
    const { status, headers, body: content } = httpResult(parse(body));
    this.#respond.whole(status, headers, content);
  }
}

function parse(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (thrown) {
    throw new InvalidResponse(`The response to an HTTP call is no JSON: ${(thrown as Error).message}`);
  }
}

/** As AWS calls it. */
function tooLarge(thrown: unknown): Error | null {
  if (!(thrown instanceof ApiError) || thrown.status !== 413) return null;
  return Object.assign(new InvalidResponse(thrown.message), { name: 'Function.ResponseSizeTooLarge' });
}

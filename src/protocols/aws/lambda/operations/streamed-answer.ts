import { encodeEvent } from '../../event-stream.ts';
import type { OperationAnswer } from '../../rest/operation.ts';
import { functionErrorOf } from '../function-error.ts';
import type { InvocationTarget } from '../invocation-target.ts';
import type { InvocationRequest } from '../invocations.ts';
import type { LambdaParts } from '../lambda-deps.ts';

interface StreamedCall {
  readonly target: InvocationTarget;
  readonly request: InvocationRequest;
  readonly wantsLog: boolean;
}

/** Hands parts over one at a time: who gives waits until who takes has taken. */
class Handover {
  readonly #parts: { readonly part: Buffer; readonly taken: () => void }[] = [];
  #wake: () => void = () => {};
  #ended = false;

  give(part: Buffer): Promise<void> {
    return new Promise((taken) => {
      this.#parts.push({ part, taken });
      this.#wake();
    });
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *take(): AsyncGenerator<Buffer> {
    for (;;) {
      const next = this.#parts.shift();
      if (next !== undefined) {
        yield next.part;
        next.taken();
      } else if (this.#ended) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}

/**
 * A function's result as it comes, each part an event `PayloadChunk`, then `InvokeComplete` with what went wrong. The answer begins with
 * the first part, or with the end of the call: what fails before is an ordinary error.
 */
export async function streamedAnswer(
  { invocations, clock }: LambdaParts,
  { target, request, wantsLog }: StreamedCall,
): Promise<OperationAnswer> {
  const handover = new Handover();
  const startedAt = clock.wall();
  const begun = Promise.withResolvers<void>();
  const onPart = (part: Buffer): Promise<void> => {
    begun.resolve();
    return handover.give(part);
  };
  const calling = invocations.call(target, { ...request, onPart }).finally(() => handover.end());
  calling.catch(() => {});
  await Promise.race([begun.promise, calling]);

  async function* events(): AsyncGenerator<Buffer> {
    for await (const part of handover.take())
      yield encodeEvent(headersOf('PayloadChunk', 'application/octet-stream'), part);
    const result = await calling;
    const error = result.outcome === 'ok' ? null : functionErrorOf(result, target.timeoutMs);
    const complete = {
      ...(error === null ? {} : { ErrorCode: error.errorType, ErrorDetails: JSON.stringify(error) }),
      ...(wantsLog ? { LogResult: await invocations.logTail(target, result, startedAt) } : {}),
    };
    yield encodeEvent(headersOf('InvokeComplete', 'application/json'), Buffer.from(JSON.stringify(complete)));
  }
  return {
    status: 200,
    headers: {
      'content-type': 'application/vnd.amazon.eventstream',
      'x-amz-executed-version': target.version,
    },
    body: events(),
  };
}

function headersOf(event: string, contentType: string): Record<string, string> {
  return { ':message-type': 'event', ':event-type': event, ':content-type': contentType };
}

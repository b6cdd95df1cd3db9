import type { AsyncInvoker } from '../../../ports/async-invoker.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { EventResult, Invoker } from '../../../ports/invoker.ts';
import type { LambdaStore } from '../../../ports/lambda-store.ts';
import type { LogReader } from '../../../ports/log-reader.ts';
import { tooManyRequests } from '../aws-error.ts';
import type { DeployedFunction, FunctionCatalog, OwnFunction } from './function-catalog.ts';
import { type InvocationTarget, targetOf } from './invocation-target.ts';
import { logTailOf } from './log-tail.ts';
import type { Arns } from './names.ts';
import { traceparentOf } from './trace-header.ts';

export interface InvocationRequest {
  readonly payload: Buffer;
  readonly requestId: string;
  /** JSON. */
  readonly clientContext: string | null;
  /** The caller's `X-Amzn-Trace-Id`. */
  readonly traceHeader: string | undefined;
  readonly signal: AbortSignal;
  /** Whether the end of its log is wanted, which tells what memory it used. */
  readonly wantsLog?: boolean;
  /** Takes the parts of the result as they come; the function waits for it. */
  readonly onPart?: (part: Buffer) => Promise<void>;
  /** Told the answer's status and headers before its parts. */
  readonly onHead?: (status: number, headers: readonly string[]) => void;
  /** What the ledger calls it; `invoke` unless said. */
  readonly trigger?: string;
}

interface InvocationsDeps {
  readonly store: LambdaStore;
  readonly catalog: FunctionCatalog;
  readonly invoker: Invoker;
  readonly asyncInvoker: AsyncInvoker;
  readonly logs: LogReader;
  readonly clock: Clock;
  readonly arns: Arns;
}

/** Of the envelope of every event that comes by this API. */
export const EVENT_SOURCE = '/aws/lambda';

/** The envelope of a direct call; `invokedfunctionarn` and `clientcontext` are for the handler's context. */
export function invocationEvent({
  id,
  arn,
  clientContext,
  now,
}: {
  readonly id: string;
  readonly arn: string;
  readonly clientContext: string | null;
  readonly now: number;
}): Record<string, unknown> {
  return {
    specversion: '1.0',
    id,
    source: EVENT_SOURCE,
    type: 'mayfly.invoke',
    time: new Date(now).toISOString(),
    datacontenttype: 'application/json',
    invokedfunctionarn: arn,
    ...(clientContext === null ? {} : { clientcontext: clientContext }),
  };
}

/** Calls functions by their Lambda names. */
export class Invocations {
  readonly #deps: InvocationsDeps;
  /** Calls under way that somebody waits for, by app. */
  readonly #running = new Map<string, number>();

  constructor(deps: InvocationsDeps) {
    this.#deps = deps;
  }

  /** @throws AwsError ResourceNotFoundException */
  async target(fn: OwnFunction | DeployedFunction, qualifier: string | null): Promise<InvocationTarget> {
    return await targetOf(this.#deps, fn, qualifier);
  }

  /**
   * To its end. What is reserved for a function bounds its versions together, which only this door sees.
   * @throws AwsError TooManyRequestsException; MayflyError as `Invoker.invoke`
   */
  async call(target: InvocationTarget, request: InvocationRequest): Promise<EventResult> {
    const { app, reserved } = target;
    const running = this.#running.get(app) ?? 0;
    if (reserved !== null && running >= reserved) throw tooManyRequests();
    this.#running.set(app, running + 1);
    try {
      return await this.#call(target, request);
    } finally {
      const left = this.#running.get(app)! - 1;
      if (left === 0) this.#running.delete(app);
      else this.#running.set(app, left);
    }
  }

  async #call(target: InvocationTarget, request: InvocationRequest): Promise<EventResult> {
    const { payload, requestId, signal, onPart, onHead, trigger = 'invoke' } = request;
    const traceparent = traceparentOf(request.traceHeader);
    return await this.#deps.invoker.invoke({
      app: target.app,
      environment: target.environment,
      function: target.function,
      trigger,
      event: this.#event(target, request),
      body: payload,
      requestId,
      signal,
      measuresMemory: request.wantsLog === true,
      ...(onPart === undefined ? {} : { onPart }),
      ...(onHead === undefined ? {} : { onHead }),
      ...(traceparent === null ? {} : { traceparent }),
    });
  }

  /** Sooner or later; on disk when this resolves. @throws MayflyError QUEUE_FULL, STORAGE_FULL, SHUTTING_DOWN */
  async enqueue(target: InvocationTarget, request: InvocationRequest): Promise<void> {
    const { clock, asyncInvoker } = this.#deps;
    await asyncInvoker.enqueue({
      id: request.requestId,
      app: target.app,
      environment: target.environment,
      function: target.function,
      release: null,
      event: this.#event(target, request),
      body: request.payload,
      traceparent: traceparentOf(request.traceHeader),
      enqueuedAt: clock.wall(),
    });
  }

  /** The end of what a call logged, base64. */
  async logTail(target: InvocationTarget, result: EventResult, startedAt: number): Promise<string> {
    const { signal } = new AbortController();
    return await logTailOf(this.#deps.logs, { ...target, result, startedAt }, signal);
  }

  #event(
    { arn }: InvocationTarget,
    { requestId, clientContext }: InvocationRequest,
  ): Record<string, unknown> {
    return invocationEvent({ id: requestId, arn, clientContext, now: this.#deps.clock.wall() });
  }
}

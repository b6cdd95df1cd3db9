import type { AsyncInvoker } from '../../../ports/async-invoker.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { EventResult, Invoker } from '../../../ports/invoker.ts';
import type { LambdaStore } from '../../../ports/lambda-store.ts';
import type { LogReader } from '../../../ports/log-reader.ts';
import { tooManyRequests } from '../aws-error.ts';
import { versionFor } from './alias-routing.ts';
import type { DeployedFunction, FunctionCatalog, OwnFunction } from './function-catalog.ts';
import { settingsOf } from './function-settings.ts';
import { environmentOf, functionOfApp } from './lambda-app.ts';
import { logTailOf } from './log-tail.ts';
import { type Arns, LATEST } from './names.ts';
import { traceparentOf } from './trace-header.ts';

/** The very version that a call goes to. */
export interface InvocationTarget {
  readonly app: string;
  readonly environment: string;
  readonly function: string;
  /** `$LATEST` or a number. */
  readonly version: string;
  /** As the caller named it. */
  readonly arn: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** Calls of its function that may run at a time; null: no number was reserved. */
  readonly reserved: number | null;
}

export interface InvocationRequest {
  readonly payload: Buffer;
  readonly requestId: string;
  /** JSON. */
  readonly clientContext: string | null;
  /** The caller's `X-Amzn-Trace-Id`. */
  readonly traceHeader: string | undefined;
  readonly signal: AbortSignal;
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

const JSON_TYPE = 'application/json';

/** Calls functions by their Lambda names. */
export class Invocations {
  readonly #deps: InvocationsDeps;
  /** Calls under way that somebody waits for, by app. */
  readonly #running = new Map<string, number>();

  constructor(deps: InvocationsDeps) {
    this.#deps = deps;
  }

  /** Decides which version a call gets: an alias with shares draws. @throws AwsError ResourceNotFoundException */
  async target(fn: OwnFunction | DeployedFunction, qualifier: string | null): Promise<InvocationTarget> {
    const { catalog, arns, store } = this.#deps;
    const arn = arns.function(fn.name, qualifier);
    if (fn.kind === 'deployed') {
      if (qualifier !== null && qualifier !== LATEST) throw catalog.missing({ name: fn.name, qualifier });
      const { app, environment, version } = fn;
      const { timeoutMs, memoryMb } = version.limits;
      const place = { app, environment: environment.record.name, function: version.name };
      return { ...place, version: LATEST, arn, timeoutMs, memoryMb, reserved: null };
    }
    const { version, alias } = await catalog.qualified(fn, qualifier);
    const number = alias === null ? version.version : versionFor(alias, Math.random());
    const record =
      (number === version.version ? version : await store.getVersion(fn.name, number)) ?? version;
    const { Timeout, MemorySize } = settingsOf(record);
    return {
      app: fn.app,
      environment: environmentOf(record.version),
      function: functionOfApp(fn.app),
      version: record.version === 0 ? LATEST : String(record.version),
      arn,
      timeoutMs: Timeout * 1_000,
      memoryMb: MemorySize,
      reserved: fn.record.reserved,
    };
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
      event: this.#envelope(target, request),
      body: payload,
      requestId,
      signal,
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
      event: this.#envelope(target, request),
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

  /** The event of a direct call; `invokedfunctionarn` and `clientcontext` are for the handler's context. */
  #envelope({ arn }: InvocationTarget, request: InvocationRequest): Record<string, unknown> {
    const { requestId, clientContext } = request;
    return {
      specversion: '1.0',
      id: requestId,
      source: '/aws/lambda',
      type: 'mayfly.invoke',
      time: new Date(this.#deps.clock.wall()).toISOString(),
      datacontenttype: JSON_TYPE,
      invokedfunctionarn: arn,
      ...(clientContext === null ? {} : { clientcontext: clientContext }),
    };
  }
}

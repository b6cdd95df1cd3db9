import type { ServerResponse } from 'node:http';
import { ACCOUNT_ID, traceHeader } from '../../node/dialects/lambda/environment.ts';
import { invalidRequestId, invalidState } from './api-error.ts';
import type { Invocation } from './invocation.ts';

/** Who else must be done before a call is over: the extensions. */
export interface Companions {
  invoked(invocation: Invocation): void;
  settled(invocation: Invocation): void;
  /** Resolves when none is busy with a call. */
  back(): Promise<void>;
}

/**
 * Brings calls and the runtime's requests for one together. A runtime that serves one call at a time has settled it when it asks for
 * the next; one that serves several (`concurrency.perInstance`) asks ahead, and each call has settled when it is answered.
 */
export class Invocations {
  /** Resolves when the runtime asks for the first time: it is ready. */
  readonly asked: Promise<void>;
  readonly #perInstance: number;
  readonly #companions: Companions;
  readonly #arn: string;
  readonly #ask: () => void;
  #started = false;
  #calls: Invocation[] = [];
  #requests: ServerResponse[] = [];
  /** Running, answering or answered, by id. */
  readonly #open = new Map<string, Invocation>();
  #lastAnswered = '';

  constructor(perInstance: number, companions: Companions) {
    this.#perInstance = perInstance;
    this.#companions = companions;
    const { env } = process;
    this.#arn = `arn:aws:lambda:${env.AWS_REGION}:${ACCOUNT_ID}:function:${env.AWS_LAMBDA_FUNCTION_NAME}`;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.asked = promise;
    this.#ask = resolve;
  }

  /** The call that output belongs to; null when that cannot be told. */
  get currentId(): string | null {
    if (this.#open.size !== 1) return null;
    const [id] = this.#open.keys();
    return id!;
  }

  get arn(): string {
    return this.#arn;
  }

  get started(): boolean {
    return this.#started;
  }

  add(invocation: Invocation): void {
    const request = this.#requests.shift();
    if (request === undefined) this.#calls.push(invocation);
    else this.#deliver(invocation, request);
  }

  /** The runtime asks for a call; it waits for one. @throws ApiError */
  next(res: ServerResponse): void {
    const answered = this.#single();
    if (answered !== null && answered.state !== 'answered')
      throw invalidState('the runtime', 'Running', 'Ready');
    this.#started = true;
    this.#ask();
    res.once('close', () => {
      this.#requests = this.#requests.filter((other) => other !== res);
    });
    const call = this.#calls.shift();
    if (call === undefined) this.#requests.push(res);
    else this.#deliver(call, res);
    if (answered !== null) void this.#settle(answered);
  }

  /** The call that an answer is for. @throws ApiError */
  running(id: string, to: string): Invocation {
    const found = this.#open.get(id);
    if (found !== undefined) return found;
    if (this.#open.size === 0 || id === this.#lastAnswered) throw invalidState('the runtime', 'Ready', to);
    throw invalidRequestId();
  }

  /** The runtime's answer to it, or its report that it failed, is complete. */
  answered(invocation: Invocation): void {
    this.#lastAnswered = invocation.id;
    if (this.#perInstance > 1) void this.#settle(invocation);
  }

  /** The runtime has ended: what it had answered is over. */
  close(): void {
    for (const invocation of this.#open.values()) invocation.settle();
  }

  /** The one that runs, where one runs at a time. */
  #single(): Invocation | null {
    if (this.#perInstance > 1) return null;
    const [invocation] = this.#open.values();
    return invocation ?? null;
  }

  async #settle(invocation: Invocation): Promise<void> {
    // What it printed before it asked has come by then, and is still this call's.
    await new Promise((resolve) => void setImmediate(resolve));
    this.#companions.settled(invocation);
    await this.#companions.back();
    this.#open.delete(invocation.id);
    invocation.settle();
  }

  #deliver(invocation: Invocation, res: ServerResponse): void {
    const { call, id, payload } = invocation;
    invocation.state = 'running';
    this.#open.set(id, invocation);
    // As the caller named it: with the alias or the version, where it said one.
    const { clientcontext, cognitoidentity, invokedfunctionarn } = call.message.event ?? {};
    const headers: Record<string, string | number> = {
      'content-type': 'application/json',
      'content-length': payload.length,
      'lambda-runtime-aws-request-id': id,
      'lambda-runtime-deadline-ms': call.message.deadline,
      'lambda-runtime-invoked-function-arn':
        typeof invokedfunctionarn === 'string' ? invokedfunctionarn : this.#arn,
    };
    const trace = traceHeader(call.message.traceparent);
    if (trace !== null) headers['lambda-runtime-trace-id'] = trace;
    if (typeof clientcontext === 'string') headers['lambda-runtime-client-context'] = clientcontext;
    if (typeof cognitoidentity === 'string') headers['lambda-runtime-cognito-identity'] = cognitoidentity;
    res.writeHead(200, headers);
    res.end(payload);
    this.#companions.invoked(invocation);
  }
}

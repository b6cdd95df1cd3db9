import type { InvokeMessage } from '../../src/contract/guest-messages.ts';
import type { RequestBody } from './request-body.ts';
import type { ResponseStream } from './response-stream.ts';

/** One call while it runs. */
export class Call {
  readonly stream: number;
  readonly message: InvokeMessage;
  readonly body: RequestBody;
  readonly response: ResponseStream;
  readonly cpuStart: number;
  #abort: AbortController | null = null;
  #cancelled = false;
  #cancelListener: (() => void) | null = null;

  constructor(
    stream: number,
    message: InvokeMessage,
    body: RequestBody,
    response: ResponseStream,
    cpuStart: number,
  ) {
    this.stream = stream;
    this.message = message;
    this.body = body;
    this.response = response;
    this.cpuStart = cpuStart;
  }

  /** The client went away or the deadline passed; whatever is answered now is dropped. */
  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** Aborted when the client went away or the deadline passed. Made when first asked for: most calls never do. */
  get signal(): AbortSignal {
    if (this.#abort === null) {
      this.#abort = new AbortController();
      if (this.#cancelled) this.#abort.abort();
    }
    return this.#abort.signal;
  }

  /** Calls back when the call is cancelled, now if it was; a later listener replaces an earlier one. */
  onCancel(listener: () => void): void {
    if (this.#cancelled) listener();
    else this.#cancelListener = listener;
  }

  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.response.discard();
    this.body.fail(new RequestAborted());
    this.#abort?.abort();
    this.#cancelListener?.();
  }

  /** ms that are left until the call is given up; may be negative. */
  remainingMs(): number {
    return this.message.deadline - Date.now();
  }
}

/** Reading a body whose client has gone. */
class RequestAborted extends Error {
  override readonly name = 'AbortError';
  readonly code = 'ABORT_ERR';

  constructor() {
    super('The request was aborted: its client went away or its deadline passed.');
  }
}

import { randomUUID } from 'node:crypto';
import type { FailureMessage, HeadMessage } from '../../contract/guest-messages.ts';
import { MayflyError } from '../../domain/errors.ts';
import { addressOf } from '../../domain/snapshot.ts';
import { randomHex } from '../../kit/ids.ts';
import type { EventCall, EventResult, Invoker } from '../../ports/invoker.ts';
import type { Call, CallSink } from './call.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { LiveApps } from './live-apps.ts';

/** Codes of failures that the platform or its limits caused before or beside the function's own code. */
const NOT_THE_FUNCTIONS: ReadonlySet<string> = new Set(['caller', 'platform']);

/** The data plane's side of the `Invoker` port: event calls, collected whole. */
export class FunctionInvoker implements Invoker {
  readonly #live: LiveApps;
  readonly #dispatcher: Dispatcher;
  readonly #resultBytesMax: number;

  constructor(live: LiveApps, dispatcher: Dispatcher, resultBytesMax: number) {
    this.#live = live;
    this.#dispatcher = dispatcher;
    this.#resultBytesMax = resultBytesMax;
  }

  async invoke(event: EventCall): Promise<EventResult> {
    const snapshot = this.#live.find(addressOf(event.app, event.environment));
    if (snapshot === undefined) {
      throw new MayflyError(
        'NOT_FOUND',
        `There is no app "${event.app}" in environment "${event.environment}".`,
      );
    }
    const version = snapshot.functions.get(event.function);
    if (version === undefined) {
      throw new MayflyError('NOT_FOUND', `"${event.app}" has no function "${event.function}".`);
    }
    const message = {
      id: event.requestId ?? randomUUID(),
      release: snapshot.release,
      traceparent: event.traceparent ?? `00-${randomHex(16)}-${randomHex(8)}-01`,
      event: event.event,
    };
    const collector = new Collector(this.#resultBytesMax);
    const call = this.#dispatcher.make(
      version,
      snapshot.release,
      event.trigger,
      message,
      event.body,
      true,
      collector,
    );
    collector.call = call;
    const abort = (): void => call.abort('CLIENT_CLOSED');
    event.signal?.addEventListener('abort', abort, { once: true });
    this.#dispatcher.submit(call);
    await collector.done;
    event.signal?.removeEventListener('abort', abort);
    return resultOf(call, collector);
  }
}

function resultOf(call: Call, collector: Collector): EventResult {
  const { error, failure } = collector;
  if (error !== null && NOT_THE_FUNCTIONS.has(error.blame)) throw error;
  return {
    requestId: call.message.id,
    outcome: call.outcome,
    error:
      error === null
        ? null
        : {
            name: failure?.name ?? error.code,
            message: failure?.message ?? error.message,
            stack: failure?.stack ?? '',
          },
    contentType: collector.contentType,
    body: Buffer.concat(collector.parts),
    cold: call.cold,
    durationMs: call.durationMs,
    billedMs: call.billedMs,
  };
}

/** Takes an event call's whole answer into memory. */
class Collector implements CallSink {
  readonly done: Promise<void>;
  readonly parts: Buffer[] = [];
  contentType = 'application/octet-stream';
  error: MayflyError | null = null;
  failure: FailureMessage | null = null;
  call: Call | null = null;
  #bytes = 0;
  readonly #bytesMax: number;
  #finish!: () => void;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  head(head: HeadMessage, body: Buffer | null): void {
    for (let i = 0; i + 1 < head.headers.length; i += 2) {
      if (String(head.headers[i]).toLowerCase() === 'content-type')
        this.contentType = String(head.headers[i + 1]);
    }
    if (body !== null) this.chunk(body);
  }

  chunk(body: Buffer): void {
    this.#bytes += body.length;
    if (this.#bytes > this.#bytesMax) {
      throw new MayflyError('RESPONSE_TOO_LARGE', `The result is over the limit of ${this.#bytesMax} bytes.`);
    }
    // A copy: a view would keep the whole read buffer of the socket alive.
    this.parts.push(Buffer.from(body));
    this.call?.consumed(body.length);
  }

  writable(): void {}

  fail(error: MayflyError, failure: FailureMessage | null): void {
    this.error = error;
    this.failure = failure;
  }

  settled(): void {
    this.#finish();
  }
}

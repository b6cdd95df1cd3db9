import { randomUUID } from 'node:crypto';
import type { FailureMessage, HeadMessage } from '../../contract/guest-messages.ts';
import { MayflyError } from '../../domain/errors.ts';
import { addressOf } from '../../domain/snapshot.ts';
import { randomHex } from '../../kit/ids.ts';
import type { EventCall, EventResult, Invoker } from '../../ports/invoker.ts';
import type { ReleaseSource } from '../../ports/release-source.ts';
import type { Call, CallSink } from './call.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { LiveApps } from './live-apps.ts';
import type { LiveEnvironment } from './live-environment.ts';
import type { LiveRelease } from './live-release.ts';

/** Codes of failures that the platform or its limits caused before or beside the function's own code. */
const NOT_THE_FUNCTIONS: ReadonlySet<string> = new Set(['caller', 'platform']);

interface FunctionInvokerDependencies {
  readonly live: LiveApps;
  readonly dispatcher: Dispatcher;
  /** Asked for releases that no environment serves any more. */
  readonly releases: ReleaseSource;
  /** A larger result fails the call. */
  readonly resultBytesMax: number;
}

/** The data plane's side of the `Invoker` port: event calls, collected whole. */
export class FunctionInvoker implements Invoker {
  readonly #live: LiveApps;
  readonly #dispatcher: Dispatcher;
  readonly #releases: ReleaseSource;
  readonly #resultBytesMax: number;

  constructor({ live, dispatcher, releases, resultBytesMax }: FunctionInvokerDependencies) {
    this.#live = live;
    this.#dispatcher = dispatcher;
    this.#releases = releases;
    this.#resultBytesMax = resultBytesMax;
  }

  releaseFor(app: string, environment: string, eventId: string, wish?: string): string {
    const live = this.#environment(app, environment);
    const release = wish === undefined ? live.trackFor(eventId) : live.wished(wish);
    if (release !== null) return release.snapshot.release;
    if (wish === undefined) throw notServed(app, environment);
    throw new MayflyError('RELEASE_NOT_FOUND', `"${wish}" leads to no release of "${app}" that serves.`);
  }

  async invoke(event: EventCall): Promise<EventResult> {
    const id = event.requestId ?? randomUUID();
    const release = await this.#release(event, id);
    const { snapshot } = release;
    const version = snapshot.functions.get(event.function);
    if (version === undefined) {
      throw new MayflyError('NOT_FOUND', `"${event.app}" has no function "${event.function}".`);
    }
    const message = {
      id,
      traceparent: event.traceparent ?? `00-${randomHex(16)}-${randomHex(8)}-01`,
      event: event.event,
    };
    const collector = new Collector(this.#resultBytesMax, event);
    const call = this.#dispatcher.make(version, release, event.trigger, message, event.body, true, collector);
    collector.call = call;
    const abort = (): void => call.abort('CLIENT_CLOSED');
    event.signal?.addEventListener('abort', abort, { once: true });
    if (event.signal?.aborted === true) abort();
    this.#dispatcher.submit(call);
    await collector.done;
    await collector.delivered;
    event.signal?.removeEventListener('abort', abort);
    const peakMemoryMb = event.measuresMemory === true ? this.#dispatcher.peakMemoryMb(call) : null;
    return { ...resultOf(call, collector), peakMemoryMb };
  }

  #environment(app: string, environment: string): LiveEnvironment {
    const live = this.#live.find(addressOf(app, environment));
    if (live === undefined) throw notServed(app, environment);
    return live;
  }

  async #release({ app, environment, release: wanted, event }: EventCall, id: string): Promise<LiveRelease> {
    const live = this.#environment(app, environment);
    if (wanted === undefined || wanted === null) {
      const track = live.trackFor(typeof event.id === 'string' ? event.id : id);
      if (track === null) throw notServed(app, environment);
      return track;
    }
    const reachable = live.release(wanted);
    if (reachable !== null) return reachable;
    const stored = await this.#releases.find(app, environment, wanted);
    if (stored === null) throw new MayflyError('RELEASE_NOT_FOUND', `"${app}" has no release ${wanted}.`);
    return live.adopt(stored);
  }
}

function notServed(app: string, environment: string): MayflyError {
  return new MayflyError('NOT_FOUND', `There is no app "${app}" in environment "${environment}".`);
}

function resultOf(call: Call, collector: Collector): Omit<EventResult, 'peakMemoryMb'> {
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
    initMs: call.initMs,
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

  /** Settles when all parts have been taken, by whoever wants them as they come. */
  delivered: Promise<void> = Promise.resolve();
  readonly #onHead: EventCall['onHead'];
  readonly #onPart: EventCall['onPart'];

  constructor(bytesMax: number, { onHead, onPart }: Pick<EventCall, 'onHead' | 'onPart'>) {
    this.#bytesMax = bytesMax;
    this.#onHead = onHead;
    this.#onPart = onPart;
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  head(head: HeadMessage, body: Buffer | null): void {
    for (let i = 0; i + 1 < head.headers.length; i += 2) {
      if (String(head.headers[i]).toLowerCase() === 'content-type')
        this.contentType = String(head.headers[i + 1]);
    }
    this.#onHead?.(head.status, head.headers);
    if (body !== null) this.chunk(body);
  }

  chunk(body: Buffer): void {
    this.#bytes += body.length;
    if (this.#bytes > this.#bytesMax) {
      throw new MayflyError('RESPONSE_TOO_LARGE', `The result is over the limit of ${this.#bytesMax} bytes.`);
    }
    // A copy: a view would keep the whole read buffer of the socket alive.
    const part = Buffer.from(body);
    const onPart = this.#onPart;
    if (onPart === undefined) {
      this.parts.push(part);
      this.call?.consumed(part.length);
    } else {
      this.delivered = this.delivered.then(() => onPart(part)).then(() => this.call?.consumed(part.length));
    }
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

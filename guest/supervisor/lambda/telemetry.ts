import { request } from 'node:http';
import { TELEMETRY_BACKLOG_MAX, TELEMETRY_POST_MS_MAX } from '../limits.ts';
import type { Invocation } from './invocation.ts';
import { readSubscription, type Subscription, type TelemetryType } from './subscription.ts';

interface TelemetryEvent {
  readonly time: string;
  readonly type: string;
  readonly record: unknown;
}

/**
 * AWS's Telemetry API: what happens in the instance and what is printed there, sent in batches to extensions that
 * subscribed. Subscriptions are made while the instance starts, and begin with what happened until then.
 */
export class Telemetry {
  /** Of the init phase, for subscriptions to come; null: it is over. */
  #early: { readonly kind: TelemetryType; readonly event: TelemetryEvent }[] | null = [];
  readonly #subscribers: Subscriber[] = [];
  readonly #memoryMb: number;

  constructor(memoryMb: number) {
    this.#memoryMb = memoryMb;
  }

  /** @throws ApiError when the subscription is not valid, or too late */
  subscribe(name: string, body: Buffer): void {
    const subscription = readSubscription(body, this.#early !== null);
    const subscriber = new Subscriber(subscription);
    this.#subscribers.push(subscriber);
    for (const { kind, event } of this.#early ?? []) subscriber.take(kind, event);
    this.platform('telemetrySubscription', { name, state: 'Subscribed', types: subscription.types });
  }

  /** The init phase is over: nobody may subscribe any more. */
  close(): void {
    this.#early = null;
  }

  line(kind: 'function' | 'extension', text: string): void {
    this.#emit(kind, kind, text);
  }

  platform(name: string, record: unknown): void {
    this.#emit('platform', `platform.${name}`, record);
  }

  started(requestId: string): void {
    this.platform('start', { requestId, version: process.env.AWS_LAMBDA_FUNCTION_VERSION });
  }

  done({ id, startedAt, producedBytes, failure }: Invocation): void {
    const durationMs = performance.now() - startedAt;
    const status = failure === null ? 'success' : 'error';
    this.platform('runtimeDone', { requestId: id, status, metrics: { durationMs, producedBytes } });
    const metrics = { durationMs, billedDurationMs: Math.ceil(durationMs), memorySizeMB: this.#memoryMb };
    this.platform('report', { requestId: id, status, metrics });
  }

  /** Sends what is left. */
  async flush(): Promise<void> {
    await Promise.all(this.#subscribers.map((subscriber) => subscriber.flush()));
  }

  #emit(kind: TelemetryType, type: string, record: unknown): void {
    if (this.#early === null && this.#subscribers.length === 0) return;
    const event = { time: new Date().toISOString(), type, record };
    if (this.#early !== null && this.#early.length < TELEMETRY_BACKLOG_MAX) this.#early.push({ kind, event });
    for (const subscriber of this.#subscribers) subscriber.take(kind, event);
  }
}

/** One destination: batches go out when they are full or old enough, one at a time. */
class Subscriber {
  readonly #subscription: Subscription;
  #batch: TelemetryEvent[] = [];
  #bytes = 0;
  #dropped = 0;
  #timer: NodeJS.Timeout | null = null;
  #sending: Promise<void> | null = null;

  constructor(subscription: Subscription) {
    this.#subscription = subscription;
  }

  take(kind: TelemetryType, event: TelemetryEvent): void {
    const { types, buffering } = this.#subscription;
    if (!types.includes(kind)) return;
    if (this.#batch.length >= TELEMETRY_BACKLOG_MAX) {
      this.#dropped += 1;
      return;
    }
    this.#batch.push(event);
    this.#bytes +=
      typeof event.record === 'string' ? event.record.length : JSON.stringify(event.record).length;
    const full = this.#batch.length >= buffering.maxItems || this.#bytes >= buffering.maxBytes;
    if (full) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), buffering.timeoutMs);
  }

  async flush(): Promise<void> {
    while (this.#sending !== null) await this.#sending;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    if (this.#dropped > 0) {
      const record = { droppedRecords: this.#dropped, reason: 'The subscriber was too slow.' };
      batch.push({ time: new Date().toISOString(), type: 'platform.logsDropped', record });
    }
    this.#batch = [];
    this.#bytes = 0;
    this.#dropped = 0;
    this.#sending = post(this.#subscription.url, Buffer.from(JSON.stringify(batch)));
    await this.#sending;
    this.#sending = null;
  }
}

/** Settles when it was taken or refused: nothing is sent twice, as nobody could tell the copies apart. */
function post(url: URL, body: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    // Of the whole exchange: an answer may drip for ever.
    const signal = AbortSignal.timeout(TELEMETRY_POST_MS_MAX);
    const req = request(url, { method: 'POST', headers, signal }, (res) => {
      res.resume();
      res.once('close', resolve);
    });
    req.on('error', () => resolve());
    req.end(body);
  });
}

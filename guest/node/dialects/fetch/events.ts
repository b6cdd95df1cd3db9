import type { Call } from '../../call.ts';
import { parseData } from '../../event-data.ts';

/** What `scheduled` receives. */
export interface ScheduledController {
  /** When the run was due, ms since the epoch. */
  readonly scheduledTime: number;
  /** The schedule's expression. */
  readonly cron: string;
}

/** The schedule's event: `time` in the envelope, `{cron, scheduledTime?}` as data. */
export async function scheduledController(call: Call): Promise<ScheduledController> {
  const data = asRecord(await parseData(call));
  const due = data.scheduledTime ?? call.message.event?.time;
  const scheduledTime = typeof due === 'number' ? due : globalThis.Date.parse(String(due));
  return { scheduledTime: scheduledTime || Date.now(), cron: String(data.cron ?? '') };
}

/** One message of a batch. What is neither retried nor acknowledged counts as acknowledged when the handler returns. */
export class QueueMessage {
  readonly id: string;
  readonly timestamp: Date;
  readonly body: unknown;
  readonly attempts: number;
  retryWanted: { readonly id: string; readonly delaySeconds?: number } | null = null;

  constructor(raw: Record<string, unknown>) {
    this.id = String(raw.id ?? '');
    this.timestamp = new globalThis.Date((raw.timestamp as string | number | undefined) ?? Date.now());
    this.body = raw.body;
    this.attempts = typeof raw.attempts === 'number' ? raw.attempts : 1;
  }

  ack(): void {
    this.retryWanted = null;
  }

  retry(options?: { readonly delaySeconds?: number }): void {
    this.retryWanted = { id: this.id, ...options };
  }
}

/** What `queue` receives: the messages of one delivery, data `{queue, messages: [{id, timestamp, attempts, body}]}`. */
export class QueueBatch {
  readonly queue: string;
  readonly messages: readonly QueueMessage[];

  constructor(queue: string, messages: readonly QueueMessage[]) {
    this.queue = queue;
    this.messages = messages;
  }

  ackAll(): void {
    for (const message of this.messages) message.ack();
  }

  retryAll(options?: { readonly delaySeconds?: number }): void {
    for (const message of this.messages) message.retry(options);
  }

  /** The messages to deliver again: `[{id, delaySeconds?}]`. */
  retried(): { readonly id: string; readonly delaySeconds?: number }[] {
    const wanted: { readonly id: string; readonly delaySeconds?: number }[] = [];
    for (const { retryWanted } of this.messages) {
      if (retryWanted !== null) wanted[wanted.length] = retryWanted;
    }
    return wanted;
  }
}

export async function queueBatch(call: Call): Promise<QueueBatch> {
  const data = asRecord(await parseData(call));
  const raw = Array.isArray(data.messages) ? (data.messages as unknown[]) : [];
  const messages: QueueMessage[] = [];
  for (const message of raw) messages[messages.length] = new QueueMessage(asRecord(message));
  return new QueueBatch(String(data.queue ?? ''), messages);
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

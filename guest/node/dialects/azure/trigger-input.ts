import type { Call } from '../../call.ts';
import { parseData } from '../../event-data.ts';
import type { Binding } from './bindings.ts';

/** One run of a function that an event starts. */
export interface TriggerInput {
  readonly input: unknown;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  /** The message that it brings, when it is one of a batch. */
  readonly messageId: string | null;
  readonly attempts: number;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * What an event is to the trigger that it starts: a timer's state, a message, a blob's bytes, or the event itself. A batch of
 * messages is a run for each, but one for all where the trigger asks for many (`cardinality`).
 */
export async function triggerInputs(trigger: Binding, call: Call): Promise<readonly TriggerInput[]> {
  const event: Fields = call.message.event ?? {};
  const type = trigger.type.toLowerCase();
  if (type === 'blobtrigger') return [blobInput(trigger, event, await call.body.all())];
  const data = await parseData(call);
  if (type === 'timertrigger') return [single(timerInput(event, asFields(data)), undefined)];
  if (event.type === 'mayfly.queue') return batchInputs(trigger, asFields(data));
  if (type === 'eventgridtrigger' && event.type !== 'mayfly.invoke')
    return [single({ ...event, data }, event)];
  return [single(typeof data === 'string' ? parsedOrText(data) : data, metadataOf(event))];
}

function single(input: unknown, metadata: Fields | undefined): TriggerInput {
  return { input, metadata, messageId: null, attempts: 1 };
}

function timerInput(event: Fields, data: Fields): unknown {
  const due = data.scheduledTime ?? event.time ?? Date.now();
  const last = new globalThis.Date(due as string | number);
  const at = Number.isInteger(Math.floor(last.getTime())) ? last.toISOString() : String(due);
  const state = { last: at, next: at, lastUpdated: at };
  return { schedule: { adjustForDST: true }, isPastDue: false, scheduleStatus: state, ...data };
}

function batchInputs(trigger: Binding, data: Fields): readonly TriggerInput[] {
  const messages = Array.isArray(data.messages) ? (data.messages as unknown[]) : [];
  const inputs: TriggerInput[] = [];
  for (const message of messages) {
    const { id, timestamp, attempts, body } = asFields(message);
    const times = typeof attempts === 'number' ? attempts : 1;
    inputs[inputs.length] = {
      input: typeof body === 'string' ? parsedOrText(body) : body,
      metadata: {
        id,
        messageId: id,
        dequeueCount: times,
        deliveryCount: times,
        insertionTime: timestamp,
        enqueuedTimeUtc: timestamp,
        queueTrigger: typeof body === 'string' ? body : JSON.stringify(body),
      },
      messageId: String(id),
      attempts: times,
    };
  }
  if (trigger.cardinality !== 'many' || inputs.length === 0) return inputs;
  return [{ ...inputs[0]!, input: inputs.map(({ input }) => input) }];
}

/** The path that a blob's trigger watches names parts of the blob's path: `samples/{name}.png`. */
function blobInput(trigger: Binding, event: Fields, bytes: Buffer): TriggerInput {
  const path = String(event.subject ?? event.source ?? '').replace(/^\/+/, '');
  const named = matchPath(String(trigger.path ?? ''), path);
  return single(bytes, { ...metadataOf(event), ...named, blobTrigger: path, uri: event.source });
}

function matchPath(pattern: string, path: string): Record<string, string> {
  const names: string[] = [];
  const source = pattern
    .split(/(\{\w+\})/)
    .map((part) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      if (name === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      names.push(name);
      return '(.+)';
    })
    .join('');
  const found = new RegExp(`^${source}$`).exec(path);
  return Object.fromEntries(names.map((name, at) => [name, found?.[at + 1] ?? '']));
}

function metadataOf(event: Fields): Fields {
  const { datacontenttype: _type, specversion: _version, ...attributes } = event;
  return attributes;
}

/** Azure's hosts parse a message when it is JSON and pass it as text when it is not. */
function parsedOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

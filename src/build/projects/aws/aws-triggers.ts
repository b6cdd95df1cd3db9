import type { Place } from '../../problem.ts';
import type { TriggerFile } from '../../trigger-schema.ts';
import type { AppDraft } from '../app-draft.ts';
import { isMapping } from '../section.ts';
import { nameInArn } from './aws-resource.ts';
import { readAwsSchedule } from './aws-schedule.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** Settings of an event source mapping that both tools have, whatever they call them. */
export interface AwsBatching {
  readonly batch?: number | undefined;
  readonly windowS?: number | undefined;
  readonly parallel?: number | undefined;
  /** `['ReportBatchItemFailures']`, or the word alone. */
  readonly responses?: unknown;
  /** `[{ pattern }]`, patterns as mappings or JSON. */
  readonly filters?: unknown;
}

const windowSMost = 300;
const retentionSMost = 14 * 86_400;

/** Puts one event of a Lambda function into the draft as a trigger; what gets lost is told. */
export class AwsTriggers {
  readonly #draft: AppDraft;
  readonly #function: string;
  readonly #place: Place;
  /** How findings call the event. */
  readonly #what: string;
  readonly #enabled: boolean;

  constructor(draft: AppDraft, event: { name: string; place: Place; what: string; enabled: boolean }) {
    this.#draft = draft;
    this.#function = event.name;
    this.#place = event.place;
    this.#what = event.what;
    this.#enabled = event.enabled;
  }

  /** `rate(…)`, `cron(…)` or `at(…)`. */
  schedule(expression: string, input: unknown, timezone: string | undefined): void {
    const when = readAwsSchedule(expression);
    if (when === null) {
      this.ignored(`"${expression}" is no rate, cron expression or time`);
      return;
    }
    this.#add({
      schedule: {
        ...when,
        ...(timezone === undefined ? {} : { timezone }),
        ...(input === undefined ? {} : { input }),
      },
    });
  }

  queue(source: string, batching: AwsBatching): void {
    const { parallel, ...rest } = this.#batching(batching, 10);
    this.#add({
      queue: { name: nameInArn(source), ...rest, ...(parallel === undefined ? {} : { parallel }) },
    });
  }

  stream(
    source: string,
    of: 'table' | 'log',
    batching: AwsBatching,
    more: {
      from?: string | undefined;
      retries?: number | undefined;
      maxAgeS?: number | undefined;
      bisect?: boolean | undefined;
    },
  ): void {
    const { from, retries, maxAgeS, bisect } = more;
    const { parallel, ...rest } = this.#batching(batching, 100);
    this.#add({
      stream: {
        name: nameInArn(source),
        of,
        ...(from === 'TRIM_HORIZON' ? { from: 'oldest' } : {}),
        ...rest,
        ...(parallel === undefined ? {} : { parallel: Math.min(100, parallel) }),
        ...(retries === undefined || retries < 0 ? {} : { retries }),
        ...(maxAgeS === undefined || maxAgeS < 0 ? {} : { maxAge: `${Math.min(retentionSMost, maxAgeS)}s` }),
        ...(bisect === true ? { bisect } : {}),
      },
    });
  }

  topic(source: string, filter: unknown, scope: unknown): void {
    const policy = isMapping(filter) ? { filter } : {};
    const body = scope === 'MessageBody' ? ({ filterOn: 'body' } as const) : {};
    this.#add({ topic: { name: nameInArn(source), ...policy, ...body } });
  }

  /** `s3:ObjectCreated:*`, and rules for the beginning and end of names. */
  object(
    bucket: string,
    events: readonly string[],
    prefix: string | undefined,
    suffix: string | undefined,
  ): void {
    const kept = new Set<'created' | 'removed'>();
    for (const event of events) {
      const [, word] = /^s3:(ObjectCreated|ObjectRemoved):/.exec(event) ?? [];
      if (word === undefined) this.ignored(`nothing tells of ${event}`);
      else kept.add(word === 'ObjectCreated' ? 'created' : 'removed');
    }
    if (kept.size === 0) return;
    this.#add({
      object: {
        bucket: nameInArn(bucket),
        ...(kept.has('removed') ? { events: [...kept].sort() } : {}),
        ...(prefix === undefined || prefix === '' ? {} : { prefix }),
        ...(suffix === undefined || suffix === '' ? {} : { suffix }),
      },
    });
  }

  /** A pattern over AWS's event envelope becomes one over CloudEvents: `detail-type` is their `type`, `detail` their `data`. */
  event(bus: string | undefined, pattern: Mapping, input: unknown): void {
    const names: Readonly<Record<string, string>> = { 'detail-type': 'type', detail: 'data' };
    const entries = Object.entries(pattern).map(([key, value]) => [names[key] ?? key, value]);
    const name = bus === undefined ? 'default' : nameInArn(bus);
    this.#add({
      event: {
        ...(name === 'default' ? {} : { bus: name }),
        pattern: Object.fromEntries(entries),
        ...(input === undefined ? {} : { input }),
      },
    });
  }

  websocket(route: string): void {
    this.#add({ websocket: route });
  }

  /** `SELECT * FROM 'plant/+/temperature' WHERE temperature > 50` */
  mqtt(sql: string): void {
    const [, columns = '', topic, where] =
      /^\s*SELECT\s+(.+?)\s+FROM\s+'([^']+)'(?:\s+WHERE\s+(.+?))?\s*$/is.exec(sql) ?? [];
    if (topic === undefined) {
      this.ignored("it names no topic: SELECT … FROM 'TOPIC'");
      return;
    }
    if (columns !== '*') this.ignored(`the function gets the whole message, not "${columns}"`);
    this.#add({ mqtt: where === undefined ? topic : { topic, where } });
  }

  /** `PreSignUp` → `pre-sign-up`. */
  auth(step: string, pool: string | undefined): void {
    const on = step.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase();
    this.#add({ auth: pool === undefined ? on : { on, pool } });
  }

  log(group: string, filter: string | undefined): void {
    const name = group.replace(/^\/aws\/lambda\//, '');
    this.#add({ log: filter === undefined || filter === '' ? name : { group: name, filter } });
  }

  ignored(means: string): void {
    this.#draft.ignored({ place: this.#place, what: this.#what, means, function: this.#function });
  }

  later(means: string): void {
    this.#draft.later({ place: this.#place, what: this.#what, means, function: this.#function });
  }

  #batching({ batch, windowS, parallel, responses, filters }: AwsBatching, usual: number) {
    const partial = Array.isArray(responses)
      ? responses.includes('ReportBatchItemFailures')
      : responses === 'ReportBatchItemFailures';
    const patterns = patternsOf(filters);
    return {
      ...(batch === undefined || batch === usual ? {} : { batch }),
      ...(windowS === undefined || windowS === 0 ? {} : { window: `${Math.min(windowSMost, windowS)}s` }),
      ...(partial ? { partialFailures: true } : {}),
      ...(patterns.length === 0 ? {} : { filters: patterns }),
      parallel,
    };
  }

  #add(trigger: TriggerFile): void {
    const { queue, topic, stream, object, log, auth, websocket } = trigger;
    const words = [queue, topic, stream, object, log, auth, websocket].flatMap((of) =>
      typeof of === 'object' ? Object.values(of).slice(0, 1) : (of ?? []),
    );
    if (words.includes('')) {
      this.ignored('the trigger is left out: it does not say which source is meant');
      return;
    }
    const entry = this.#enabled ? trigger : { ...trigger, enabled: false };
    this.#draft.add(['functions', this.#function, 'triggers'], entry, this.#place);
  }
}

function patternsOf(filters: unknown): Mapping[] {
  const list = Array.isArray(filters) ? filters : [];
  return list.flatMap((item: unknown): Mapping[] => {
    const pattern = isMapping(item) ? (item.pattern ?? item.Pattern ?? item) : item;
    if (isMapping(pattern)) return [pattern];
    try {
      const parsed: unknown = JSON.parse(String(pattern));
      return isMapping(parsed) ? [parsed] : [];
    } catch {
      return [];
    }
  });
}

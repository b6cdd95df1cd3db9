import Type, { type Static } from 'typebox';

/**
 * Event sources that a function may be bound to, as a release keeps them: every value validated, every default filled in.
 * HTTP is no trigger: a route leads there. A release may name a kind that the node has no service for; it is kept, shown as
 * waiting, and begins to work when that service arrives.
 */
const Word = Type.String({ minLength: 1, maxLength: 1_024 });
const OrNull = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
const Mapping = Type.Record(Type.String({ maxLength: 256 }), Type.Unknown());
const WindowMs = Type.Integer({
  minimum: 0,
  maximum: 300_000,
  description: 'how long a batch is gathered',
});
const Batch = Type.Integer({ minimum: 1, maximum: 10_000 });
/** Event patterns of which one must match; empty: every event. */
const Filters = Type.Array(Mapping, { maxItems: 100 });

const trigger = <K extends string, P extends Type.TProperties>(kind: K, properties: P) =>
  Type.Object(
    { kind: Type.Literal(kind), enabled: Type.Boolean(), ...properties },
    { additionalProperties: false },
  );

export const TriggerSchema = Type.Union([
  /** Exactly one of `everyMs`, `cron` and `at` is not null. */
  trigger('schedule', {
    everyMs: OrNull(Type.Integer({ minimum: 1_000 })),
    cron: OrNull(Word),
    at: OrNull(Word),
    timezone: Type.String({ maxLength: 64, description: 'IANA name' }),
    input: Type.Unknown({ description: "the event's data; null: when it was due" }),
  }),
  trigger('queue', {
    queue: Word,
    batch: Batch,
    windowMs: WindowMs,
    parallel: OrNull(Type.Integer({ minimum: 1, maximum: 10_000 })),
    partialFailures: Type.Boolean({ description: 'whether the answer names the messages that failed' }),
    filters: Filters,
  }),
  trigger('topic', {
    topic: Word,
    filter: OrNull(Mapping),
    filterOn: Type.Union([Type.Literal('attributes'), Type.Literal('body')]),
  }),
  trigger('object', {
    bucket: Word,
    events: Type.Array(Type.Union([Type.Literal('created'), Type.Literal('removed')]), { minItems: 1 }),
    prefix: Type.String({ maxLength: 1_024 }),
    suffix: Type.String({ maxLength: 1_024 }),
  }),
  trigger('stream', {
    /** What changes: a table's rows, or a log of records in partitions. */
    of: Type.Union([Type.Literal('table'), Type.Literal('log')]),
    stream: Word,
    from: Type.Union([Type.Literal('oldest'), Type.Literal('latest'), Word], {
      description: 'or a time, ISO 8601',
    }),
    batch: Batch,
    windowMs: WindowMs,
    parallel: Type.Integer({ minimum: 1, maximum: 100, description: 'batches of one partition at a time' }),
    retries: OrNull(Type.Integer({ minimum: 0, maximum: 10_000 })),
    maxAgeMs: OrNull(Type.Integer({ minimum: 0 })),
    bisect: Type.Boolean({ description: 'whether a batch that failed is tried again in halves' }),
    partialFailures: Type.Boolean(),
    filters: Filters,
  }),
  /** CloudEvents from a bus; a pattern names fields and the values that they may have. */
  trigger('event', { bus: Word, pattern: Mapping, input: Type.Unknown() }),
  trigger('websocket', { route: Word }),
  /** `where`: a condition in SQL over the message; null: every message. */
  trigger('mqtt', { topic: Word, where: OrNull(Word) }),
  /** A step in a user's sign-up or sign-in. */
  trigger('auth', { on: Word, pool: OrNull(Word) }),
  /** Log lines of a function or of a group of them. */
  trigger('log', { group: Word, filter: Type.String({ maxLength: 1_024 }) }),
]);

export type TriggerManifest = Static<typeof TriggerSchema>;
export type TriggerKind = TriggerManifest['kind'];

/** A trigger in a few words, for people: `queue orders`, `schedule every 5m`. */
export function sayTrigger(trigger: TriggerManifest): string {
  const text = `${trigger.kind} ${subjectOf(trigger)}`;
  return trigger.enabled ? text : `${text} (off)`;
}

function subjectOf(trigger: TriggerManifest): string {
  switch (trigger.kind) {
    case 'schedule':
      if (trigger.everyMs !== null) return `every ${trigger.everyMs / 1_000}s`;
      return trigger.cron === null ? `at ${trigger.at}` : `"${trigger.cron}"`;
    case 'queue':
      return trigger.queue;
    case 'topic':
      return trigger.topic;
    case 'object':
      return `${trigger.bucket} ${trigger.events.join('/')}`;
    case 'stream':
      return trigger.stream;
    case 'event':
      return trigger.bus;
    case 'websocket':
      return trigger.route;
    case 'mqtt':
      return trigger.topic;
    case 'auth':
      return trigger.on;
    case 'log':
      return trigger.group;
  }
}

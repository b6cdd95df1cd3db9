import Type, { type Static } from 'typebox';
import { duration } from './duration-schema.ts';

/** What may stand in a function's `triggers`. Each entry is a mapping with one event source, and perhaps `enabled`. */
const closed = { additionalProperties: false } as const;

const text = (title: string, description: string) =>
  Type.String({ minLength: 1, maxLength: 1_024, title, description });
const flag = (description: string) => Type.Boolean({ title: 'true or false', description });
const mapping = (description: string) =>
  Type.Record(Type.String({ maxLength: 256 }), Type.Unknown(), { title: 'a mapping', description });
const whole = (minimum: number, maximum: number, description: string) =>
  Type.Integer({ minimum, maximum, title: `a whole number from ${minimum} to ${maximum}`, description });

const batch = (otherwise: number) =>
  Type.Optional(whole(1, 10_000, `Most events in one call. Default: ${otherwise}.`));
const window = Type.Optional(duration('How long a batch is gathered, at most 5m. Default: not at all.'));
const partialFailures = Type.Optional(
  flag('Whether the answer names the events that failed, so that only those come again. Default: false.'),
);
const filters = Type.Optional(
  Type.Array(mapping('A pattern: fields, and the values that they may have.'), {
    maxItems: 100,
    title: 'a list of patterns',
    description: 'Patterns of which one must match. Default: every event.',
  }),
);

const ScheduleSchema = Type.Union(
  [
    Type.String({ minLength: 1, maxLength: 256 }),
    Type.Object(
      {
        every: Type.Optional(duration('How often, at least every second.')),
        cron: Type.Optional(
          text(
            'a cron expression',
            'Minute, hour, day, month, weekday (0 is Sunday); a field more in front: seconds; two more: seconds and, last, the year.',
          ),
        ),
        at: Type.Optional(text('a time', 'Once: a time such as "2027-01-31T09:00:00".')),
        timezone: Type.Optional(text('an IANA time zone', 'Whose clock the expression means. Default: UTC.')),
        input: Type.Optional(Type.Unknown({ description: "The event's data. Default: when it was due." })),
      },
      closed,
    ),
  ],
  {
    title: '"every 5m", a cron expression, "at TIME", or a mapping with "every", "cron" or "at"',
    description: 'The clock.',
  },
);

const QueueSchema = Type.Union(
  [
    Type.String({ minLength: 1, maxLength: 1_024 }),
    Type.Object(
      {
        name: text('the name of a queue', 'Which queue.'),
        batch: batch(10),
        window,
        parallel: Type.Optional(whole(1, 10_000, "Calls at a time. Default: the function's own limit.")),
        partialFailures,
        filters,
      },
      closed,
    ),
  ],
  { title: 'the name of a queue, or a mapping with "name"', description: 'Messages of a queue.' },
);

const TopicSchema = Type.Union(
  [
    Type.String({ minLength: 1, maxLength: 1_024 }),
    Type.Object(
      {
        name: text('the name of a topic', 'Which topic.'),
        filter: Type.Optional(mapping('A pattern that a message must match. Default: every message.')),
        filterOn: Type.Optional(
          Type.Enum(['attributes', 'body'], {
            title: '"attributes" or "body"',
            description: 'What the pattern is about. Default: attributes.',
          }),
        ),
      },
      closed,
    ),
  ],
  { title: 'the name of a topic, or a mapping with "name"', description: 'Messages published to a topic.' },
);

const ObjectSchema = Type.Union(
  [
    Type.String({ minLength: 1, maxLength: 1_024 }),
    Type.Object(
      {
        bucket: text('the name of a bucket', 'Which bucket.'),
        events: Type.Optional(
          Type.Array(Type.Enum(['created', 'removed'], { title: '"created" or "removed"' }), {
            minItems: 1,
            maxItems: 2,
            title: 'a list of "created" and "removed"',
            description: 'What must happen to an object. Default: created.',
          }),
        ),
        prefix: Type.Optional(text('a text', 'How the name of the object begins.')),
        suffix: Type.Optional(text('a text', 'How it ends.')),
      },
      closed,
    ),
  ],
  {
    title: 'the name of a bucket, or a mapping with "bucket"',
    description: 'Objects that come into or leave a bucket.',
  },
);

const StreamSchema = Type.Union(
  [
    Type.String({ minLength: 1, maxLength: 1_024 }),
    Type.Object(
      {
        name: text('the name of a table or log', 'Which table or log.'),
        of: Type.Optional(
          Type.Enum(['table', 'log'], {
            title: '"table" or "log"',
            description: 'Changes of a table, or records of a log in partitions. Default: log.',
          }),
        ),
        from: Type.Optional(text('oldest, latest or a time', 'Where to begin. Default: latest.')),
        batch: batch(100),
        window,
        parallel: Type.Optional(whole(1, 100, 'Batches of one partition at a time. Default: 1.')),
        retries: Type.Optional(
          whole(0, 10_000, 'How often a batch is tried again. Default: until it is too old.'),
        ),
        maxAge: Type.Optional(duration('From which age on a record is given up. Default: never.')),
        bisect: Type.Optional(flag('Whether a batch that failed is tried again in halves. Default: false.')),
        partialFailures,
        filters,
      },
      closed,
    ),
  ],
  {
    title: 'the name of a table or log, or a mapping with "name"',
    description: 'Changes of a table, or records of a log, in their order.',
  },
);

const EventSchema = Type.Union(
  [
    Type.String({ minLength: 1, maxLength: 1_024 }),
    Type.Object(
      {
        bus: Type.Optional(text('the name of a bus', 'Which bus. Default: default.')),
        pattern: Type.Optional(
          mapping('Fields of a CloudEvent and lists of values that they may have. Default: every event.'),
        ),
        input: Type.Optional(Type.Unknown({ description: "Data in place of the event's own." })),
      },
      closed,
    ),
  ],
  {
    title: 'an event\'s type, or a mapping with "pattern"',
    description: 'CloudEvents on a bus.',
  },
);

const MqttSchema = Type.Union(
  [
    Type.String({ minLength: 1, maxLength: 1_024 }),
    Type.Object(
      {
        topic: text('a topic filter', 'Such as "plant/+/temperature".'),
        where: Type.Optional(text('a condition', 'In SQL, over the message. Default: every message.')),
      },
      closed,
    ),
  ],
  { title: 'a topic filter, or a mapping with "topic"', description: 'Messages of devices.' },
);

const AuthSchema = Type.Union(
  [
    Type.String({ minLength: 1, maxLength: 64 }),
    Type.Object(
      {
        on: text('a step such as "pre-sign-up"', 'Which step.'),
        pool: Type.Optional(text('the name of a user pool', 'Whose users. Default: all.')),
      },
      closed,
    ),
  ],
  {
    title: 'a step such as "pre-sign-up", or a mapping with "on"',
    description: "A user's sign-up or sign-in.",
  },
);

const LogSchema = Type.Union(
  [
    Type.String({ minLength: 1, maxLength: 1_024 }),
    Type.Object(
      {
        group: text('a log group', 'Whose lines.'),
        filter: Type.Optional(text('a text', 'What a line must contain. Default: anything.')),
      },
      closed,
    ),
  ],
  { title: 'a log group, or a mapping with "group"', description: 'Log lines.' },
);

/** One of the sources; that it is exactly one is for `readTrigger` to say. */
export const TriggerFileSchema = Type.Object(
  {
    schedule: Type.Optional(ScheduleSchema),
    queue: Type.Optional(QueueSchema),
    topic: Type.Optional(TopicSchema),
    object: Type.Optional(ObjectSchema),
    stream: Type.Optional(StreamSchema),
    event: Type.Optional(EventSchema),
    websocket: Type.Optional(
      text(
        'a route such as "$connect", "$default" or a name',
        'Messages and changes of WebSocket connections.',
      ),
    ),
    mqtt: Type.Optional(MqttSchema),
    auth: Type.Optional(AuthSchema),
    log: Type.Optional(LogSchema),
    enabled: Type.Optional(flag('Whether it is on. Default: true.')),
  },
  { ...closed, title: 'a mapping with one event source, such as "queue: orders"' },
);

export type TriggerFile = Static<typeof TriggerFileSchema>;

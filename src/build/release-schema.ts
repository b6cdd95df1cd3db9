import Type, { type Static } from 'typebox';
import { PERCENT_PATTERN } from '../kit/quantity.ts';
import { CANARY_STEP_PATTERN, CANARY_STEPS_PATTERN } from './canary-steps.ts';
import { duration } from './duration-schema.ts';

/** The part of the configuration that is about a release as a whole, not about a function. */
const closed = { additionalProperties: false } as const;

const OFF = Type.Enum(['off']);
const share = (description: string) =>
  Type.Union([Type.String({ pattern: PERCENT_PATTERN }), OFF], {
    title: 'a share such as "1%" or "0.25%", or off',
    description,
  });

const StepSchema = Type.Union(
  [
    Type.String({ pattern: CANARY_STEP_PATTERN }),
    Type.Object(
      {
        weight: Type.String({ pattern: PERCENT_PATTERN, title: 'a share such as "5%"' }),
        hold: Type.Optional(duration('How long until the next step. Default: until somebody says so.')),
      },
      closed,
    ),
  ],
  { title: 'a step such as "5% 10m", or a mapping with "weight"' },
);

const stepsOf = {
  text: Type.String({ pattern: CANARY_STEPS_PATTERN }),
  list: Type.Array(StepSchema, { title: 'a list of steps', minItems: 1, maxItems: 100 }),
};

const GuardsSchema = Type.Union(
  [
    OFF,
    Type.Object(
      {
        errors: Type.Optional(
          share('Share of failed calls that it may have more than the stable release. Default: 1%.'),
        ),
        p99: Type.Optional(
          Type.Union([Type.Number({ minimum: 1, maximum: 1_000 }), OFF], {
            title: 'a number of times from 1 to 1000, or off',
            description:
              "How many times the stable release's p99 of warm calls its own may be. Default: 1.5.",
          }),
        ),
        coldStarts: Type.Optional(
          share(
            'Share of cold calls that it may have more; a canary with few clients is colder. Default: off.',
          ),
        ),
        metrics: Type.Optional(
          Type.Union(
            [
              OFF,
              Type.Record(
                Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_.-]{0,63}$' }),
                Type.Number({ title: 'a number' }),
                { ...closed, title: 'a mapping of metric names (letters, digits, "_", ".", "-") to numbers' },
              ),
            ],
            {
              title: 'a mapping of metric names to numbers, or off',
              description:
                'Metrics that functions log ("metric.NAME"), and how much more a call it may count on average. Default: none.',
            },
          ),
        ),
        calls: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 1_000_000,
            title: 'a whole number from 1 to 1000000',
            description: 'Calls of the canary below which nothing is concluded. Default: 100.',
          }),
        ),
        falseAlarm: Type.Optional(
          Type.String({
            pattern: PERCENT_PATTERN,
            title: 'a share such as "1%"',
            description:
              'Chance that a canary as good as the stable release is aborted all the same. Default: 1%.',
          }),
        ),
      },
      closed,
    ),
  ],
  {
    title: 'a mapping with "errors", "p99", "coldStarts", "metrics", "calls" or "falseAlarm", or off',
    description: 'What ends a canary early: figures worse than those of the stable release in the same time.',
  },
);

export const CanarySchema = Type.Union(
  [
    stepsOf.text,
    stepsOf.list,
    Type.Object(
      {
        steps: Type.Union([stepsOf.text, stepsOf.list], {
          title: 'steps such as "5% 10m, 25% 10m, 100%", or a list of them',
          description: 'Shares of the clients, and how long each is held.',
        }),
        key: Type.Optional(
          Type.String({
            pattern: "^(cookie|address|header:[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128})$",
            title: '"cookie", "address" or "header:NAME"',
            description: 'By what a client is recognised, so that it stays on its side. Default: cookie.',
          }),
        ),
        guards: Type.Optional(GuardsSchema),
      },
      closed,
    ),
  ],
  {
    title: 'steps such as "5% 10m, 25% 10m, 100%", a list of them, or a mapping with "steps"',
    description: 'How a release is brought in bit by bit by "mayfly deploy --canary".',
  },
);

const SmokeSchema = Type.Union(
  [
    Type.String({ pattern: '^([A-Z]{1,16} +)?/\\S*$', maxLength: 2_048 }),
    Type.Object(
      {
        request: Type.String({
          pattern: '^([A-Z]{1,16} +)?/\\S*$',
          maxLength: 2_048,
          title: 'a request such as "GET /health"',
          description: 'What is asked for. Without a method: GET.',
        }),
        headers: Type.Optional(
          Type.Record(
            Type.String({ pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$" }),
            Type.String({
              pattern: '^[\\t\\x20-\\x7e\\x80-\\xff]*$',
              maxLength: 8_192,
              title: 'a text of one line',
            }),
            { ...closed, title: 'a mapping of header names to texts', description: 'Request headers.' },
          ),
        ),
        body: Type.Optional(
          Type.String({ maxLength: 65_536, title: 'a text', description: 'Request body. Default: none.' }),
        ),
        status: Type.Optional(
          Type.Integer({
            minimum: 100,
            maximum: 599,
            title: 'an HTTP status from 100 to 599',
            description: 'The status that is right. Default: 200.',
          }),
        ),
        contains: Type.Optional(
          Type.String({
            maxLength: 8_192,
            title: 'a text',
            description: 'Text that the answer must contain. Default: any.',
          }),
        ),
        timeout: Type.Optional(duration('How long the answer may take, at most 1m. Default: 10s.')),
      },
      closed,
    ),
  ],
  { title: 'a request such as "GET /health", or a mapping with "request"' },
);

export const SmokeListSchema = Type.Array(SmokeSchema, {
  maxItems: 100,
  title: 'a list of requests',
  description: 'Requests that a release must answer rightly before it serves anybody.',
});

export const ResourcesSchema = Type.Record(
  Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' }),
  Type.Record(
    Type.String({ pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' }),
    Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()], {
      title: 'a mapping, or nothing',
    }),
    { ...closed, title: 'a mapping of names (lower-case letters, digits, inner hyphens) to settings' },
  ),
  {
    ...closed,
    title: 'a mapping of kinds (lower-case letters, digits, hyphens) to resources',
    description: 'What holds state beside the functions, by kind and name. The node says which kinds it has.',
  },
);

export type CanaryFile = Static<typeof CanarySchema>;
export type GuardsFile = Static<typeof GuardsSchema>;
export type SmokeFile = Static<typeof SmokeListSchema>[number];
export type ResourcesFile = Static<typeof ResourcesSchema>;

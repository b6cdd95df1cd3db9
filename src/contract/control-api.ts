import Type, { type Static } from 'typebox';
import { ProblemSchema, Timestamp } from './control-api-parts.ts';
import { Sha256Schema } from './manifest.ts';
import { CanaryShareSchema, DeployedFunctionSchema, EnvironmentKindSchema } from './release-api.ts';

/** In a file of its own, so that the CLI can name the headers without loading the schemas (80 ms). */
export { InvocationHeaders } from './invocation-headers.ts';

/**
 * The control API's messages. The node validates with these schemas, publishes them in `/openapi.json`, and the CLI
 * takes its types from them. Paths:
 *
 * ```
 * GET    /v1/status                                                     Status
 * GET    /v1/apps                                                       AppList
 * GET    /v1/apps/:app                                                  AppDescription
 * DELETE /v1/apps/:app                                                  204
 * POST   /v1/blobs/missing                       MissingRequest       → MissingAnswer
 * PUT    /v1/blobs/:sha256                       bytes                → 204
 * GET    /v1/apps/:app/environments/:environment/variables              VariableList
 * PUT    /v1/apps/:app/environments/:environment/variables   VariableChange → VariableChangeAnswer
 * POST   /v1/apps/:app/environments/:environment/functions/:function/invocations   bytes → bytes (InvocationHeaders)
 *        with ?async=true: answers 202 as soon as the call is on disk        → AsyncAnswer
 * GET    /v1/apps/:app/environments/:environment/dead-invocations       DeadInvocationList
 * GET    /v1/logs?app&environment&function&request&since&until&limit&follow       NDJSON of LogLine
 * POST   /v1/usage/report                        UsageQuery           → UsageReport
 * GET    /v1/tokens                                                     TokenList
 * POST   /v1/tokens                              TokenRequest         → TokenAnswer
 * DELETE /v1/tokens/:id                                                 204
 * GET    /v1/credentials                                                Credentials (credentials-api.ts)
 * ```
 * Those about releases and environments are in `release-api.ts`, those about runtimes in `runtime-api.ts`. Errors are `application/problem+json` (RFC 9457) of the shape `Problem`.
 */
const closed = { additionalProperties: false } as const;

export { ProblemSchema };

export const RoleSchema = Type.Union(
  [Type.Literal('admin'), Type.Literal('deploy'), Type.Literal('invoke'), Type.Literal('read')],
  {
    description:
      'admin: all; deploy: change apps; invoke: call functions; read: look. Each includes the later ones.',
  },
);

/** Asynchronous calls since the data folder was made: `enqueued = inFlight + done + dead`. */
export const AsyncCountsSchema = Type.Object({
  enqueued: Type.Integer(),
  inFlight: Type.Integer(),
  done: Type.Integer(),
  dead: Type.Integer(),
});

export const StatusSchema = Type.Object({
  version: Type.String(),
  node: Type.String({ description: 'Node.js version of the platform' }),
  python: Type.Union([Type.String(), Type.Null()], {
    description: 'version of the Python that runs functions; null: none was found, or not yet',
  }),
  pid: Type.Integer(),
  startedAt: Timestamp,
  isolation: Type.Object({ driver: Type.String(), guarantees: Type.Record(Type.String(), Type.Unknown()) }),
  listeners: Type.Object({ gateway: Type.String(), control: Type.String(), edge: Type.String() }),
  apps: Type.Integer(),
  functions: Type.Integer(),
  previews: Type.Integer(),
  canaries: Type.Integer({ description: 'environments with a canary' }),
  instances: Type.Record(Type.String(), Type.Integer(), { description: 'count by state' }),
  calls: Type.Object({ inFlight: Type.Integer(), waiting: Type.Integer(), served: Type.Integer() }),
  asyncCalls: AsyncCountsSchema,
  memory: Type.Object({ rssMb: Type.Number(), heapMb: Type.Number() }),
});

export const AppSummarySchema = Type.Object({
  app: Type.String(),
  environment: Type.String(),
  kind: EnvironmentKindSchema,
  release: Type.String(),
  canary: CanaryShareSchema,
  activatedAt: Timestamp,
  functions: Type.Array(Type.String()),
  url: Type.String(),
});
export const AppListSchema = Type.Object({ apps: Type.Array(AppSummarySchema) });

export const AppDescriptionSchema = Type.Object({
  app: Type.String(),
  environments: Type.Array(
    Type.Object({
      environment: Type.String(),
      kind: EnvironmentKindSchema,
      release: Type.String(),
      canary: CanaryShareSchema,
      activatedAt: Timestamp,
      url: Type.String(),
      functions: Type.Array(
        Type.Intersect([
          DeployedFunctionSchema,
          Type.Object({
            handler: Type.String(),
            limits: Type.Record(Type.String(), Type.Unknown()),
            routes: Type.Array(Type.Object({ method: Type.String(), pattern: Type.String() })),
            artifact: Type.String(),
          }),
        ]),
      ),
    }),
  ),
});

export const MissingRequestSchema = Type.Object(
  { sha256: Type.Array(Sha256Schema, { maxItems: 100_000 }) },
  closed,
);
export const MissingAnswerSchema = Type.Object({ missing: Type.Array(Sha256Schema) });

export const VariableSchema = Type.Object({
  name: Type.String(),
  function: Type.String({ description: 'the function it is for; empty: all' }),
  secret: Type.Boolean(),
  value: Type.Union([Type.String(), Type.Null()], { description: 'null for a secret: never shown' }),
  updatedAt: Timestamp,
});
export const VariableListSchema = Type.Object({ variables: Type.Array(VariableSchema) });
export const VariableChangeSchema = Type.Object(
  {
    set: Type.Optional(
      Type.Array(
        Type.Object(
          {
            name: Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,255}$' }),
            value: Type.String({ maxLength: 32_768 }),
            secret: Type.Boolean(),
            function: Type.Optional(Type.String({ maxLength: 63 })),
          },
          closed,
        ),
        { maxItems: 1_000 },
      ),
    ),
    unset: Type.Optional(Type.Array(Type.String({ maxLength: 256 }), { maxItems: 1_000 })),
  },
  closed,
);
export const VariableChangeAnswerSchema = Type.Object({ changed: Type.Integer() });

export const InvocationQuerySchema = Type.Object(
  { async: Type.Optional(Type.Boolean({ description: 'answer before the call is made' })) },
  closed,
);
export const AsyncAnswerSchema = Type.Object({ requestId: Type.String() });
export const DeadInvocationListSchema = Type.Object({
  invocations: Type.Array(
    Type.Object({
      requestId: Type.String(),
      function: Type.String(),
      attempts: Type.Integer(),
      enqueuedAt: Timestamp,
      diedAt: Timestamp,
      error: Type.Object({ code: Type.String(), message: Type.String() }),
    }),
    { description: 'newest first' },
  ),
});

export const LogLineSchema = Type.Object({
  time: Timestamp,
  level: Type.String(),
  app: Type.String(),
  environment: Type.String(),
  function: Type.String(),
  version: Type.String(),
  requestId: Type.Union([Type.String(), Type.Null()]),
  message: Type.String(),
  fields: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
});

export const LogQuerySchema = Type.Object(
  {
    app: Type.Optional(Type.String()),
    environment: Type.Optional(Type.String()),
    function: Type.Optional(Type.String()),
    request: Type.Optional(Type.String()),
    level: Type.Optional(Type.String()),
    since: Type.Optional(Type.Integer({ description: 'ms since the epoch' })),
    until: Type.Optional(Type.Integer({ description: 'ms since the epoch' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
    follow: Type.Optional(Type.Boolean()),
  },
  closed,
);

/** A price list: what a vendor asks, with its date and source, so that a bill can be checked. */
export const PriceListSchema = Type.Object(
  {
    name: Type.String(),
    date: Type.String({ description: 'ISO date on which the prices were public' }),
    source: Type.String(),
    currency: Type.String({ maxLength: 8 }),
    perMillionRequests: Type.Number({ minimum: 0 }),
    perGbSecond: Type.Number({ minimum: 0 }),
    freeRequests: Type.Optional(Type.Number({ minimum: 0 })),
    freeGbSeconds: Type.Optional(Type.Number({ minimum: 0 })),
  },
  closed,
);

export const UsageQuerySchema = Type.Object(
  {
    by: Type.Union([Type.Literal('app'), Type.Literal('function'), Type.Literal('day')]),
    app: Type.Optional(Type.String()),
    from: Type.Optional(Timestamp),
    to: Type.Optional(Timestamp),
    priceList: Type.Optional(PriceListSchema),
  },
  closed,
);

export const UsageRowSchema = Type.Object({
  key: Type.String(),
  calls: Type.Integer(),
  errors: Type.Integer(),
  coldStarts: Type.Integer(),
  p50Ms: Type.Number(),
  p99Ms: Type.Number(),
  billedMs: Type.Integer(),
  gbSeconds: Type.Number(),
  cpuMs: Type.Number(),
  cost: Type.Number(),
});
export const UsageReportSchema = Type.Object({
  from: Timestamp,
  to: Timestamp,
  priceList: PriceListSchema,
  rows: Type.Array(UsageRowSchema),
  total: UsageRowSchema,
});

export const TokenSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  role: RoleSchema,
  apps: Type.Union([Type.Array(Type.String()), Type.Null()]),
  createdAt: Timestamp,
  expiresAt: Type.Union([Timestamp, Type.Null()]),
});
export const TokenListSchema = Type.Object({ tokens: Type.Array(TokenSchema) });
export const TokenRequestSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 128 }),
    role: RoleSchema,
    apps: Type.Optional(Type.Array(Type.String(), { maxItems: 1_000 })),
    expiresInMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_155_760_000_000 })),
  },
  closed,
);
export const TokenAnswerSchema = Type.Object({ id: Type.String(), token: Type.String() });

export type Problem = Static<typeof ProblemSchema>;
export type Role = Static<typeof RoleSchema>;
export type Status = Static<typeof StatusSchema>;
export type AppSummary = Static<typeof AppSummarySchema>;
export type AppDescription = Static<typeof AppDescriptionSchema>;
export type Variable = Static<typeof VariableSchema>;
export type VariableChange = Static<typeof VariableChangeSchema>;
export type LogLine = Static<typeof LogLineSchema>;
export type LogQuery = Static<typeof LogQuerySchema>;
export type PriceList = Static<typeof PriceListSchema>;
export type UsageQuery = Static<typeof UsageQuerySchema>;
export type UsageRow = Static<typeof UsageRowSchema>;
export type UsageReport = Static<typeof UsageReportSchema>;
export type Token = Static<typeof TokenSchema>;
export type TokenRequest = Static<typeof TokenRequestSchema>;

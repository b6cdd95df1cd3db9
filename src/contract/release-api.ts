import Type, { type Static } from 'typebox';
import { ProblemSchema, Timestamp } from './control-api-parts.ts';
import { ArtifactFileSchema, CanaryPlanSchema, NameSchema, ReleaseManifestSchema } from './manifest.ts';

/**
 * The control API's messages about releases and environments. Paths:
 *
 * ```
 * POST   /v1/apps/:app/releases                            DeployRequest → DeployAnswer, or NDJSON of DeployEvent
 *                                                          when the client accepts application/x-ndjson
 * GET    /v1/apps/:app/releases                                          → ReleaseList
 * GET    /v1/apps/:app/releases/:release                                 → ReleaseDescription
 * GET    /v1/apps/:app/releases/:release/diff?against=RELEASE            → ReleaseDiff
 * GET    /v1/apps/:app/environments                                      → EnvironmentList
 * GET    /v1/apps/:app/environments/:environment                         → EnvironmentDescription
 * DELETE /v1/apps/:app/environments/:environment                         → 204
 * POST   /v1/apps/:app/environments/:environment/promote   PromoteRequest  → TrafficAnswer
 * POST   /v1/apps/:app/environments/:environment/rollback  RollbackRequest → TrafficAnswer
 * POST   /v1/apps/:app/environments/:environment/canary    CanaryRequest   → TrafficAnswer
 * POST   /v1/apps/:app/environments/:environment/clone     CloneRequest    → EnvironmentDescription
 * ```
 * A deploy of what is live already is the problem ALREADY_LIVE, with the DeployAnswer that it would have had in `details.answer`.
 */
const closed = { additionalProperties: false } as const;
const Release = Type.String({ description: '`r-` and 12 hex digits' });

export const EnvironmentKindSchema = Type.Union([Type.Literal('permanent'), Type.Literal('preview')]);

/** The release on trial and its share of the clients, in basis points. */
export const CanaryShareSchema = Type.Union([
  Type.Object({ release: Release, weight: Type.Integer() }),
  Type.Null(),
]);

export const DeployedFunctionSchema = Type.Object({
  name: Type.String(),
  version: Type.String(),
  runtime: Type.String(),
  dialect: Type.String(),
  urls: Type.Array(Type.String()),
  /** Its event sources, in words; left out when it has none. `waiting`: the node has no service for it yet. */
  triggers: Type.Optional(
    Type.Array(Type.Object({ kind: Type.String(), text: Type.String(), waiting: Type.Boolean() })),
  ),
});

export const DeployRequestSchema = Type.Object(
  {
    environment: NameSchema,
    message: Type.Optional(Type.String({ maxLength: 4_096 })),
    manifest: ReleaseManifestSchema,
    /** The file lists of every artifact that the manifest names. */
    artifacts: Type.Array(Type.Array(ArtifactFileSchema, { maxItems: 100_000 }), { maxItems: 10_000 }),
    /** Makes the environment when it is new. Default: permanent. */
    kind: Type.Optional(EnvironmentKindSchema),
    /** `no`: the release is kept and checked, and serves nobody. `canary`: by this plan, else by the manifest's. Default: `yes`. */
    activate: Type.Optional(Type.Union([Type.Literal('yes'), Type.Literal('no'), Type.Literal('canary')])),
    canary: Type.Optional(CanaryPlanSchema),
    /** A release that takes away declared resources is refused without it. */
    allowDestroy: Type.Optional(Type.Boolean()),
  },
  closed,
);

export const DeployAnswerSchema = Type.Object({
  app: Type.String(),
  environment: Type.String(),
  release: Release,
  /** Whether it serves: all clients, some, or none yet. */
  state: Type.Union([Type.Literal('live'), Type.Literal('canary'), Type.Literal('inactive')]),
  functions: Type.Array(DeployedFunctionSchema),
});

/** `runtime` only when one has to be fetched, `image` only when a function is one. */
export const DEPLOY_STAGES = [
  'check',
  'runtime',
  'upload',
  'image',
  'resources',
  'warm',
  'smoke',
  'activate',
] as const;

/** A line of a deploy's progress; the last is `done` or `failed`. */
export const DeployEventSchema = Type.Union([
  Type.Object({
    event: Type.Literal('stage'),
    stage: Type.Enum([...DEPLOY_STAGES]),
    at: Timestamp,
    message: Type.String(),
  }),
  Type.Object({ event: Type.Literal('done'), at: Timestamp, answer: DeployAnswerSchema }),
  Type.Object({ event: Type.Literal('failed'), at: Timestamp, problem: ProblemSchema }),
]);

export const ReleaseSummarySchema = Type.Object({
  release: Release,
  createdAt: Timestamp,
  createdBy: Type.String(),
  message: Type.String(),
  functions: Type.Integer(),
  activeIn: Type.Array(Type.String(), { description: 'environments that it is stable in' }),
  canaryIn: Type.Array(Type.String()),
});
export const ReleaseListSchema = Type.Object({ releases: Type.Array(ReleaseSummarySchema) });

export const ReleaseDescriptionSchema = Type.Intersect([
  ReleaseSummarySchema,
  Type.Object({
    app: Type.String(),
    manifest: ReleaseManifestSchema,
    artifacts: Type.Array(
      Type.Object({ artifact: Type.String(), files: Type.Integer(), bytes: Type.Integer() }),
    ),
  }),
]);

const Change = <S extends Type.TSchema>(value: S) =>
  Type.Object({
    name: Type.String(),
    change: Type.Union([Type.Literal('added'), Type.Literal('removed'), Type.Literal('changed')]),
    before: Type.Union([value, Type.Null()]),
    after: Type.Union([value, Type.Null()]),
  });
/** What `release` is, compared with `against`. Sorted by name. */
export const ReleaseDiffSchema = Type.Object({
  app: Type.String(),
  against: Release,
  release: Release,
  functions: Type.Array(
    Type.Object({
      name: Type.String(),
      change: Type.Union([Type.Literal('added'), Type.Literal('removed'), Type.Literal('changed')]),
      /** Which parts differ: `code`, `handler`, `runtime`, `dialect`, `env`, `limits`. */
      parts: Type.Array(Type.String()),
      bytesBefore: Type.Union([Type.Integer(), Type.Null()]),
      bytesAfter: Type.Union([Type.Integer(), Type.Null()]),
    }),
  ),
  routes: Type.Array(Change(Type.String({ description: 'the function that it leads to' }))),
  resources: Type.Array(Change(Type.String({ description: 'its declaration, JSON' }))),
  /** Settings of functions and of the app: `hello.limits.memoryMb`, `canary`. Values as JSON. */
  configuration: Type.Array(Change(Type.String())),
});

const HealthSchema = Type.Object({
  release: Release,
  calls: Type.Integer(),
  errors: Type.Integer(),
  cold: Type.Integer(),
  p50Ms: Type.Number(),
  p99Ms: Type.Number(),
  metrics: Type.Record(Type.String(), Type.Number(), { description: 'mean a call' }),
});

export const CanarySchema = Type.Object({
  id: Type.String(),
  release: Release,
  startedAt: Timestamp,
  weight: Type.Integer({ description: 'basis points of the clients' }),
  step: Type.Integer(),
  stepSince: Type.Integer(),
  nextStepAt: Type.Union([Timestamp, Type.Null()]),
  paused: Type.Boolean(),
  plan: CanaryPlanSchema,
  health: Type.Union([
    Type.Object({ since: Timestamp, stable: HealthSchema, canary: HealthSchema }),
    Type.Null(),
  ]),
});

export const HistoryEntrySchema = Type.Object({
  seq: Type.Integer(),
  at: Timestamp,
  /** Token that did it; `mayfly` when the node itself did. */
  by: Type.String(),
  action: Type.String(),
  release: Type.Union([Release, Type.Null()], { description: 'stable after it' }),
  canary: CanaryShareSchema,
  reason: Type.String(),
});

export const EnvironmentDescriptionSchema = Type.Object({
  app: Type.String(),
  environment: Type.String(),
  kind: EnvironmentKindSchema,
  url: Type.String(),
  release: Type.Union([Release, Type.Null()]),
  activatedAt: Timestamp,
  canary: Type.Union([CanarySchema, Type.Null()]),
  /** Newest first. */
  history: Type.Array(HistoryEntrySchema),
});
export const EnvironmentListSchema = Type.Object({
  environments: Type.Array(Type.Omit(EnvironmentDescriptionSchema, ['history'])),
});

/** Either a release, or whatever another environment serves as stable. */
export const PromoteRequestSchema = Type.Object(
  {
    release: Type.Optional(Release),
    from: Type.Optional(NameSchema),
    canary: Type.Optional(Type.Union([CanaryPlanSchema, Type.Literal('plan')])),
    reason: Type.Optional(Type.String({ maxLength: 4_096 })),
    allowDestroy: Type.Optional(Type.Boolean()),
  },
  closed,
);
/** Without a release: the one that was stable before. */
export const RollbackRequestSchema = Type.Object(
  { release: Type.Optional(Release), reason: Type.Optional(Type.String({ maxLength: 4_096 })) },
  closed,
);
export const CanaryRequestSchema = Type.Object(
  {
    action: Type.Union([
      Type.Literal('set'),
      Type.Literal('pause'),
      Type.Literal('resume'),
      Type.Literal('finish'),
      Type.Literal('abort'),
    ]),
    /** Basis points, for `set`. */
    weight: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000 })),
    reason: Type.Optional(Type.String({ maxLength: 4_096 })),
  },
  closed,
);
/** Makes the environment `to` with this one's release and variables, secrets included. */
export const CloneRequestSchema = Type.Object(
  {
    to: NameSchema,
    kind: Type.Optional(EnvironmentKindSchema),
  },
  closed,
);
export const TrafficAnswerSchema = Type.Object({
  app: Type.String(),
  environment: Type.String(),
  release: Type.Union([Release, Type.Null()]),
  canary: CanaryShareSchema,
  /** From the decision to the moment at which every new call is served by it, ms. */
  activationMs: Type.Number(),
});

export type DeployedFunction = Static<typeof DeployedFunctionSchema>;
export type DeployRequest = Static<typeof DeployRequestSchema>;
export type DeployAnswer = Static<typeof DeployAnswerSchema>;
export type DeployEvent = Static<typeof DeployEventSchema>;
export type DeployStage = (typeof DEPLOY_STAGES)[number];
export type ReleaseList = Static<typeof ReleaseListSchema>;
export type ReleaseDescription = Static<typeof ReleaseDescriptionSchema>;
export type ReleaseDiff = Static<typeof ReleaseDiffSchema>;
export type EnvironmentDescription = Static<typeof EnvironmentDescriptionSchema>;
export type EnvironmentList = Static<typeof EnvironmentListSchema>;
export type PromoteRequest = Static<typeof PromoteRequestSchema>;
export type RollbackRequest = Static<typeof RollbackRequestSchema>;
export type CanaryRequest = Static<typeof CanaryRequestSchema>;
export type CloneRequest = Static<typeof CloneRequestSchema>;
export type TrafficAnswer = Static<typeof TrafficAnswerSchema>;

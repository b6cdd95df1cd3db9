import Type, { type Static } from 'typebox';
import { TriggerSchema } from './triggers.ts';

/**
 * What a build produces and a deploy uploads: an app with every value validated and every default filled in.
 * The schema validates it again on the node: a manifest may come from any client.
 */
export const NameSchema = Type.String({ pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$', maxLength: 63 });
export const Sha256Schema = Type.String({ pattern: '^[0-9a-f]{64}$' });

const CorsSchema = Type.Object(
  {
    origins: Type.Array(Type.String({ maxLength: 256 }), { maxItems: 64 }),
    methods: Type.Array(Type.String({ maxLength: 32 }), { maxItems: 16 }),
    headers: Type.Array(Type.String({ maxLength: 128 }), { maxItems: 64 }),
    exposeHeaders: Type.Array(Type.String({ maxLength: 128 }), { maxItems: 64 }),
    credentials: Type.Boolean(),
    maxAgeS: Type.Integer({ minimum: 0, maximum: 86_400 }),
  },
  { additionalProperties: false },
);

export const RouteSchema = Type.Object(
  {
    method: Type.String({ pattern: '^(\\*|[A-Z]+)$', maxLength: 16 }),
    pattern: Type.String({ pattern: '^/', maxLength: 1024 }),
    cors: Type.Union([CorsSchema, Type.Null()]),
  },
  { additionalProperties: false },
);

export const LimitsSchema = Type.Object(
  {
    memoryMb: Type.Integer({ minimum: 64, maximum: 10_240 }),
    /** Thousandths of a vCPU. Default: follows memory. */
    cpuMillis: Type.Optional(Type.Integer({ minimum: 10, maximum: 64_000 })),
    timeoutMs: Type.Integer({ minimum: 1, maximum: 86_400_000 }),
    initTimeoutMs: Type.Integer({ minimum: 1, maximum: 900_000 }),
    network: Type.Union([Type.Literal('full'), Type.Literal('none')]),
    perInstance: Type.Integer({ minimum: 1, maximum: 1_000 }),
    maxInstances: Type.Integer({ minimum: 1, maximum: 10_000 }),
    provisioned: Type.Integer({ minimum: 0, maximum: 1_000 }),
    queueMax: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
    queueTimeoutMs: Type.Integer({ minimum: 0, maximum: 900_000 }),
    keepAliveMs: Type.Union([Type.Integer({ minimum: 0, maximum: 86_400_000 }), Type.Null()]),
  },
  { additionalProperties: false },
);

export const FunctionManifestSchema = Type.Object(
  {
    name: NameSchema,
    handler: Type.Object(
      { file: Type.String({ maxLength: 1024 }), export: Type.String({ maxLength: 256 }) },
      { additionalProperties: false },
    ),
    /** For runtimes that run programs: the program and its parameters, in place of the handler's file. */
    command: Type.Optional(Type.Array(Type.String({ maxLength: 4_096 }), { minItems: 1, maxItems: 256 })),
    runtime: Type.String({ maxLength: 32 }),
    dialect: Type.String({ maxLength: 32 }),
    env: Type.Record(
      Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,255}$' }),
      Type.String({ maxLength: 32_768 }),
      { additionalProperties: false },
    ),
    limits: LimitsSchema,
    routes: Type.Array(RouteSchema, { maxItems: 1_000 }),
    /** Event sources; left out when there are none. */
    triggers: Type.Optional(Type.Array(TriggerSchema, { maxItems: 100 })),
    /** Digest of the artifact: SHA-256 over the canonical JSON of its sorted file list. */
    artifact: Sha256Schema,
  },
  { additionalProperties: false },
);

export const ArtifactFileSchema = Type.Object(
  {
    path: Type.String({ minLength: 1, maxLength: 1024 }),
    sha256: Sha256Schema,
    bytes: Type.Integer({ minimum: 0, maximum: 1_073_741_824 }),
    mode: Type.Union([Type.Literal(0o644), Type.Literal(0o755)]),
  },
  { additionalProperties: false },
);

/** `domain/traffic.ts` says what it means. */
export const CanaryPlanSchema = Type.Object(
  {
    steps: Type.Array(
      Type.Object(
        {
          weight: Type.Integer({ minimum: 1, maximum: 10_000, description: 'basis points of the clients' }),
          holdMs: Type.Union([Type.Integer({ minimum: 0, maximum: 2_592_000_000 }), Type.Null()]),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 100 },
    ),
    key: Type.Union([
      Type.Object({ kind: Type.Literal('cookie') }, { additionalProperties: false }),
      Type.Object(
        {
          kind: Type.Literal('header'),
          name: Type.String({ pattern: "^[!#$%&'*+.^_`|~0-9a-z-]{1,128}$", description: 'lower case' }),
        },
        { additionalProperties: false },
      ),
      Type.Object({ kind: Type.Literal('address') }, { additionalProperties: false }),
    ]),
    guards: Type.Object(
      {
        callsMin: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
        falseAlarm: Type.Number({ exclusiveMinimum: 0, maximum: 0.5 }),
        errors: Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()]),
        p99: Type.Union([Type.Number({ minimum: 1, maximum: 1_000 }), Type.Null()]),
        coldStarts: Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()]),
        metrics: Type.Record(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_.-]{0,63}$' }), Type.Number(), {
          additionalProperties: false,
          maxProperties: 32,
        }),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);

/** A request that a release must answer as expected before it is activated. */
export const SmokeTestSchema = Type.Object(
  {
    method: Type.String({ pattern: '^[A-Z]{1,16}$' }),
    path: Type.String({ pattern: '^/', maxLength: 2_048 }),
    headers: Type.Record(Type.String({ maxLength: 128 }), Type.String({ maxLength: 8_192 })),
    body: Type.Union([Type.String({ maxLength: 65_536 }), Type.Null()]),
    status: Type.Integer({ minimum: 100, maximum: 599 }),
    /** Text that the body must contain; null: any body. */
    contains: Type.Union([Type.String({ maxLength: 8_192 }), Type.Null()]),
    timeoutMs: Type.Integer({ minimum: 1, maximum: 60_000 }),
  },
  { additionalProperties: false },
);

/**
 * Something that holds state and outlives releases: a service reads its own kind's configuration. A release that no longer
 * declares it, or declares it as another kind, would destroy it.
 */
export const ResourceSchema = Type.Object(
  {
    kind: Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' }),
    name: NameSchema,
    config: Type.Record(Type.String({ maxLength: 128 }), Type.Unknown()),
  },
  { additionalProperties: false },
);

/** An app as built: what a release stores. Two manifests with the same content are the same release. */
export const ReleaseManifestSchema = Type.Object(
  {
    app: NameSchema,
    functions: Type.Array(FunctionManifestSchema, { minItems: 1, maxItems: 10_000 }),
    canary: Type.Optional(CanaryPlanSchema),
    smoke: Type.Optional(Type.Array(SmokeTestSchema, { maxItems: 100 })),
    resources: Type.Optional(Type.Array(ResourceSchema, { maxItems: 10_000 })),
  },
  { additionalProperties: false },
);

export type FunctionManifest = Static<typeof FunctionManifestSchema>;
export type ReleaseManifest = Static<typeof ReleaseManifestSchema>;
export type ArtifactFileManifest = Static<typeof ArtifactFileSchema>;
export type CanaryPlanManifest = Static<typeof CanaryPlanSchema>;
export type SmokeTest = Static<typeof SmokeTestSchema>;
export type ResourceManifest = Static<typeof ResourceSchema>;
export type LimitsManifest = Static<typeof LimitsSchema>;
export type RouteManifest = Static<typeof RouteSchema>;

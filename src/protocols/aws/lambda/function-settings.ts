import Type, { type Static } from 'typebox';
import type { Principal } from '../../../controlplane/tokens/tokens.ts';
import type { LambdaVersionRecord } from '../../../ports/lambda-store.ts';
import { invalidParameter } from '../aws-error.ts';

const ImageConfigSchema = Type.Object({
  EntryPoint: Type.Optional(Type.Array(Type.String(), { maxItems: 1_500 })),
  Command: Type.Optional(Type.Array(Type.String(), { maxItems: 1_500 })),
  WorkingDirectory: Type.Optional(Type.String({ maxLength: 1_000 })),
});
/** What takes the place of what an image says of its own start. */
export type ImageConfig = Static<typeof ImageConfigSchema>;

/** Settings that Mayfly keeps and answers, and that change nothing here: there is no VPC, no EFS, no X-Ray. */
const KEPT_MEMBERS = {
  VpcConfig: Type.Optional(Type.Object({})),
  DeadLetterConfig: Type.Optional(Type.Object({})),
  KMSKeyArn: Type.Optional(Type.String()),
  FileSystemConfigs: Type.Optional(Type.Array(Type.Object({}))),
  SnapStart: Type.Optional(Type.Object({})),
  LoggingConfig: Type.Optional(Type.Object({})),
  TracingConfig: Type.Optional(Type.Object({ Mode: Type.Optional(Type.Enum(['Active', 'PassThrough'])) })),
};

const ROLE_PATTERN = '^arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+$';

/** Of an execution role: functions that have the same one may call each other. */
export const ROLE = Type.String({ pattern: ROLE_PATTERN });

/** Members that CreateFunction and UpdateFunctionConfiguration share. */
export const SETTINGS_MEMBERS = {
  Runtime: Type.Optional(Type.String()),
  Role: Type.Optional(ROLE),
  Handler: Type.Optional(Type.String({ maxLength: 128, pattern: '^[^\\s]*$' })),
  Description: Type.Optional(Type.String({ maxLength: 256 })),
  Timeout: Type.Optional(Type.Integer({ minimum: 1, maximum: 900 })),
  MemorySize: Type.Optional(Type.Integer({ minimum: 128, maximum: 10_240 })),
  Environment: Type.Optional(
    Type.Object({
      Variables: Type.Optional(Type.Record(Type.String(), Type.String())),
    }),
  ),
  Layers: Type.Optional(Type.Array(Type.String())),
  EphemeralStorage: Type.Optional(Type.Object({ Size: Type.Integer({ minimum: 512, maximum: 10_240 }) })),
  ImageConfig: Type.Optional(ImageConfigSchema),
  ...KEPT_MEMBERS,
};

const SettingsSchema = Type.Object(SETTINGS_MEMBERS);
export type GivenSettings = Static<typeof SettingsSchema>;

/** What a version of a function is configured with, in AWS's words. Kept as the `configuration` of its record. */
export interface FunctionSettings extends GivenSettings {
  readonly Runtime: string;
  readonly Role: string;
  readonly Handler: string;
  readonly Description: string;
  /** s. */
  readonly Timeout: number;
  readonly MemorySize: number;
  readonly Layers: string[];
  readonly Architectures: string[];
  /** Not AWS's: the apps that whoever gave the role could use. Absent: all. */
  readonly RoleApps?: readonly string[];
}

/** Out of what the store holds. */
export function settingsOf({ configuration }: Pick<LambdaVersionRecord, 'configuration'>): FunctionSettings {
  return configuration as unknown as FunctionSettings;
}

const VARIABLES_BYTES_MAX = 4_096;
const LAYERS_MAX = 5;
const VARIABLE_NAME = /^[a-zA-Z][a-zA-Z0-9_]+$/;
/** What the runtime sets itself (docs.aws.amazon.com/lambda, "Defined runtime environment variables"). */
const RESERVED: ReadonlySet<string> = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_DEFAULT_REGION',
  'AWS_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_LAMBDA_RUNTIME_API',
  'LAMBDA_TASK_ROOT',
  'LAMBDA_RUNTIME_DIR',
]);

const MEMBERS = Object.keys(SETTINGS_MEMBERS) as (keyof GivenSettings)[];

/** The same settings; when a role was given, it leads to no other apps than the giver's. */
export function withRoleOf(
  settings: FunctionSettings,
  { Role }: GivenSettings,
  { apps }: Principal,
): FunctionSettings {
  if (Role === undefined) return settings;
  const { RoleApps: _before, ...rest } = settings;
  return apps === null ? rest : { ...rest, RoleApps: apps };
}

/** The settings before, with those given in their place. @throws AwsError InvalidParameterValueException */
export function mergeSettings<S extends GivenSettings>(before: S, given: GivenSettings): S {
  const merged: Record<string, unknown> = { ...before };
  for (const member of MEMBERS) if (given[member] !== undefined) merged[member] = given[member];
  const settings = merged as S;
  checkVariables(settings.Environment?.Variables ?? {});
  if ((settings.Layers ?? []).length > LAYERS_MAX) {
    throw invalidParameter(`Cannot reference more than ${LAYERS_MAX} layers.`);
  }
  return settings;
}

function checkVariables(variables: Readonly<Record<string, string>>): void {
  const names = Object.keys(variables);
  const reserved = names.filter((name) => RESERVED.has(name));
  if (reserved.length > 0) {
    throw invalidParameter(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
    );
  }
  const wrong = names.find((name) => !VARIABLE_NAME.test(name));
  if (wrong !== undefined) {
    throw invalidParameter(
      `The name of the environment variable '${wrong}' must satisfy the pattern [a-zA-Z]([a-zA-Z0-9_])+`,
    );
  }
  const bytes = Buffer.byteLength(JSON.stringify(variables));
  if (bytes > VARIABLES_BYTES_MAX) {
    throw invalidParameter(
      `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: ${JSON.stringify(variables).slice(0, 64)}…`,
    );
  }
}

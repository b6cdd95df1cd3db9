import Type, { type Static } from 'typebox';

/** Settings that Mayfly keeps and answers, and that change nothing here: there is no VPC, no EFS, no X-Ray. */
const KEPT_MEMBERS = {
  VpcConfig: Type.Optional(Type.Object({})),
  DeadLetterConfig: Type.Optional(Type.Object({})),
  KMSKeyArn: Type.Optional(Type.String()),
  FileSystemConfigs: Type.Optional(Type.Array(Type.Object({}))),
  ImageConfig: Type.Optional(Type.Object({})),
  SnapStart: Type.Optional(Type.Object({})),
  LoggingConfig: Type.Optional(Type.Object({})),
  TracingConfig: Type.Optional(Type.Object({ Mode: Type.Optional(Type.Enum(['Active', 'PassThrough'])) })),
};

const ROLE_PATTERN = '^arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+$';

/** Members that CreateFunction and UpdateFunctionConfiguration share. */
const SETTINGS_MEMBERS = {
  Runtime: Type.Optional(Type.String()),
  Role: Type.Optional(Type.String({ pattern: ROLE_PATTERN })),
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
}

import type { KnownKeys } from '../known-keys.ts';

const GRANTS = 'later: what the function may do is granted when the services arrive that it is about';
const SEALED = 'secrets are sealed with the key of the node';
const ASYNC = 'calls that nobody waits for are tried by the rules of the node';

/** Properties of `AWS::Serverless::Function` and `AWS::Lambda::Function`. */
export const FUNCTION_KEYS: KnownKeys = {
  Handler: 'read',
  Runtime: 'read',
  CodeUri: 'read',
  Code: 'read',
  InlineCode: 'read',
  ImageUri: 'read',
  ImageConfig: 'read',
  PackageType: 'read',
  MemorySize: 'read',
  Timeout: 'read',
  Environment: 'read',
  Events: 'read',
  Layers: 'read',
  ReservedConcurrentExecutions: 'read',
  ProvisionedConcurrencyConfig: 'read',
  FunctionUrlConfig: 'read',
  DeploymentPreference: 'read',
  FunctionName: 'idle',
  Description: 'idle',
  Tags: 'idle',
  PropagateTags: 'idle',
  Tracing: 'idle',
  TracingConfig: 'idle',
  LoggingConfig: 'idle',
  Architectures: 'idle',
  AutoPublishAlias: 'idle',
  AutoPublishAliasAllProperties: 'idle',
  AutoPublishCodeSha256: 'idle',
  VersionDescription: 'idle',
  RuntimeManagementConfig: 'idle',
  SnapStart: 'idle',
  EphemeralStorage: 'idle',
  RecursiveLoop: 'idle',
  SourceKMSKeyArn: 'idle',
  AssumeRolePolicyDocument: GRANTS,
  PermissionsBoundary: 'idle',
  RolePath: 'idle',
  Role: GRANTS,
  Policies: GRANTS,
  KmsKeyArn: SEALED,
  VpcConfig: 'functions reach the network of the node; "network: none" cuts them off',
  FileSystemConfigs: 'nothing is mounted there; files that the function writes are gone with its instance',
  CodeSigningConfigArn: 'code is told by its digest',
  EventInvokeConfig: ASYNC,
  DeadLetterQueue: 'later: calls that failed for good go there when queues and topics arrive',
  DeadLetterConfig: 'later: calls that failed for good go there when queues and topics arrive',
};

/** Sections of a template. */
export const TEMPLATE_KEYS: KnownKeys = {
  AWSTemplateFormatVersion: 'idle',
  Transform: 'idle',
  Description: 'idle',
  Metadata: 'idle',
  Parameters: 'read',
  Mappings: 'read',
  Conditions: 'read',
  Globals: 'read',
  Resources: 'read',
  Rules: 'idle',
  Outputs: 'idle',
  Hooks: 'nothing is made of it',
};

/** What a resource may say beside its properties. */
export const RESOURCE_KEYS: KnownKeys = {
  Type: 'read',
  Properties: 'read',
  Condition: 'read',
  Metadata: 'read',
  DependsOn: 'idle',
  DeletionPolicy: 'idle',
  UpdateReplacePolicy: 'idle',
  CreationPolicy: 'idle',
  UpdatePolicy: 'idle',
  Connectors: 'later: what functions may do is granted when the services arrive that it is about',
  IgnoreGlobals: 'what is said for all holds for it too',
};

/** What `Metadata` says about a build. */
export const BUILD_KEYS: KnownKeys = {
  BuildMethod: 'read',
  BuildProperties: 'read',
  Dockerfile: 'read',
  DockerContext: 'read',
  DockerTag: 'idle',
  DockerBuildArgs: 'idle',
  SamResourceId: 'idle',
  BuildArchitecture: 'idle',
};

/** What esbuild is told. */
export const BUNDLE_KEYS: KnownKeys = {
  Minify: 'read',
  External: 'read',
  EntryPoints: 'read',
  Target: 'idle',
  Sourcemap: 'idle',
  SourcesContent: 'idle',
  Format: 'idle',
  KeepNames: 'idle',
  MainFields: 'idle',
  Loader: 'files are loaded as Mayfly loads them',
  OutExtension: 'idle',
  Banner: 'nothing is put before the code',
  UseNpmCi: 'idle',
};

import type { KnownKeys } from '../known-keys.ts';

const FAILED = 'later: what failed for good goes there when queues and topics arrive';
const RETRIES = 'events are tried again by the rules of the node';

const BATCHES: KnownKeys = {
  Enabled: 'read',
  BatchSize: 'read',
  MaximumBatchingWindowInSeconds: 'read',
  FunctionResponseTypes: 'read',
  FilterCriteria: 'read',
  KmsKeyArn: 'idle',
  MetricsConfig: 'idle',
};
const STREAM: KnownKeys = {
  ...BATCHES,
  Stream: 'read',
  StartingPosition: 'read',
  StartingPositionTimestamp: 'it begins with the latest record',
  ParallelizationFactor: 'read',
  MaximumRetryAttempts: 'read',
  MaximumRecordAgeInSeconds: 'read',
  BisectBatchOnFunctionError: 'read',
  DestinationConfig: FAILED,
  TumblingWindowInSeconds: 'no state is kept from batch to batch',
};
const BROKER: KnownKeys = {
  ...STREAM,
  Topics: 'read',
  Queues: 'read',
  Stream: 'idle',
  Broker: 'idle',
  ConsumerGroupId: 'idle',
  KafkaBootstrapServers: 'idle',
  SourceAccessConfigurations: 'idle',
  SecretsManagerKmsKeyId: 'idle',
  ProvisionedPollerConfig: 'idle',
};
const ROUTE: KnownKeys = {
  Path: 'read',
  Method: 'read',
  Auth: 'read',
  RestApiId: 'read',
  ApiId: 'read',
  PayloadFormatVersion: 'read',
  RequestModel: 'what a request must be is not checked before the function is called',
  RequestParameters: 'what a request must be is not checked before the function is called',
  RouteSettings: 'calls are held back by the limits of the function',
  TimeoutInMillis: 'the timeout of the function holds',
  ResponseTransferMode: 'idle',
};
const RULE: KnownKeys = {
  Pattern: 'read',
  EventBusName: 'read',
  Input: 'read',
  Enabled: 'read',
  State: 'read',
  RuleName: 'idle',
  Target: 'idle',
  InputPath: 'the event is not reshaped: only "Input" is taken over',
  InputTransformer: 'the event is not reshaped: only "Input" is taken over',
  DeadLetterConfig: FAILED,
  RetryPolicy: RETRIES,
};
const SCHEDULE: KnownKeys = {
  Schedule: 'read',
  ScheduleExpression: 'read',
  ScheduleExpressionTimezone: 'read',
  Input: 'read',
  Enabled: 'read',
  State: 'read',
  Name: 'idle',
  Description: 'idle',
  GroupName: 'idle',
  OmitName: 'idle',
  KmsKeyArn: 'idle',
  RoleArn: 'idle',
  PermissionsBoundary: 'idle',
  FlexibleTimeWindow: 'it comes at its time',
  StartDate: 'it begins with the release',
  EndDate: 'it ends with the release',
  DeadLetterConfig: FAILED,
  RetryPolicy: RETRIES,
};

/** Properties of events, by the type of event. */
export const EVENT_KEYS: Readonly<Record<string, KnownKeys>> = {
  Api: ROUTE,
  HttpApi: ROUTE,
  Schedule: SCHEDULE,
  ScheduleV2: SCHEDULE,
  SQS: { ...BATCHES, Queue: 'read', ScalingConfig: 'read' },
  SNS: {
    Topic: 'read',
    FilterPolicy: 'read',
    FilterPolicyScope: 'read',
    SqsSubscription: 'read',
    Region: 'idle',
    RedrivePolicy: FAILED,
  },
  S3: { Bucket: 'read', Events: 'read', Filter: 'read' },
  DynamoDB: STREAM,
  Kinesis: STREAM,
  EventBridgeRule: RULE,
  CloudWatchEvent: RULE,
  CloudWatchLogs: { LogGroupName: 'read', FilterPattern: 'read' },
  IoTRule: { Sql: 'read', AwsIotSqlVersion: 'idle' },
  Cognito: { UserPool: 'read', Trigger: 'read' },
  MSK: BROKER,
  SelfManagedKafka: BROKER,
  MQ: BROKER,
};

/** Properties of an event source mapping that an event does not have. */
export const MAPPING_KEYS: KnownKeys = { FunctionName: 'read', EventSourceArn: 'read', Tags: 'idle' };

/** Properties of `AWS::Serverless::Api` and `AWS::Serverless::HttpApi`. */
export const API_KEYS: KnownKeys = {
  Auth: 'read',
  Cors: 'read',
  CorsConfiguration: 'read',
  DefinitionBody: 'read',
  DefinitionUri: 'read',
  StageName: 'idle',
  Name: 'idle',
  Description: 'idle',
  Tags: 'idle',
  PropagateTags: 'idle',
  TracingEnabled: 'idle',
  EndpointConfiguration: 'idle',
  OpenApiVersion: 'idle',
  AlwaysDeploy: 'idle',
  BinaryMediaTypes: 'idle',
  MinimumCompressionSize: 'idle',
  AccessLogSetting: 'idle',
  AccessLogSettings: 'idle',
  MethodSettings: 'what is particular to API Gateway (throttling, caches, metrics) is not made',
  DefaultRouteSettings: 'what is particular to API Gateway (throttling, metrics) is not made',
  RouteSettings: 'what is particular to API Gateway (throttling, metrics) is not made',
  CacheClusterEnabled: 'answers are not kept',
  CacheClusterSize: 'answers are not kept',
  CanarySetting: 'a release is brought in by the plan of the app: "mayfly deploy --canary"',
  Domain: 'names of your own are given to the node: "mayfly up --domains"',
  DisableExecuteApiEndpoint: 'idle',
  FailOnWarnings: 'idle',
  GatewayResponses: 'errors are told as Mayfly tells them',
  Models: 'what a request must be is not checked before the function is called',
  Mode: 'idle',
  MergeDefinitions: 'idle',
  SecurityPolicy: 'idle',
  ApiKeySourceType: 'idle',
  StageVariables: 'events have no stage variables',
  Variables: 'events have no stage variables',
};

export const CORS_KEYS: KnownKeys = {
  AllowOrigin: 'read',
  AllowOrigins: 'read',
  AllowMethods: 'read',
  AllowHeaders: 'read',
  ExposeHeaders: 'read',
  AllowCredentials: 'read',
  MaxAge: 'read',
};

export const URL_KEYS: KnownKeys = { AuthType: 'read', Cors: 'read', InvokeMode: 'idle' };

export const GLOBALS_KEYS: KnownKeys = {
  Function: 'read',
  Api: 'read',
  HttpApi: 'read',
  SimpleTable: 'idle',
  StateMachine: 'idle',
  LayerVersion: 'idle',
  CapacityProvider: 'idle',
};

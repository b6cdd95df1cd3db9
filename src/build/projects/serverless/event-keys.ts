import type { KnownKeys } from '../known-keys.ts';

const RESHAPED = 'the event is not reshaped: only "input" is taken over';
const FAILED = 'later: what failed for good goes there when queues and topics arrive';
const BATCHES: KnownKeys = {
  enabled: 'read',
  batchSize: 'read',
  filterPatterns: 'read',
  functionResponseType: 'read',
};
const BROKER: KnownKeys = {
  ...BATCHES,
  topic: 'read',
  queue: 'read',
  startingPosition: 'read',
  maximumBatchingWindow: 'read',
  arn: 'idle',
  bootstrapServers: 'idle',
  accessConfigurations: 'idle',
  basicAuthArn: 'idle',
  consumerGroupId: 'idle',
  saslScram512: 'idle',
  virtualHost: 'idle',
};

/** Keys of events that become triggers, by the kind of event. */
export const EVENT_KEYS: Readonly<Record<string, KnownKeys>> = {
  schedule: {
    rate: 'read',
    enabled: 'read',
    input: 'read',
    timezone: 'read',
    inputPath: RESHAPED,
    inputTransformer: RESHAPED,
    name: 'idle',
    description: 'idle',
    method: 'idle',
  },
  sqs: {
    ...BATCHES,
    arn: 'read',
    queueName: 'read',
    maximumBatchingWindow: 'read',
    maximumConcurrency: 'read',
  },
  stream: {
    ...BATCHES,
    type: 'read',
    arn: 'read',
    batchWindow: 'read',
    startingPosition: 'read',
    parallelizationFactor: 'read',
    maximumRetryAttempts: 'read',
    maximumRecordAgeInSeconds: 'read',
    bisectBatchOnFunctionError: 'read',
    consumer: 'idle',
    destinations: FAILED,
    tumblingWindowInSeconds: 'no state is kept from batch to batch',
    startingPositionTimestamp: 'it begins with the latest record',
  },
  sns: {
    arn: 'read',
    topicName: 'read',
    filterPolicy: 'read',
    filterPolicyScope: 'read',
    redrivePolicy: FAILED,
    displayName: 'idle',
    kmsMasterKeyId: 'idle',
  },
  s3: { bucket: 'read', event: 'read', rules: 'read', existing: 'idle', forceDeploy: 'idle' },
  eventBridge: {
    schedule: 'read',
    eventBus: 'read',
    pattern: 'read',
    input: 'read',
    enabled: 'read',
    name: 'idle',
    description: 'idle',
    inputPath: RESHAPED,
    inputTransformer: RESHAPED,
    retryPolicy: 'events are tried again by the rules of the node',
    deadLetterQueueArn: FAILED,
  },
  cloudwatchEvent: {
    event: 'read',
    input: 'read',
    enabled: 'read',
    name: 'idle',
    description: 'idle',
    inputPath: RESHAPED,
    inputTransformer: RESHAPED,
  },
  cloudwatchLog: { logGroup: 'read', filter: 'read' },
  websocket: {
    route: 'read',
    authorizer: 'later: who connects is checked when authorizers arrive; until then nobody can connect',
    routeResponseSelectionExpression: 'what the function returns is not sent back',
  },
  iot: { sql: 'read', enabled: 'read', name: 'idle', description: 'idle', sqlVersion: 'idle' },
  cognitoUserPool: { pool: 'read', trigger: 'read', existing: 'idle', forceDeploy: 'idle', kmsKeyId: 'idle' },
  msk: BROKER,
  kafka: BROKER,
  activemq: BROKER,
  rabbitmq: BROKER,
  alb: {
    conditions: 'read',
    authorizer: 'read',
    listenerArn: 'idle',
    priority: 'idle',
    healthCheck: 'idle',
    multiValueHeaders: 'idle',
    targetGroupName: 'idle',
  },
};

export const PACKAGE_KEYS: KnownKeys = {
  patterns: 'read',
  include: 'read',
  exclude: 'read',
  artifact: 'read',
  individually: 'idle',
  excludeDevDependencies: 'idle',
};

export const HTTP_API_KEYS: KnownKeys = {
  payload: 'read',
  cors: 'read',
  authorizers: 'idle',
  id: 'idle',
  name: 'idle',
  metrics: 'idle',
  timeout: 'the timeout of the function holds',
  disableDefaultEndpoint: 'idle',
  useProviderTags: 'idle',
  shouldStartNameWithService: 'idle',
};

export const URL_KEYS: KnownKeys = { authorizer: 'read', cors: 'read', invokeMode: 'idle' };

export const CORS_KEYS: KnownKeys = {
  origin: 'read',
  origins: 'read',
  allowedOrigins: 'read',
  methods: 'read',
  allowedMethods: 'read',
  headers: 'read',
  allowedHeaders: 'read',
  exposeHeaders: 'read',
  exposedResponseHeaders: 'read',
  allowCredentials: 'read',
  credentials: 'read',
  maxAge: 'read',
  cacheControl: 'idle',
};

export const RESOURCES_KEYS: KnownKeys = {
  Resources: 'read',
  Conditions: 'read',
  Mappings: 'read',
  Outputs: 'idle',
  Description: 'idle',
  AWSTemplateFormatVersion: 'idle',
  Transform: 'nothing is made of it',
  extensions: 'nothing is made of it',
};

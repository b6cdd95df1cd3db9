import Type, { type Static } from 'typebox';

const ARN = Type.String({ pattern: '^arn:aws[a-zA-Z0-9-]*:[a-zA-Z0-9-]+:[a-z0-9-]*:(\\d{12})?:.*$' });
const DESTINATION = Type.Optional(
  Type.Object({ Destination: Type.Optional(Type.String({ maxLength: 350 })) }),
);
const ACCESS_URI = Type.String({ minLength: 1, maxLength: 200, pattern: '^[a-zA-Z0-9-/*:_+=.@]*$' });
const KAFKA = Type.Optional(
  Type.Object({
    ConsumerGroupId: Type.Optional(ACCESS_URI),
    SchemaRegistryConfig: Type.Optional(
      Type.Object({
        SchemaRegistryURI: Type.Optional(Type.String({ minLength: 1, maxLength: 10_000 })),
        EventRecordFormat: Type.Optional(Type.Enum(['JSON', 'SOURCE'])),
        AccessConfigs: Type.Optional(Type.Array(Type.Object({}))),
        SchemaValidationConfigs: Type.Optional(
          Type.Array(Type.Object({ Attribute: Type.Optional(Type.Enum(['KEY', 'VALUE'])) })),
        ),
      }),
    ),
  }),
);

/** Members of a mapping that can be changed. */
export const CHANGEABLE_MEMBERS = {
  Enabled: Type.Optional(Type.Boolean()),
  BatchSize: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
  FilterCriteria: Type.Optional(
    Type.Object({
      Filters: Type.Optional(
        Type.Array(Type.Object({ Pattern: Type.Optional(Type.String({ maxLength: 4_096 })) }), {
          maxItems: 10,
        }),
      ),
    }),
  ),
  MaximumBatchingWindowInSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 300 })),
  ParallelizationFactor: Type.Optional(Type.Integer({ minimum: 1, maximum: 10 })),
  DestinationConfig: Type.Optional(Type.Object({ OnSuccess: DESTINATION, OnFailure: DESTINATION })),
  MaximumRecordAgeInSeconds: Type.Optional(Type.Integer({ minimum: -1, maximum: 604_800 })),
  BisectBatchOnFunctionError: Type.Optional(Type.Boolean()),
  MaximumRetryAttempts: Type.Optional(Type.Integer({ minimum: -1, maximum: 10_000 })),
  TumblingWindowInSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 900 })),
  SourceAccessConfigurations: Type.Optional(
    Type.Array(
      Type.Object({
        Type: Type.Optional(
          Type.Enum([
            'BASIC_AUTH',
            'VPC_SUBNET',
            'VPC_SECURITY_GROUP',
            'SASL_SCRAM_512_AUTH',
            'SASL_SCRAM_256_AUTH',
            'VIRTUAL_HOST',
            'CLIENT_CERTIFICATE_TLS_AUTH',
            'SERVER_ROOT_CA_CERTIFICATE',
          ]),
        ),
        URI: Type.Optional(ACCESS_URI),
      }),
      { maxItems: 22 },
    ),
  ),
  FunctionResponseTypes: Type.Optional(Type.Array(Type.Enum(['ReportBatchItemFailures']), { maxItems: 1 })),
  AmazonManagedKafkaEventSourceConfig: KAFKA,
  SelfManagedKafkaEventSourceConfig: KAFKA,
  ScalingConfig: Type.Optional(
    Type.Object({ MaximumConcurrency: Type.Optional(Type.Integer({ minimum: 2, maximum: 1_000 })) }),
  ),
  DocumentDBEventSourceConfig: Type.Optional(
    Type.Object({
      DatabaseName: Type.Optional(Type.String({ minLength: 1, maxLength: 63 })),
      CollectionName: Type.Optional(Type.String({ minLength: 1, maxLength: 57 })),
      FullDocument: Type.Optional(Type.Enum(['UpdateLookup', 'Default'])),
    }),
  ),
  KMSKeyArn: Type.Optional(Type.String({ pattern: '^(arn:aws[a-zA-Z-]*:[a-z0-9-.]+:.*)?$' })),
  MetricsConfig: Type.Optional(
    Type.Object({
      Metrics: Type.Optional(
        Type.Array(Type.Enum(['EventCount', 'ErrorCount', 'KafkaMetrics']), { maxItems: 3 }),
      ),
    }),
  ),
  LoggingConfig: Type.Optional(
    Type.Object({ SystemLogLevel: Type.Optional(Type.Enum(['DEBUG', 'INFO', 'WARN'])) }),
  ),
  ProvisionedPollerConfig: Type.Optional(
    Type.Object({
      MinimumPollers: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
      MaximumPollers: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_000 })),
      PollerGroupName: Type.Optional(Type.String({ maxLength: 128, pattern: '^[a-zA-Z0-9-_]*$' })),
    }),
  ),
};

/** Members that a mapping has from its beginning to its end. */
export const LASTING_MEMBERS = {
  EventSourceArn: Type.Optional(ARN),
  StartingPosition: Type.Optional(Type.Enum(['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP'])),
  /** s since the epoch. */
  StartingPositionTimestamp: Type.Optional(Type.Number()),
  Topics: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 249 }), { minItems: 1, maxItems: 1 }),
  ),
  Queues: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 1_000 }), { minItems: 1, maxItems: 1 }),
  ),
  SelfManagedEventSource: Type.Optional(
    Type.Object({
      Endpoints: Type.Optional(
        Type.Object({
          KAFKA_BOOTSTRAP_SERVERS: Type.Optional(
            Type.Array(
              Type.String({ minLength: 1, maxLength: 300, pattern: '^[A-Za-z0-9.-]+:[0-9]{1,5}$' }),
              {
                minItems: 1,
                maxItems: 10,
              },
            ),
          ),
        }),
      ),
    }),
  ),
};

const MappingSchema = Type.Object({ ...CHANGEABLE_MEMBERS, ...LASTING_MEMBERS });

/** What a mapping says of itself, in AWS's words; kept as the value of its record. */
export type MappingSettings = Static<typeof MappingSchema>;

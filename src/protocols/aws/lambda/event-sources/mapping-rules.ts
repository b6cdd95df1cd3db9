import { invalidParameter } from '../../aws-error.ts';
import { serviceOf } from '../events/event-settings.ts';
import type { MappingSettings } from './mapping-members.ts';

/** What kinds of sources there are, by how they are read. */
type SourceKind = 'queue' | 'stream' | 'kafka' | 'broker' | 'documents';

const KINDS: Readonly<Record<string, SourceKind>> = {
  sqs: 'queue',
  kinesis: 'stream',
  dynamodb: 'stream',
  kafka: 'kafka',
  mq: 'broker',
  rds: 'documents',
};
/** Members that only streams know. */
const OF_STREAMS = [
  'ParallelizationFactor',
  'MaximumRecordAgeInSeconds',
  'BisectBatchOnFunctionError',
  'MaximumRetryAttempts',
  'TumblingWindowInSeconds',
] as const;
const STREAM_DEFAULTS = {
  ParallelizationFactor: 1,
  MaximumRecordAgeInSeconds: -1,
  BisectBatchOnFunctionError: false,
  MaximumRetryAttempts: -1,
  TumblingWindowInSeconds: 0,
} as const;
const QUEUE_BATCH = 10;
const BATCH = 100;

/** The settings with AWS's defaults, checked for their kind of source. @throws AwsError InvalidParameterValueException */
export function checkedMapping(settings: MappingSettings): MappingSettings {
  const kind = kindOf(settings);
  const { BatchSize, MaximumBatchingWindowInSeconds: windowS = 0, EventSourceArn = '' } = settings;
  if (kind === 'queue') checkQueue(settings, BatchSize ?? QUEUE_BATCH, windowS, EventSourceArn);
  else checkPosition(settings, kind);
  if (kind === 'kafka' && settings.Topics === undefined)
    throw invalidParameter('Topics is required for Kafka event sources.');
  if (kind === 'broker' && settings.Queues === undefined)
    throw invalidParameter('Queues is required for Amazon MQ event sources.');
  checkFilters(settings);
  return {
    BatchSize: kind === 'queue' ? QUEUE_BATCH : BATCH,
    MaximumBatchingWindowInSeconds: windowS,
    ...(kind === 'stream' ? STREAM_DEFAULTS : {}),
    ...settings,
  };
}

function kindOf({ EventSourceArn, SelfManagedEventSource }: MappingSettings): SourceKind {
  if ((EventSourceArn === undefined) === (SelfManagedEventSource === undefined))
    throw invalidParameter('Exactly one of EventSourceArn and SelfManagedEventSource is required.');
  if (EventSourceArn === undefined) return 'kafka';
  const kind = KINDS[serviceOf(EventSourceArn)];
  if (kind === undefined) throw invalidParameter('Unrecognized event source.');
  return kind;
}

function checkQueue(settings: MappingSettings, batch: number, windowS: number, arn: string): void {
  const { StartingPosition, StartingPositionTimestamp } = settings;
  if (StartingPosition !== undefined || StartingPositionTimestamp !== undefined)
    throw invalidParameter('StartingPosition is not valid for SQS event sources.');
  const foreign = OF_STREAMS.find((member) => settings[member] !== undefined);
  if (foreign !== undefined)
    throw invalidParameter(`Unsupported source parameter: ${foreign} for SQS event sources.`);
  if (arn.endsWith('.fifo') && (batch > QUEUE_BATCH || windowS > 0)) {
    throw invalidParameter(
      `A FIFO queue takes a BatchSize of at most ${QUEUE_BATCH} and no MaximumBatchingWindowInSeconds.`,
    );
  }
  if (batch > QUEUE_BATCH && windowS === 0) {
    throw invalidParameter(
      `Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than ${QUEUE_BATCH}`,
    );
  }
}

function checkPosition(settings: MappingSettings, kind: SourceKind): void {
  const { StartingPosition, StartingPositionTimestamp } = settings;
  if (StartingPosition === undefined && kind !== 'broker')
    throw invalidParameter(
      "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
    );
  if ((StartingPosition === 'AT_TIMESTAMP') !== (StartingPositionTimestamp !== undefined))
    throw invalidParameter(
      'StartingPositionTimestamp is required for the StartingPosition AT_TIMESTAMP, and for no other.',
    );
}

function checkFilters({ FilterCriteria }: MappingSettings): void {
  for (const { Pattern = '' } of FilterCriteria?.Filters ?? []) {
    let pattern: unknown;
    try {
      pattern = JSON.parse(Pattern);
    } catch {
      pattern = null;
    }
    if (typeof pattern !== 'object' || pattern === null || Array.isArray(pattern))
      throw invalidParameter(`Invalid filter pattern definition: ${Pattern}`);
  }
}

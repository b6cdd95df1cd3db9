import type { KeyPath } from '../../schema-mismatch.ts';
import { type AwsBatching, AwsTriggers } from '../aws/aws-triggers.ts';
import { tellKeys } from '../known-keys.ts';
import { isMapping } from '../section.ts';
import { EVENT_KEYS, MAPPING_KEYS } from './event-keys.ts';
import {
  type Mapping,
  mappingOf,
  numberOf,
  pathOf,
  placeAt,
  type SamFunction,
  textOf,
  valueAt,
} from './sam-app.ts';
import { addHttpApiRoute, addRestRoute, type SamEvent } from './sam-http.ts';

/** Every event of a function, as routes and triggers; what cannot be taken over is told. */
export function addEvents(fn: SamFunction): void {
  for (const [id, event] of Object.entries(mappingOf(fn.properties.Events))) {
    const path = pathOf(fn, 'Events', id);
    const { Type: type, Properties: written = {} } = mappingOf(event);
    const place = (at: KeyPath) => placeAt(fn.app, at);
    tellKeys(fn.app.draft, event, path, { Type: 'read', Properties: 'read' }, place, fn.name);
    tellKeys(fn.app.draft, written, [...path, 'Properties'], EVENT_KEYS[String(type)] ?? {}, place, fn.name);
    addEvent(fn, id, String(type), mappingOf(written), path);
  }
}

/** `AWS::Lambda::EventSourceMapping`: the same as an event, beside the function. */
export function addMapping(fn: SamFunction, id: string, written: Mapping, path: KeyPath): void {
  const { EventSourceArn: source, ...rest } = written;
  const arn = textOf(valueAt(fn.app, source, path, fn.name, 'the trigger is left out')) ?? '';
  const type = { sqs: 'SQS', dynamodb: 'DynamoDB', kinesis: 'Kinesis' }[arn.split(':')[2] ?? ''];
  const known = { ...EVENT_KEYS[type ?? ''], ...MAPPING_KEYS };
  tellKeys(fn.app.draft, written, [...path, 'Properties'], known, (at) => placeAt(fn.app, at), fn.name);
  addEvent(fn, id, type ?? `event source ${arn}`, { ...rest, Queue: arn, Stream: arn }, path);
}

function addEvent(fn: SamFunction, id: string, type: string, written: Mapping, path: KeyPath): void {
  const { app } = fn;
  const { RestApiId: rest, ApiId: http, ...others } = written;
  const known = valueAt(app, others, path, fn.name, 'the event is left out');
  if (known === undefined) return;
  const properties = { ...mappingOf(known), RestApiId: rest, ApiId: http };
  const event: SamEvent = { fn, id, type, properties, path };
  if (type === 'Api') addRestRoute(event);
  else if (type === 'HttpApi') addHttpApiRoute(event);
  else addTrigger(event);
}

function addTrigger({ fn, id, type, properties, path }: SamEvent): void {
  const { Enabled: enabled, State: state } = properties;
  const triggers = new AwsTriggers(fn.app.draft, {
    name: fn.name,
    place: placeAt(fn.app, path),
    what: `${type} ${id} of ${fn.logicalId}`,
    enabled: enabled !== false && enabled !== 'false' && state !== 'DISABLED',
  });
  const read = TRIGGERS[type];
  if (read === undefined)
    triggers.ignored(
      'Mayfly has no such event source; "mayfly invoke" and other functions can still call it',
    );
  else read(properties, triggers);
}

const TRIGGERS: Readonly<Record<string, (properties: Mapping, triggers: AwsTriggers) => void>> = {
  Schedule: (of, triggers) => triggers.schedule(textOf(of.Schedule) ?? '', jsonOf(of.Input), undefined),
  ScheduleV2: (of, triggers) =>
    triggers.schedule(
      textOf(of.ScheduleExpression) ?? '',
      jsonOf(of.Input),
      textOf(of.ScheduleExpressionTimezone),
    ),
  SQS: (of, triggers) => triggers.queue(textOf(of.Queue) ?? '', batchingOf(of)),
  SNS(of, triggers) {
    triggers.topic(textOf(of.Topic) ?? '', of.FilterPolicy, of.FilterPolicyScope);
    if (of.SqsSubscription !== undefined && of.SqsSubscription !== false)
      triggers.later('messages come from the topic itself, without a queue between them');
  },
  S3(of, triggers) {
    const rules = mappingOf(mappingOf(of.Filter).S3Key).Rules;
    const rule = (name: string) =>
      (Array.isArray(rules) ? rules : [])
        .filter(isMapping)
        .find((each) => String(each.Name).toLowerCase() === name);
    const events = [of.Events ?? 's3:ObjectCreated:*'].flat().map(String);
    triggers.object(
      textOf(of.Bucket) ?? '',
      events,
      textOf(rule('prefix')?.Value),
      textOf(rule('suffix')?.Value),
    );
  },
  DynamoDB: (of, triggers) => triggers.stream(textOf(of.Stream) ?? '', 'table', batchingOf(of), startOf(of)),
  Kinesis: (of, triggers) => triggers.stream(textOf(of.Stream) ?? '', 'log', batchingOf(of), startOf(of)),
  EventBridgeRule: (of, triggers) =>
    triggers.event(textOf(of.EventBusName), mappingOf(of.Pattern), jsonOf(of.Input)),
  CloudWatchEvent: (of, triggers) =>
    triggers.event(textOf(of.EventBusName), mappingOf(of.Pattern), jsonOf(of.Input)),
  CloudWatchLogs: (of, triggers) => triggers.log(textOf(of.LogGroupName) ?? '', textOf(of.FilterPattern)),
  IoTRule: (of, triggers) => triggers.mqtt(textOf(of.Sql) ?? ''),
  Cognito(of, triggers) {
    for (const step of [of.Trigger].flat()) triggers.auth(String(step), textOf(of.UserPool));
  },
  MSK: (of, triggers) => brokers(of.Topics, 'log', of, triggers),
  SelfManagedKafka: (of, triggers) => brokers(of.Topics, 'log', of, triggers),
  MQ: (of, triggers) => brokers(of.Queues, 'queue', of, triggers),
};

function brokers(names: unknown, kind: 'log' | 'queue', of: Mapping, triggers: AwsTriggers): void {
  for (const name of [names ?? []].flat().map(String)) {
    triggers.later(`it waits for a ${kind} "${name}" of Mayfly's own; the broker that is named is not asked`);
    if (kind === 'queue') triggers.queue(name, batchingOf(of));
    else triggers.stream(name, 'log', batchingOf(of), startOf(of));
  }
}

function batchingOf(of: Mapping): AwsBatching {
  return {
    batch: numberOf(of.BatchSize),
    windowS: numberOf(of.MaximumBatchingWindowInSeconds),
    parallel: numberOf(mappingOf(of.ScalingConfig).MaximumConcurrency) ?? numberOf(of.ParallelizationFactor),
    responses: of.FunctionResponseTypes,
    filters: mappingOf(of.FilterCriteria).Filters,
  };
}

function startOf(of: Mapping) {
  return {
    from: textOf(of.StartingPosition),
    retries: numberOf(of.MaximumRetryAttempts),
    maxAgeS: numberOf(of.MaximumRecordAgeInSeconds),
    bisect: of.BisectBatchOnFunctionError === true,
  };
}

/** Inputs are JSON in a text. */
function jsonOf(input: unknown): unknown {
  if (typeof input !== 'string') return input;
  try {
    return JSON.parse(input);
  } catch {
    return input;
  }
}

import { isMapping } from '../section.ts';

/** Account that stands for the owner of the node wherever AWS would have an account number. */
export const ACCOUNT = '000000000000';

/** A resource of a CloudFormation template, nothing evaluated yet. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

/** The resources of a template; what has no type is none. */
export function readResources(written: unknown): Record<string, TemplateResource> {
  const resources = Object.entries(isMapping(written) ? written : {}).flatMap(
    ([id, resource]): [string, TemplateResource][] => {
      if (!isMapping(resource) || typeof resource.Type !== 'string') return [];
      const { Type: type, Properties: properties, Metadata: metadata, Condition: condition } = resource;
      return [
        [
          id,
          {
            Type: type,
            Properties: isMapping(properties) ? properties : {},
            Metadata: isMapping(metadata) ? metadata : {},
            ...(condition === undefined ? {} : { Condition: String(condition) }),
          },
        ],
      ];
    },
  );
  return Object.fromEntries(resources);
}

/** What Mayfly makes of a type of resource: what it is called here, and how AWS names one. */
export interface ResourceKind {
  /** In Mayfly's words; null: it has no counterpart. */
  readonly noun: string | null;
  /** The property with its name. */
  readonly nameKey: string;
  /** The resource part of an ARN, and the service before it. */
  readonly arn?: { readonly service: string; readonly prefix: string };
  /** What `Ref` gives. */
  readonly ref: 'name' | 'arn' | 'url';
}

const kind = (
  noun: string | null,
  nameKey: string,
  service?: string,
  prefix = '',
  ref: ResourceKind['ref'] = 'name',
): ResourceKind => ({ noun, nameKey, ref, ...(service === undefined ? {} : { arn: { service, prefix } }) });

/** Types of resources that functions commonly refer to. */
export const RESOURCE_KINDS: Readonly<Record<string, ResourceKind>> = {
  'AWS::DynamoDB::Table': kind('table', 'TableName', 'dynamodb', 'table/'),
  'AWS::DynamoDB::GlobalTable': kind('table', 'TableName', 'dynamodb', 'table/'),
  'AWS::Serverless::SimpleTable': kind('table', 'TableName', 'dynamodb', 'table/'),
  'AWS::S3::Bucket': kind('bucket', 'BucketName', 's3', ''),
  'AWS::SQS::Queue': kind('queue', 'QueueName', 'sqs', '', 'url'),
  'AWS::SNS::Topic': kind('topic', 'TopicName', 'sns', '', 'arn'),
  'AWS::Kinesis::Stream': kind('stream', 'Name', 'kinesis', 'stream/'),
  'AWS::Events::EventBus': kind('event bus', 'Name', 'events', 'event-bus/'),
  'AWS::Cognito::UserPool': kind('user pool', 'UserPoolName', 'cognito-idp', 'userpool/'),
  'AWS::StepFunctions::StateMachine': kind('workflow', 'StateMachineName', 'states', 'stateMachine:', 'arn'),
  'AWS::Serverless::StateMachine': kind('workflow', 'Name', 'states', 'stateMachine:', 'arn'),
  'AWS::SecretsManager::Secret': kind('secret', 'Name', 'secretsmanager', 'secret:', 'arn'),
  'AWS::SSM::Parameter': kind('variable', 'Name', 'ssm', 'parameter/'),
  'AWS::Lambda::Function': kind('function', 'FunctionName', 'lambda', 'function:'),
  'AWS::Serverless::Function': kind('function', 'FunctionName', 'lambda', 'function:'),
  'AWS::Logs::LogGroup': kind(null, 'LogGroupName', 'logs', 'log-group:'),
};

export function arnOf({ arn }: ResourceKind, name: string, region: string): string | null {
  if (arn === undefined) return null;
  // Buckets are named the same all over the world.
  if (arn.service === 's3') return `arn:aws:s3:::${name}`;
  return `arn:aws:${arn.service}:${region}:${ACCOUNT}:${arn.prefix}${name}`;
}

/**
 * The name of what an ARN or a queue's URL leads to: `arn:aws:sqs:eu-west-1:1:orders` → `orders`,
 * `arn:aws:dynamodb:…:table/users/stream/2026…` → `users`. A text that is neither is a name already.
 */
export function nameInArn(text: string): string {
  if (/^https?:\/\//.test(text)) return text.split('/').at(-1) ?? text;
  if (!text.startsWith('arn:')) return text;
  const resource = text.split(':').slice(5).join(':');
  const path =
    /^(?:table|stream|event-bus|userpool|cluster|log-group|function|stateMachine)[:/]([^/:]+)/.exec(resource);
  return path?.[1] ?? resource.split(/[:/]/).at(-1) ?? resource;
}

/** The service in an ARN: `sqs`, `dynamodb`, `kinesis`. */
export function serviceInArn(text: string): string | null {
  return text.startsWith('arn:') ? (text.split(':')[2] ?? null) : null;
}

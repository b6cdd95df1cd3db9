import type { Call } from '../../call.ts';
import type { Endings } from '../../callback-handler.ts';
import { ACCOUNT_ID } from './environment.ts';

/** The part of the context that says what is called. */
export interface LambdaContext extends Endings {
  callbackWaitsForEmptyEventLoop: boolean;
  readonly functionName: string | undefined;
  readonly functionVersion: string | undefined;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string | undefined;
  readonly awsRequestId: string;
  readonly logGroupName: string | undefined;
  readonly logStreamName: string | undefined;
  readonly identity: unknown;
  readonly clientContext: unknown;
  getRemainingTimeInMillis(): number;
}

/** What every context of an instance says alike. Read once: each look at an environment variable leaves JavaScript. */
export type ContextBase = Pick<
  LambdaContext,
  | 'functionName'
  | 'functionVersion'
  | 'invokedFunctionArn'
  | 'memoryLimitInMB'
  | 'logGroupName'
  | 'logStreamName'
>;

export function contextBase(): ContextBase {
  const { env } = process;
  const name = env.AWS_LAMBDA_FUNCTION_NAME;
  return {
    functionName: name,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: `arn:aws:lambda:${env.AWS_REGION}:${ACCOUNT_ID}:function:${name}`,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
  };
}

export function lambdaContext(base: ContextBase, call: Call, endings: Endings): LambdaContext {
  return {
    callbackWaitsForEmptyEventLoop: true,
    ...endings,
    ...base,
    invokedFunctionArn: invokedArn(call, base),
    awsRequestId: call.message.id,
    identity: attribute(call, 'cognitoidentity'),
    clientContext: attribute(call, 'clientcontext'),
    getRemainingTimeInMillis: () => call.remainingMs(),
  };
}

/** As the caller named it: with the alias or the version, where it said one. */
function invokedArn({ message }: Call, base: ContextBase): string {
  const invoked = message.event?.invokedfunctionarn;
  return typeof invoked === 'string' ? invoked : base.invokedFunctionArn;
}

/** An attribute of the event's envelope, which holds text only: JSON when it can be read as such. */
function attribute(call: Call, name: string): unknown {
  const value = call.message.event?.[name];
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

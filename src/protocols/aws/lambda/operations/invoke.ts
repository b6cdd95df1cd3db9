import type { IncomingHttpHeaders } from 'node:http';
import Type from 'typebox';
import { AwsError, invalidParameter } from '../../aws-error.ts';
import { type Operation, type OperationAnswer, type OperationCall, operation } from '../../rest/operation.ts';
import { functionErrorOf } from '../function-error.ts';
import type { InvocationTarget } from '../invocation-target.ts';
import type { InvocationRequest } from '../invocations.ts';
import type { LambdaParts } from '../lambda-deps.ts';
import { FUNCTION_NAME, QUALIFIER } from './members.ts';
import { streamedAnswer } from './streamed-answer.ts';

const INPUT = Type.Object({ FunctionName: FUNCTION_NAME, Qualifier: QUALIFIER });
type InvokeCall = OperationCall<{ FunctionName: string; Qualifier?: string }>;

/** Room for what is refused with a better message than "too large". */
const MARGIN_BYTES = 64 * 1024;
const CLIENT_CONTEXT_CHARS_MAX = 3_583;
const TYPES: ReadonlySet<string> = new Set(['RequestResponse', 'Event', 'DryRun']);

/** Calling functions. */
export function invokeOperations(parts: LambdaParts): Operation[] {
  const bytesMax = Math.max(parts.quotas.lambdaPayloadBytesMax, parts.quotas.lambdaAsyncBytesMax);
  const shared = {
    method: 'POST',
    access: 'invoke',
    action: 'InvokeFunction',
    body: 'bytes',
    bodyBytesMax: bytesMax + MARGIN_BYTES,
  } as const;
  return [
    operation({
      ...shared,
      name: 'Invoke',
      path: '/2015-03-31/functions/{FunctionName}/invocations',
      query: ['Qualifier'],
      input: INPUT,
      run: async (call) => {
        const { type, target, request } = await prepare(parts, call);
        if (type === 'DryRun') return { status: 204, body: null };
        if (type === 'Event') {
          await parts.invocations.enqueue(target, request);
          return { status: 202, body: EMPTY };
        }
        return await answerWhole(parts, call, target, request);
      },
    }),
    operation({
      ...shared,
      name: 'InvokeWithResponseStream',
      path: '/2021-11-15/functions/{FunctionName}/response-streaming-invocations',
      query: ['Qualifier'],
      input: INPUT,
      run: async (call) => {
        const { type, target, request } = await prepare(parts, call);
        if (type === 'DryRun') return { status: 204, body: null };
        if (type === 'Event')
          throw invalidParameter('The invocation type Event is not supported for streamed responses.');
        return streamedAnswer(parts, { target, request, wantsLog: wantsLog(call.headers) });
      },
    }),
    operation({
      ...shared,
      name: 'InvokeAsync',
      path: '/2014-11-13/functions/{FunctionName}/invoke-async',
      input: INPUT,
      run: async (call) => {
        const { target, request } = await prepare(parts, call, 'Event');
        await parts.invocations.enqueue(target, request);
        return { status: 202, body: { Status: 202 } };
      },
    }),
  ];
}

const EMPTY = Buffer.alloc(0);

/** @throws AwsError ResourceNotFoundException, InvalidRequestContentException, RequestTooLargeException, InvalidParameterValueException */
async function prepare(
  { catalog, invocations, quotas }: LambdaParts,
  call: InvokeCall,
  asked = headerOf(call.headers, 'x-amz-invocation-type') ?? 'RequestResponse',
): Promise<{ type: string; target: InvocationTarget; request: InvocationRequest }> {
  const { input, principal, body, headers, requestId, signal } = call;
  if (!TYPES.has(asked))
    throw invalidParameter(`Value ${asked} at 'invocationType' is none of ${[...TYPES].join(', ')}`);
  const { fn, qualifier } = await catalog.find(input.FunctionName, input.Qualifier, principal);
  const bytesMax = asked === 'Event' ? quotas.lambdaAsyncBytesMax : quotas.lambdaPayloadBytesMax;
  if (body.length > bytesMax) {
    const message = `${body.length} byte payload is too large for the ${asked} invocation type (limit ${bytesMax} bytes)`;
    throw new AwsError('RequestTooLargeException', 413, message);
  }
  checkJson(body);
  const request = {
    payload: body,
    requestId,
    clientContext: clientContextIn(headers),
    traceHeader: headerOf(headers, 'x-amzn-trace-id'),
    signal,
    wantsLog: wantsLog(headers),
  };
  return { type: asked, target: await invocations.target(fn, qualifier), request };
}

async function answerWhole(
  { invocations, quotas, clock }: LambdaParts,
  call: InvokeCall,
  target: InvocationTarget,
  request: InvocationRequest,
): Promise<OperationAnswer> {
  const startedAt = clock.wall();
  const given = await invocations.call(target, request);
  const { lambdaPayloadBytesMax } = quotas;
  const result =
    given.body.length <= lambdaPayloadBytesMax
      ? given
      : { ...given, outcome: 'RESPONSE_TOO_LARGE' as const, error: tooLarge(lambdaPayloadBytesMax) };
  const failed = result.outcome !== 'ok';
  const payload = failed
    ? Buffer.from(JSON.stringify(functionErrorOf(result, target.timeoutMs)))
    : result.body;
  const log = wantsLog(call.headers) ? await invocations.logTail(target, result, startedAt) : null;
  return {
    status: 200,
    headers: {
      'content-type': 'application/json',
      'x-amz-executed-version': target.version,
      ...(failed ? { 'x-amz-function-error': 'Unhandled' } : {}),
      ...(log === null ? {} : { 'x-amz-log-result': log }),
    },
    body: payload,
  };
}

function tooLarge(bytesMax: number): { name: string; message: string; stack: string } {
  const message = `Response payload size exceeded maximum allowed payload size (${bytesMax} bytes).`;
  return { name: 'Function.ResponseSizeTooLarge', message, stack: '' };
}

function wantsLog(headers: IncomingHttpHeaders): boolean {
  return headerOf(headers, 'x-amz-log-type') === 'Tail';
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** Nothing is as good as `{}`. */
function checkJson(payload: Buffer): void {
  if (payload.length === 0) return;
  try {
    JSON.parse(payload.toString('utf8'));
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    const message = `Could not parse request body into json: ${why}`;
    throw new AwsError('InvalidRequestContentException', 400, message);
  }
}

/** The client context as JSON; it comes in base64. */
function clientContextIn(headers: IncomingHttpHeaders): string | null {
  const encoded = headerOf(headers, 'x-amz-client-context');
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  try {
    JSON.parse(text);
  } catch {
    throw new AwsError(
      'InvalidRequestContentException',
      400,
      'Client context must be a valid Base64-encoded JSON object.',
    );
  }
  if (encoded.length <= CLIENT_CONTEXT_CHARS_MAX) return text;
  throw invalidParameter(
    `Client context must be no more than ${CLIENT_CONTEXT_CHARS_MAX} bytes when base64-encoded.`,
  );
}

import type { AsyncCall } from '../../../../ports/async-invocation-store.ts';
import type { EventResult } from '../../../../ports/invoker.ts';
import { functionErrorOf } from '../function-error.ts';

/** Why a destination is told of an event. */
type EndCondition = 'Success' | 'RetriesExhausted' | 'EventAgeExceeded' | 'ZeroReservedConcurrency';

interface EndedEvent {
  readonly call: AsyncCall;
  readonly attempts: number;
  readonly condition: EndCondition;
  /** With its qualifier. */
  readonly functionArn: string;
  /** `$LATEST` or a number. */
  readonly executedVersion: string;
  readonly timeoutMs: number;
  /** Null: no code was reached. */
  readonly result: EventResult | null;
  /** ms since the epoch. */
  readonly now: number;
}

/** What a destination gets ("Retaining records of Lambda asynchronous invocations" in AWS's guide). */
export function destinationRecord(ended: EndedEvent): Record<string, unknown> {
  const { call, attempts, condition, functionArn, executedVersion, timeoutMs, result, now } = ended;
  const failed = result !== null && result.outcome !== 'ok';
  return {
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    requestContext: { requestId: call.id, functionArn, condition, approximateInvokeCount: attempts },
    requestPayload: parsed(call.body),
    ...(result === null
      ? {}
      : {
          responseContext: {
            statusCode: 200,
            executedVersion,
            ...(failed ? { functionError: 'Unhandled' } : {}),
          },
          responsePayload: failed ? functionErrorOf(result, timeoutMs) : parsed(result.body),
        }),
  };
}

/** Text that is no JSON stays text. */
function parsed(body: Buffer): unknown {
  if (body.length === 0) return null;
  const text = body.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

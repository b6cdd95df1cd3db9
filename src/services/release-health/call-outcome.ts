import { ERROR_TABLE } from '../../domain/errors.ts';
import type { UsageRecord } from '../../domain/invocation.ts';

/**
 * What a call says about its release:
 * - `failed`: ended with a 5xx, or an outcome that is the function's or the platform's fault
 * - `none`: the caller's doing (sent wrongly, broken off), or refused before the release could do anything about it. That
 *   includes `QUEUE_FULL` and `QUEUE_TIMEOUT`: they speak of how much was asked for, and a slow release shows in its p99
 * - `served`: everything else, a 4xx that the function chose included
 */
export type CallOutcome = 'served' | 'failed' | 'none';

export function outcomeOf({ outcome, status }: UsageRecord): CallOutcome {
  if (outcome === 'ok') return status >= 500 ? 'failed' : 'served';
  return ERROR_TABLE[outcome].blame === 'caller' ? 'none' : 'failed';
}

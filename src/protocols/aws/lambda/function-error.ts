import type { EventResult } from '../../../ports/invoker.ts';

/** What Lambda answers in the place of a result when the function failed. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** `TypeError: x is not a function`, as failures of loading are told. */
const NAMED = /^([A-Za-z_][\w.]*): ([\s\S]*)$/;

/** In the words of AWS's own runtimes. */
export function functionErrorOf(
  { outcome, error, requestId }: EventResult,
  timeoutMs: number,
): FunctionError {
  const message = error?.message ?? '';
  const told = (errorType: string, what: string): FunctionError => ({
    errorType,
    errorMessage: `RequestId: ${requestId} Error: ${what}`,
  });
  switch (outcome) {
    case 'FUNCTION_TIMEOUT':
      return told('Sandbox.Timedout', `Task timed out after ${(timeoutMs / 1_000).toFixed(2)} seconds`);
    case 'FUNCTION_INIT_TIMEOUT':
      return told('Sandbox.Timedout', 'The code did not load in time');
    case 'FUNCTION_EXITED':
    case 'FUNCTION_PROTOCOL':
      return told('Runtime.ExitError', `Runtime exited without providing a reason (${message})`);
    case 'FUNCTION_OUT_OF_MEMORY':
      return told('Runtime.OutOfMemory', 'Runtime exited with error: signal: killed');
    case 'RESPONSE_TOO_LARGE':
      return { errorType: 'Function.ResponseSizeTooLarge', errorMessage: message };
    case 'FUNCTION_INIT_FAILED': {
      const [, errorType = 'Runtime.Unknown', errorMessage = message] = NAMED.exec(message) ?? [];
      return { errorType, errorMessage, trace: [] };
    }
    default:
      return {
        errorType: error?.name ?? 'Runtime.Unknown',
        errorMessage: message,
        trace: (error?.stack ?? '').split('\n').filter((line) => line !== ''),
      };
  }
}

/** Response header names of an invocation through the control API. */
export const InvocationHeaders = {
  requestId: 'x-mayfly-request-id',
  /** `ok` or the code of the error. */
  outcome: 'x-mayfly-outcome',
  cold: 'x-mayfly-cold',
  durationMs: 'x-mayfly-duration-ms',
  billedMs: 'x-mayfly-billed-ms',
} as const;

import { randomHex } from '../../kit/ids.ts';

// version 00 only: trace id and parent id must not be all zeros (W3C Trace Context, §3.2).
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

/**
 * The `traceparent` that a call carries on: the trace of a valid incoming one, else a new sampled trace; always with a
 * new parent id, which names this gateway's span.
 */
export function continueTrace(incoming: string | undefined): string {
  if (incoming !== undefined) {
    const match = TRACEPARENT.exec(incoming);
    if (match !== null) return `00-${match[1]}-${randomHex(8)}-${match[2]}`;
  }
  return `00-${randomHex(16)}-${randomHex(8)}-01`;
}

import type { ServerResponse } from 'node:http';
import type { MayflyError } from '../../domain/errors.ts';

/** The JSON body of every failure that the gateway answers itself; a function's stack is never in it. */
export function errorBody(error: MayflyError, requestId: string): string {
  const { code, blame, retryable, hint } = error;
  return JSON.stringify({ error: { code, message: error.message, blame, retryable, hint, requestId } });
}

/** Answers with an error; `headers` is a flat list of further fields. */
export function sendError(
  res: ServerResponse,
  error: MayflyError,
  requestId: string,
  headers: readonly string[] = [],
): void {
  const body = errorBody(error, requestId);
  res.writeHead(error.status, [
    'content-type',
    'application/json; charset=utf-8',
    'content-length',
    String(Buffer.byteLength(body)),
    'x-mayfly-request-id',
    requestId,
    'x-mayfly-error',
    error.code,
    ...headers,
  ]);
  res.end(body);
}

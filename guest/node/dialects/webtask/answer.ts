import type { Responder } from '../../responder.ts';
import { toJson } from '../../result.ts';

const JSON_HEADERS = ['content-type', 'application/json'] as const;
const ERROR_STATUS = 400;

/** What a callback was given, as JSON. */
export function sendResult(result: unknown, respond: Responder): void {
  respond.whole(200, JSON_HEADERS, result === undefined ? null : toJson(result));
}

/** An error that a callback was given: 400, or the status that it carries itself. Its stack stays here. */
export function sendError(error: unknown, respond: Responder): void {
  const { statusCode, name, message } = (typeof error === 'object' ? error : {}) as Partial<Error> & {
    readonly statusCode?: unknown;
  };
  const own = typeof statusCode === 'number' && statusCode >= 400 && statusCode <= 599;
  const code = own ? statusCode : ERROR_STATUS;
  const details =
    error instanceof globalThis.Error || typeof error !== 'object' ? String(error) : toJson(error);
  const told = { code, error: 'Script returned an error.', details, name, message };
  respond.whole(code, JSON_HEADERS, toJson(told));
}

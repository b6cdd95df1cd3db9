import type { Call } from './call.ts';
import type { Responder } from './responder.ts';
import { asBytes, toJson } from './result.ts';

/** A complete answer as it goes onto the wire. */
export interface Answer {
  readonly status: number;
  /** Flat `[name, value …]`. */
  readonly headers: string[];
  readonly body: Uint8Array | string | null;
}

/** An event was answered with a status that says it failed. */
class FailedAnswer extends Error {
  override readonly name = 'FailedAnswer';
}

/**
 * Sends the answer of a function that answers everything as HTTP. An event has no status: one from 400 on fails it, so
 * that whoever sent it may try again.
 */
export function sendAnswer({ status, headers, body }: Answer, call: Call, respond: Responder): void {
  if (call.message.http !== undefined) {
    respond.whole(status, headers, body);
    return;
  }
  if (status >= 400) {
    const text = body === null ? '' : typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
    throw new FailedAnswer(`The function answered with status ${status}${text === '' ? '' : `: ${text}`}`);
  }
  respond.whole(200, headers, body);
}

/** The result of a plain invocation: its JSON; nothing is `null`. */
export function jsonAnswer(result: unknown): Answer {
  return {
    status: 200,
    headers: ['content-type', 'application/json'],
    body: result === undefined ? 'null' : toJson(result),
  };
}

/** A status as authors write it, a number or text. What is none is refused when it is sent. */
export function statusFrom(value: unknown, otherwise: number): number {
  return value === undefined || value === null ? otherwise : Number.parseInt(String(value), 10);
}

/** A value as a body, and the type to say when its author says none. */
export interface SentValue {
  readonly body: Uint8Array | string | null;
  /** Null: there is no body. */
  readonly type: string | null;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** A value as Express sends it: text as HTML, bytes as they are, nothing as nothing, all else as JSON. */
export function sentValue(value: unknown): SentValue {
  if (typeof value === 'string') return { body: value, type: 'text/html; charset=utf-8' };
  if (value === undefined || value === null) return { body: null, type: null };
  const bytes = typeof value === 'object' ? asBytes(value) : null;
  if (bytes !== null) return { body: bytes, type: 'application/octet-stream' };
  return { body: toJson(value), type: JSON_TYPE };
}

import type { Call } from './call.ts';
import { addDefaultHeader } from './header-fields.ts';
import { EventAnswer } from './node-http/event-answer.ts';
import type { Responder } from './responder.ts';
import { asBytes, toJson } from './result.ts';

/** A complete answer as it goes onto the wire. */
export interface Answer {
  readonly status: number;
  /** Flat `[name, value …]`. */
  readonly headers: string[];
  readonly body: Uint8Array | string | null;
}

/** Sends the answer of a function that answers everything as HTTP; an event fails when the status is no success. */
export function sendAnswer({ status, headers, body }: Answer, call: Call, respond: Responder): void {
  if (call.message.http !== undefined) {
    respond.whole(status, headers, body);
    return;
  }
  if (typeof body === 'string') addDefaultHeader(headers, 'content-type', 'text/plain; charset=utf-8');
  const kept = new EventAnswer();
  kept.whole(status, headers, body);
  kept.giveTo(respond);
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

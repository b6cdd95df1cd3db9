import type { Call } from './call.ts';
import { parseBody } from './event-data.ts';
import { nestedRecord } from './request-target.ts';
import type { Responder } from './responder.ts';

const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(;|$)/i;

export function isForm(type: string): boolean {
  return FORM_TYPE.test(type);
}

/** A body by its content type: JSON parsed, a form as a record, text as text, else a Buffer; undefined when it is empty. */
function requestData(body: Buffer, type: string): unknown {
  return body.length > 0 && isForm(type) ? nestedRecord(body.toString('utf8')) : parseBody(body, type);
}

/**
 * Reads a call's body and parses it by its content type. Null: the client's JSON is none, and it has been answered with
 * 400, for it is not the function that is wrong.
 * @throws SyntaxError for such data of an event, which nobody could be answered about
 */
export async function readData(
  call: Call,
  respond: Responder,
  type: string,
  parse: (bytes: Buffer, type: string) => unknown = requestData,
): Promise<{ readonly data: unknown; readonly bytes: Buffer } | null> {
  const bytes = await call.body.all();
  try {
    return { data: parse(bytes, type), bytes };
  } catch (thrown) {
    if (call.message.http === undefined || !(thrown instanceof SyntaxError)) throw thrown;
    refuse(respond, `The request's body is no valid JSON: ${thrown.message}`);
    return null;
  }
}

/** Answers with 400 or another status that says that the request is wrong, not the function. */
export function refuse(respond: Responder, why: string, status = 400): void {
  respond.whole(status, ['content-type', 'text/plain; charset=utf-8'], `${why}\n`);
}

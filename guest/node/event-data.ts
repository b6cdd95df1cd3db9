import { isUtf8 } from 'node:buffer';
import type { Call } from './call.ts';

const JSON_TYPE = /^[^;]*[/+]json\s*(;|$)/i;
const TEXT_TYPE = /^(text\/|application\/(xml|javascript|x-www-form-urlencoded)|[^;]*\+xml)/i;

/**
 * The data of an event call by its content type: parsed when JSON, text when text, else a Buffer; undefined when
 * there is none. Data without a type is JSON, as the CloudEvents specification has it.
 * @throws SyntaxError when data that claims to be JSON is not
 */
export async function parseData(call: Call): Promise<unknown> {
  const type = call.message.event?.datacontenttype;
  return parseBody(await call.body.all(), typeof type === 'string' ? type : 'application/json');
}

export function parseBody(body: Buffer, contentType: string): unknown {
  if (body.length === 0) return undefined;
  if (JSON_TYPE.test(contentType)) return JSON.parse(body.toString('utf8'));
  return TEXT_TYPE.test(contentType) ? body.toString('utf8') : body;
}

/** Whether a body of this type is text; without a type, whether its bytes are valid UTF-8. */
export function isText(body: Buffer, contentType: string | undefined): boolean {
  if (contentType === undefined || contentType === '') return isUtf8(body);
  return JSON_TYPE.test(contentType) || TEXT_TYPE.test(contentType);
}

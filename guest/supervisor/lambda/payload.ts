import type { Call } from '../../node/call.ts';
import { httpEventV1 } from '../../node/dialects/lambda/http-event-v1.ts';
import { httpEventV2 } from '../../node/dialects/lambda/http-event-v2.ts';
import { parseBody } from '../../node/event-data.ts';

const JSON_TYPE = /^[^;]*[/+]json\s*(;|$)/i;

/**
 * What a call is to a custom runtime: an HTTP call an API Gateway event (of payload format 2.0, or 1.0 when
 * `MAYFLY_LAMBDA_PAYLOAD` says so), an event its data: JSON as it came, text as a JSON string, bytes as one in base64.
 */
export async function payloadOf(call: Call): Promise<Buffer> {
  const { http, event } = call.message;
  const body = await call.body.all();
  if (http !== undefined) {
    const httpEvent = process.env.MAYFLY_LAMBDA_PAYLOAD === '1.0' ? httpEventV1 : httpEventV2;
    return Buffer.from(JSON.stringify(httpEvent(call.message, http, body)));
  }
  if (body.length === 0) return Buffer.from('{}');
  const type = event?.datacontenttype;
  if (typeof type !== 'string' || JSON_TYPE.test(type)) return body;
  const data = parseBody(body, type);
  return Buffer.from(JSON.stringify(typeof data === 'string' ? data : body.toString('base64')));
}

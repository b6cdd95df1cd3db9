import type { HttpCall, InvokeMessage } from '../../../../src/contract/guest-messages.ts';
import { isText } from '../../event-data.ts';
import { headerRecord } from '../../header-fields.ts';
import { queryRecord, splitTarget } from '../../request-target.ts';

const STAGE = 'release';

/** An HTTP call as API Gateway's event of an integration request. Repeated query names have lists. */
export function gatewayEvent(message: InvokeMessage, http: HttpCall, body: Buffer): Record<string, unknown> {
  const headers = headerRecord(http.headers);
  const { path, search } = splitTarget(http.url);
  const query = queryRecord(search);
  const text =
    headers['content-encoding'] === undefined && isText(body, headers['content-type'] as string | undefined);
  return {
    requestContext: {
      serviceId: process.env.MAYFLY_APP,
      path: http.route.replace(/:([A-Za-z0-9_]+)/g, '{$1}'),
      httpMethod: http.method,
      requestId: message.id,
      identity: {},
      sourceIp: http.remoteAddress,
      stage: STAGE,
    },
    headers,
    headerParameters: {},
    httpMethod: http.method,
    path,
    pathParameters: http.params,
    queryString: query,
    queryStringParameters: query,
    stageVariables: { stage: STAGE },
    body: body.toString(text ? 'utf8' : 'base64'),
    isBase64Encoded: body.length > 0 && !text,
  };
}

/** A schedule's event as that of a timer trigger. */
export function timerEvent(event: Readonly<Record<string, unknown>>, data: unknown): Record<string, unknown> {
  const { scheduledTime } = (data ?? {}) as { scheduledTime?: unknown };
  const due = new globalThis.Date((scheduledTime ?? event.time ?? Date.now()) as string | number);
  return {
    Type: 'Timer',
    TriggerName: String(event.subject ?? event.source ?? ''),
    Time: `${due.toISOString().slice(0, 19)}Z`,
    Message: typeof data === 'object' ? JSON.stringify(data) : String(data ?? ''),
  };
}

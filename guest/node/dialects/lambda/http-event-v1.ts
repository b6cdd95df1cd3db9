import type { HttpCall, InvokeMessage } from '../../../../src/contract/guest-messages.ts';
import { ACCOUNT_ID } from './environment.ts';
import { flatten, gatewayTime, httpFields } from './http-fields.ts';

const last = (values: readonly string[]): string => values[values.length - 1]!;

/** API Gateway's payload format 1.0, also that of its REST APIs: header names as sent, several values kept apart. */
export function httpEventV1(message: InvokeMessage, http: HttpCall, body: Buffer): Record<string, unknown> {
  const fields = httpFields(http, body);
  const { url } = fields;
  const headers = namesAsSent(http, fields.headers);
  const hasQuery = url.search.length > 1;
  const now = Date.now();
  return {
    version: '1.0',
    resource: fields.resource,
    path: url.pathname,
    httpMethod: http.method,
    headers: flatten(headers, last),
    multiValueHeaders: headers,
    queryStringParameters: hasQuery ? flatten(fields.query, last) : null,
    multiValueQueryStringParameters: hasQuery ? { ...fields.query } : null,
    requestContext: {
      accountId: ACCOUNT_ID,
      apiId: process.env.MAYFLY_APP,
      domainName: url.hostname,
      domainPrefix: url.hostname.split('.')[0],
      extendedRequestId: message.id,
      httpMethod: http.method,
      identity: { sourceIp: http.remoteAddress, userAgent: fields.headers['user-agent']?.[0] ?? null },
      path: url.pathname,
      protocol: 'HTTP/1.1',
      requestId: message.id,
      requestTime: gatewayTime(now),
      requestTimeEpoch: now,
      resourceId: `${http.method} ${fields.resource}`,
      resourcePath: fields.resource,
      stage: '$default',
    },
    pathParameters: fields.pathParameters ?? null,
    stageVariables: null,
    body: fields.body ?? null,
    isBase64Encoded: fields.isBase64Encoded,
  };
}

function namesAsSent(
  http: HttpCall,
  byLowerName: Readonly<Record<string, string[]>>,
): Record<string, string[]> {
  const named: Record<string, string[]> = {};
  const seen: Record<string, true> = Object.create(null);
  for (let at = 0; at < http.headers.length; at += 2) {
    const name = http.headers[at]!;
    const lower = name.toLowerCase();
    if (lower in seen) continue;
    seen[lower] = true;
    named[name] = byLowerName[lower]!;
  }
  return named;
}

import type { HttpCall, InvokeMessage } from '../../../../src/contract/guest-messages.ts';
import { ACCOUNT_ID } from './environment.ts';
import { flatten, gatewayTime, httpFields } from './http-fields.ts';

const comma = (values: readonly string[]): string => values.join(',');

/** API Gateway's payload format 2.0, also that of Lambda function URLs. */
export function httpEventV2(message: InvokeMessage, http: HttpCall, body: Buffer): Record<string, unknown> {
  const fields = httpFields(http, body);
  const { url } = fields;
  const cookies = fields.headers.cookie?.flatMap((line) => line.split(/;\s*/));
  const now = Date.now();
  const routeKey =
    http.route === '/*' || http.route === '*' ? '$default' : `${http.method} ${fields.resource}`;
  const query = flatten(fields.query, comma);
  return {
    version: '2.0',
    routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookies === undefined ? {} : { cookies }),
    headers: flatten(fields.headers, comma),
    ...(url.search.length > 1 ? { queryStringParameters: query } : {}),
    requestContext: {
      accountId: ACCOUNT_ID,
      apiId: process.env.MAYFLY_APP,
      domainName: url.hostname,
      domainPrefix: url.hostname.split('.')[0],
      http: {
        method: http.method,
        path: url.pathname,
        protocol: 'HTTP/1.1',
        sourceIp: http.remoteAddress,
        userAgent: fields.headers['user-agent']?.[0] ?? '',
      },
      requestId: message.id,
      routeKey,
      stage: '$default',
      time: gatewayTime(now),
      timeEpoch: now,
    },
    ...(fields.pathParameters === undefined ? {} : { pathParameters: fields.pathParameters }),
    ...(fields.body === undefined ? {} : { body: fields.body }),
    isBase64Encoded: fields.isBase64Encoded,
  };
}

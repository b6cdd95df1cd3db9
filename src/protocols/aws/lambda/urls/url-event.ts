import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { pathOf, queryOf } from '../../sigv4/signed-request.ts';
import { ACCOUNT_ID } from '../names.ts';

/** Who has signed a request to a URL that asks for it. */
export interface UrlCaller {
  readonly accessKey: string;
  readonly id: string;
  readonly arn: string;
}

interface UrlRequest {
  readonly req: IncomingMessage;
  readonly body: Buffer;
  /** Path and query as the function sees them. */
  readonly target: string;
  readonly requestId: string;
  /** Of the URL. */
  readonly id: string;
  /** Its host, without a port. */
  readonly domain: string;
  /** Null: nobody had to sign. */
  readonly caller: UrlCaller | null;
  /** ms since the epoch. */
  readonly now: number;
}

const TEXT =
  /^(text\/|application\/(json|xml|javascript|x-www-form-urlencoded)\s*(;|$)|[^;]*\+(json|xml)\s*(;|$))/i;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A request to a function's URL as the function sees it: AWS's payload format 2.0 ("Lambda function URLs", request payload). */
export function urlEvent(request: UrlRequest): Record<string, unknown> {
  const { req, body, target, requestId, id, domain, caller, now } = request;
  const rawPath = pathOf(target);
  const rawQueryString = target.slice(rawPath.length + 1);
  const { headers } = req;
  const cookies = headers.cookie?.split(/;\s*/);
  const isText = headers['content-encoding'] === undefined && isTextBody(headers, body);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    ...(cookies === undefined ? {} : { cookies }),
    headers: headersOf(req),
    ...(rawQueryString === '' ? {} : { queryStringParameters: parametersOf(target) }),
    requestContext: {
      accountId: caller === null ? 'anonymous' : ACCOUNT_ID,
      apiId: id,
      domainName: domain,
      domainPrefix: id,
      ...(caller === null ? {} : { authorizer: { iam: identityOf(caller) } }),
      http: {
        method: req.method,
        path: rawPath,
        protocol: `HTTP/${req.httpVersion}`,
        sourceIp: req.socket.remoteAddress ?? '',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: gatewayTime(now),
      timeEpoch: now,
    },
    ...(body.length === 0 ? {} : { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

function identityOf({ accessKey, id, arn }: UrlCaller): Record<string, unknown> {
  return {
    accessKey,
    accountId: ACCOUNT_ID,
    callerId: id,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: arn,
    userId: id,
  };
}

/** Names in lower case; the values of a name that came several times joined by commas. */
function headersOf(req: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, values = []] of Object.entries(req.headersDistinct))
    headers[name] = values.join(name === 'cookie' ? '; ' : ',');
  headers['x-forwarded-for'] ??= req.socket.remoteAddress ?? '';
  headers['x-forwarded-proto'] ??= 'http';
  headers['x-forwarded-port'] ??= String(req.socket.localPort ?? '');
  return headers;
}

function parametersOf(target: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name, raw] of queryOf(target.replaceAll('+', '%20'))) {
    const before = Object.hasOwn(parameters, name) ? `${parameters[name]},` : '';
    parameters[name] = `${before}${raw}`;
  }
  return parameters;
}

function isTextBody(headers: IncomingHttpHeaders, body: Buffer): boolean {
  const type = headers['content-type'] ?? '';
  return type === '' ? isUtf8(body) : TEXT.test(type);
}

/** `12/Mar/2020:19:03:58 +0000`. */
function gatewayTime(instant: number): string {
  const iso = new Date(instant).toISOString();
  const month = MONTHS[Number(iso.slice(5, 7)) - 1];
  return `${iso.slice(8, 10)}/${month}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

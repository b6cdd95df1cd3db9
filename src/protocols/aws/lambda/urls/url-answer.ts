import { validateHeaderName, validateHeaderValue } from 'node:http';
import { AwsError } from '../../aws-error.ts';

/** What a client of a URL is answered: status, and headers flat. */
export interface UrlHead {
  readonly status: number;
  readonly headers: readonly string[];
}

export interface UrlAnswer extends UrlHead {
  readonly body: Buffer;
}

/** A function's own words for an HTTP response, in whole or as the prelude of a streamed one. */
interface ProxyResult {
  readonly statusCode?: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | null;
  readonly cookies?: readonly unknown[] | null;
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
}

const JSON_TYPE = 'application/json';
/** Content type of a streamed result that begins with a prelude: JSON, eight zero bytes, the body. */
export const WITH_PRELUDE = 'application/vnd.awslambda.http-integration-response';
/** Fields of one connection, and those that say the length of a body, which only the server knows. */
const SERVERS_OWN: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The result of a function as AWS reads it ("Lambda function URLs", response payload): with a `statusCode` an HTTP response, any other
 * JSON the body of a 200.
 * @throws AwsError 502: it is neither
 */
export function answerOf(result: Buffer): UrlAnswer {
  const value = parsed(result);
  if (typeof value !== 'object' || value === null || (value as ProxyResult).statusCode === undefined)
    return { status: 200, headers: ['content-type', JSON_TYPE], body: result };
  const proxy = value as ProxyResult;
  const { body = '' } = proxy;
  if (body !== null && typeof body !== 'string') throw badAnswer();
  const bytes = Buffer.from(body ?? '', proxy.isBase64Encoded === true ? 'base64' : 'utf8');
  return { ...headOf(proxy, JSON_TYPE), body: bytes };
}

/** What the prelude of a streamed response says. @throws AwsError 502 */
export function preludeHead(prelude: Buffer): UrlHead {
  const value = parsed(prelude);
  if (typeof value !== 'object' || value === null) throw badAnswer();
  return headOf(value, 'application/octet-stream');
}

/** Fields as they may be sent: without the server's own, and without those that begin with `policed`. @throws AwsError 502 */
export function sendable(headers: readonly string[], policed: string | null): string[] {
  const fields: string[] = [];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const [name, value] = [headers[at]!, headers[at + 1]!];
    const key = name.toLowerCase();
    if (SERVERS_OWN.has(key) || (policed !== null && key.startsWith(policed))) continue;
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      throw badAnswer();
    }
    fields.push(name, value);
  }
  return fields;
}

/** Told a client whose function gave no usable answer; why stands in the function's log. */
export function badAnswer(): AwsError {
  return new AwsError('InternalServerErrorException', 502, 'Internal Server Error');
}

function headOf(proxy: ProxyResult, defaultType: string): UrlHead {
  const status = Number(proxy.statusCode ?? 200);
  if (!Number.isInteger(status) || status < 200 || status > 599) throw badAnswer();
  const headers: string[] = [];
  for (const [name, value] of Object.entries(proxy.headers ?? {})) {
    if (value !== undefined && value !== null) headers.push(name, String(value));
  }
  for (const cookie of proxy.cookies ?? []) headers.push('set-cookie', String(cookie));
  const typed = headers.some((text, at) => at % 2 === 0 && text.toLowerCase() === 'content-type');
  return { status, headers: typed ? headers : [...headers, 'content-type', defaultType] };
}

function parsed(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch {
    throw badAnswer();
  }
}

import type { HttpCall } from '../../../../src/contract/guest-messages.ts';
import { parseBody } from '../../event-data.ts';

/** `req` of the v3 programming model. */
export interface V3Request {
  readonly method: string;
  readonly url: string;
  readonly originalUrl: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  /** Parsed when it is JSON, bytes when it is binary, else text; undefined when there is none. */
  readonly body: unknown;
  readonly rawBody: unknown;
  readonly bufferBody: Buffer | undefined;
  get(name: string): string | undefined;
}

export function v3Request(
  http: HttpCall,
  bytes: Buffer,
  params: Readonly<Record<string, string>>,
): V3Request {
  const headers: Record<string, string> = {};
  for (let at = 0; at < http.headers.length; at += 2) {
    const name = http.headers[at]!.toLowerCase();
    const value = http.headers[at + 1]!;
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  const query: Record<string, string> = {};
  new URL(http.url).searchParams.forEach((value, name) => {
    query[name] = query[name] === undefined ? value : `${query[name]},${value}`;
  });
  const type = headers['content-type'] ?? '';
  const binary = /^(?:application\/octet-stream|multipart\/|image\/|audio\/|video\/)/i.test(type);
  const text = binary ? undefined : bytes.toString('utf8');
  const present = bytes.length > 0;
  return {
    method: http.method,
    url: http.url,
    originalUrl: http.url,
    headers,
    query,
    params,
    body: present ? (binary ? bytes : jsonOrText(bytes, type, text!)) : undefined,
    rawBody: present ? (text ?? bytes) : undefined,
    bufferBody: present ? bytes : undefined,
    get: (name) => headers[String(name).toLowerCase()],
  };
}

function jsonOrText(bytes: Buffer, type: string, text: string): unknown {
  if (!/json/i.test(type)) return text;
  try {
    return parseBody(bytes, type);
  } catch {
    return text;
  }
}

import type { Answer } from '../../answer.ts';
import { addDefaultHeader, headerList } from '../../header-fields.ts';
import { asBytes, toJson } from '../../result.ts';

const JSON_TYPE = 'application/json';
const TEXT_TYPE = 'text/plain';

/** `context.Response`. */
export class Response {
  body: string | Uint8Array | null;
  headers: unknown;
  content_type: string;
  status_code: unknown;
  /** `text` or `base64`: how a body of text is to be understood. */
  body_encoding: string;

  constructor(
    body: unknown = null,
    headers: unknown = null,
    contentType = TEXT_TYPE,
    statusCode: unknown = 200,
    bodyEncoding = 'text',
  ) {
    const encoded = encodeBody(body);
    this.body = encoded.body;
    this.headers = headers;
    this.content_type = encoded.isJson ? JSON_TYPE : contentType;
    this.status_code = statusCode;
    this.body_encoding = bodyEncoding;
  }
}

/** The answer that a handler's output makes: text, bytes, `[status, body]`, a `Response`, or any value as JSON. */
export function encodeOutput(output: unknown): Answer {
  if (output instanceof Response) return encodeResponse(output);
  const isStatusReply = Array.isArray(output) && output.length === 2 && typeof output[0] === 'number';
  const { body, isJson } = encodeBody(isStatusReply ? output[1] : output);
  const headers = ['content-type', isJson ? JSON_TYPE : TEXT_TYPE];
  return { status: isStatusReply ? (output[0] as number) : 200, headers, body };
}

function encodeResponse({
  body,
  headers: given,
  content_type,
  status_code,
  body_encoding,
}: Response): Answer {
  const headers = headerList(given);
  if (body !== null) addDefaultHeader(headers, 'content-type', content_type);
  const isBase64 = body_encoding === 'base64' && typeof body === 'string';
  return {
    status: Number.parseInt(String(status_code), 10),
    headers,
    body: isBase64 ? Buffer.from(body, 'base64') : body,
  };
}

function encodeBody(value: unknown): { body: string | Uint8Array | null; isJson: boolean } {
  if (typeof value === 'string') return { body: value, isJson: false };
  if (value === undefined || value === null) return { body: null, isJson: false };
  const bytes = typeof value === 'object' ? asBytes(value) : null;
  return bytes === null ? { body: toJson(value), isJson: true } : { body: bytes, isJson: false };
}

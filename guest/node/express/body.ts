import { parse } from 'node:querystring';
import { nestedForm } from './nested-form.ts';

/** What a body parser makes of a request's bytes. */
export interface ParsedBody {
  /** JSON and forms as values, text as a string, anything else as bytes; an empty object when there is no body. */
  readonly body: unknown;
  /** The bytes, decompressed; undefined when there are none. */
  readonly raw: Buffer | undefined;
}

const JSON_TYPE = /^application\/(?:cloudevents\+)?json\s*(?:;|$)/i;
const TEXT_TYPE = /^text\/plain\s*(?:;|$)/i;
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

/**
 * Parses a body by its type: what Google's framework does with Express' body parsers before a function is called.
 * @throws BodyMalformed
 */
export function parseBody(bytes: Buffer, contentType: string, encoding: string | undefined): ParsedBody {
  if (bytes.length === 0) return { body: {}, raw: undefined };
  const raw = encoding === undefined || encoding === 'identity' ? bytes : inflate(bytes, encoding);
  if (JSON_TYPE.test(contentType)) return { body: parseJson(raw), raw };
  if (TEXT_TYPE.test(contentType)) return { body: raw.toString(charsetOf(contentType)), raw };
  if (FORM_TYPE.test(contentType)) return { body: nestedForm(parse(raw.toString('utf8'))), raw };
  return { body: raw, raw };
}

/** A body that is not what its headers say; `status` is what the client gets. */
export class BodyMalformed extends Error {
  override readonly name = 'BodyMalformed';
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** As Express has it by default: an object or an array, nothing else. */
function parseJson(raw: Buffer): unknown {
  const text = raw.toString('utf8');
  if (!/^[\s\ufeff]*[[{]/.test(text)) throw new BodyMalformed('The body is no JSON object or array.', 400);
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new BodyMalformed((thrown as Error).message, 400);
  }
}

function charsetOf(contentType: string): BufferEncoding {
  const charset = /charset="?([^\s;"]+)/i.exec(contentType)?.[1]?.toLowerCase() ?? 'utf-8';
  if (charset === 'iso-8859-1') return 'latin1';
  return globalThis.Buffer.isEncoding(charset) ? charset : 'utf8';
}

function inflate(bytes: Buffer, encoding: string): Buffer {
  const { brotliDecompressSync, gunzipSync, inflateSync } = process.getBuiltinModule('node:zlib');
  const decoders: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
    br: brotliDecompressSync,
    deflate: inflateSync,
    gzip: gunzipSync,
  };
  const name = encoding.toLowerCase();
  if (!Object.hasOwn(decoders, name))
    throw new BodyMalformed(`The content encoding ${name} is not supported.`, 415);
  try {
    return decoders[name]!(bytes);
  } catch (thrown) {
    throw new BodyMalformed((thrown as Error).message, 400);
  }
}

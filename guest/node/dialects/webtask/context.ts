import { parse } from 'node:querystring';
import type { HttpCall } from '../../../../src/contract/guest-messages.ts';
import type { InstanceInfo } from '../../instance-info.ts';

type Fields = Readonly<Record<string, unknown>>;
type Told = (error: Error | null, data?: unknown) => void;

/** `context` of a webtask. */
export interface WebtaskContext {
  /** Query, secrets and, when it is a mapping, the body, in one; the later ones win. */
  readonly data: Fields;
  readonly query: Fields;
  readonly params: Fields;
  readonly secrets: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly meta: Fields;
  /** Only with a body of JSON or a form. */
  readonly body?: unknown;
  readonly storage: { get(told: Told): void; set(data: unknown, options: unknown, told?: Told): void };
}

export function webtaskContext(http: HttpCall, bytes: Buffer, instance: InstanceInfo): WebtaskContext {
  const headers: Record<string, string> = {};
  for (let at = 0; at < http.headers.length; at += 2) {
    const name = http.headers[at]!.toLowerCase();
    const value = http.headers[at + 1]!;
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  const mark = http.url.indexOf('?');
  const query: Fields = { ...(mark < 0 ? {} : parse(http.url.slice(mark + 1))) };
  const secrets = { ...instance.env };
  const body = parseBody(bytes, headers['content-type'] ?? '');
  return {
    data: { ...query, ...secrets, ...(isMapping(body) ? body : {}) },
    query,
    params: {},
    secrets,
    headers,
    meta: { name: instance.function },
    ...(body === undefined ? {} : { body }),
    storage: NO_STORAGE,
  };
}

/** Webtask's storage is durable; something that forgets would lose data without a word. */
const NO_STORAGE: WebtaskContext['storage'] = {
  get: (told) => told(new StorageMissing()),
  set: (_data, options, told) => (told ?? (options as Told))(new StorageMissing()),
};

class StorageMissing extends Error {
  override readonly name = 'StorageMissing';
  readonly code = 501;

  constructor() {
    super('context.storage is not provided: keep data in a service of the app.');
  }
}

function parseBody(bytes: Buffer, type: string): unknown {
  if (bytes.length === 0) return undefined;
  if (/^application\/json\s*(?:;|$)/i.test(type)) return parseJson(bytes);
  if (/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type))
    return { ...parse(bytes.toString('utf8')) };
  return undefined;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function isMapping(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

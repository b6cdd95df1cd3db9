import { ApiError } from './api-error.ts';

export type TelemetryType = 'platform' | 'function' | 'extension';

export interface Subscription {
  readonly types: readonly TelemetryType[];
  /** Where batches go. */
  readonly url: URL;
  readonly buffering: Readonly<Record<'maxItems' | 'maxBytes' | 'timeoutMs', number>>;
}

/** Bounds and defaults that AWS documents. */
const BUFFERING = {
  maxItems: [1_000, 10_000, 1_000],
  maxBytes: [262_144, 1_048_576, 262_144],
  timeoutMs: [25, 30_000, 1_000],
} as const;
const TYPES: readonly unknown[] = ['platform', 'function', 'extension'];
/** Names of the sandbox's own loopback in AWS. */
const OWN_HOSTS: readonly string[] = ['sandbox.localdomain', 'sandbox'];

/** Reads the body of `PUT /2022-07-01/telemetry`. @throws ApiError */
export function readSubscription(body: Buffer, open: boolean): Subscription {
  if (!open)
    throw new ApiError(403, 'Telemetry.SubscriptionClosed', 'Telemetry API subscription is closed already.');
  const faults: string[] = [];
  const asked = objectOf(parse(body)) ?? {};
  const types = Array.isArray(asked.types) ? asked.types : [];
  if (types.length === 0 || !types.every((type) => TYPES.includes(type)))
    faults.push('types must name platform, function or extension');
  if (typeof asked.schemaVersion !== 'string') faults.push('schemaVersion is not provided');
  const url = readDestination(objectOf(asked.destination) ?? {}, faults);
  const buffering = readBuffering(objectOf(asked.buffering) ?? {}, faults);
  if (faults.length > 0 || url === null) throw new ApiError(400, 'ValidationError', faults.join('; '));
  return { types: types as TelemetryType[], url, buffering };
}

function readDestination(asked: Readonly<Record<string, unknown>>, faults: string[]): URL | null {
  if (asked.protocol !== 'HTTP') faults.push('destination.protocol must be HTTP');
  const text = typeof asked.URI === 'string' ? asked.URI : '';
  if (!URL.canParse(text) || new URL(text).protocol !== 'http:') {
    faults.push('destination.URI must be an http URL');
    return null;
  }
  const url = new URL(text);
  if (url.port === '') faults.push('URI port is not provided');
  if (OWN_HOSTS.includes(url.hostname)) url.hostname = '127.0.0.1';
  return url;
}

function readBuffering(
  asked: Readonly<Record<string, unknown>>,
  faults: string[],
): Subscription['buffering'] {
  const read = (name: keyof typeof BUFFERING): number => {
    const [least, most, otherwise] = BUFFERING[name];
    const value = asked[name] ?? otherwise;
    if (typeof value === 'number' && value >= least && value <= most) return value;
    faults.push(`buffering.${name} must be from ${least} to ${most}`);
    return otherwise;
  };
  return { maxItems: read('maxItems'), maxBytes: read('maxBytes'), timeoutMs: read('timeoutMs') };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new ApiError(400, 'ValidationError', 'The body is no JSON.');
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
}

import type { HttpCall, InvokeMessage } from '../../../../src/contract/guest-messages.ts';
import { headerIn } from '../../header-fields.ts';
import { lastValues, queryRecord, splitTarget } from '../../request-target.ts';

const SCHEDULE = { kind: 'cron', name: 'schedule' } as const;
const EVENT = { kind: 'event', name: 'event' } as const;
const HTTP = { kind: 'http', name: 'default-http' } as const;

/** What a handler gets for a call. Names of headers are written as Go writes them: `Content-Type`. */
export function nuclioEvent(message: InvokeMessage, body: Buffer): Record<string, unknown> {
  const { http, event = {} } = message;
  return http === undefined ? envelopeEvent(event, message.id, body) : httpEvent(http, message.id, body);
}

function httpEvent(http: HttpCall, id: string, body: Buffer): Record<string, unknown> {
  const { path, search } = splitTarget(http.url);
  const type = headerIn(http.headers, 'content-type') ?? '';
  return {
    body,
    ...about(id, type, body),
    trigger: HTTP,
    method: http.method,
    path,
    url: http.url,
    headers: canonicalHeaders(http.headers),
    fields: lastValues(queryRecord(search)),
    timestamp: new globalThis.Date(),
    type: '',
    version: '',
  };
}

function envelopeEvent(
  event: Readonly<Record<string, unknown>>,
  id: string,
  body: Buffer,
): Record<string, unknown> {
  const direct = event.type === 'mayfly.invoke';
  const due = new globalThis.Date(direct ? Date.now() : String(event.time ?? Date.now()));
  return {
    body,
    ...about(direct ? id : String(event.id ?? id), String(event.datacontenttype ?? ''), body),
    trigger: direct ? HTTP : event.type === 'mayfly.schedule' ? SCHEDULE : EVENT,
    method: direct ? 'POST' : '',
    path: direct ? '/' : '',
    url: String(event.source ?? ''),
    headers: {},
    fields: direct ? {} : { ...event },
    timestamp: Number.isInteger(due.getTime()) ? due : new globalThis.Date(),
    type: String(event.type ?? ''),
    version: String(event.specversion ?? ''),
  };
}

/** What events of every kind say. */
function about(id: string, type: string, body: Buffer): Record<string, unknown> {
  return {
    id,
    content_type: type,
    'content-type': type,
    size: body.length,
    shard_id: 0,
    num_shards: 0,
    offset: 0,
    topic: '',
    type_version: '',
  };
}

function canonicalHeaders(headers: readonly string[]): Record<string, string> {
  const record: Record<string, string> = {};
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!.toLowerCase().replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
    record[name] = headers[at + 1]!;
  }
  return record;
}

import type { Call } from '../../call.ts';
import { parseBody } from '../../event-data.ts';
import { eventAsHttp } from '../../event-request.ts';
import { headerIn } from '../../header-fields.ts';
import { isForm, readData, refuse } from '../../request-data.ts';
import { nestedRecord, splitTarget } from '../../request-target.ts';
import type { Responder } from '../../responder.ts';
import { CloudEvent } from './cloud-event.ts';
import { KnativeContext } from './context.ts';

const JSON_TYPE = /^application\/json\s*(;|$)/i;
const TEXT_TYPE = /^text\/plain\s*(;|$)/i;
const STRUCTURED_TYPE = /^application\/cloudevents\+json\s*(;|$)/i;

/** The context of a call with the body or the CloudEvent in it, and the path that was asked for; null: it was refused. */
export async function readInput(
  call: Call,
  respond: Responder,
): Promise<{ readonly context: KnativeContext; readonly path: string } | null> {
  const { http, event } = call.message;
  const request = http ?? eventAsHttp(call.message);
  const { path } = splitTarget(request.url);
  const type = headerIn(request.headers, 'content-type') ?? (http === undefined ? 'application/json' : '');
  const kind = http === undefined ? kindOf(event) : messageKind(request.headers, type);
  const read = await readData(call, respond, type, kind === 'plain' ? parseInput : parseBody);
  if (read === null) return null;
  const { data, bytes } = read;
  const context = new KnativeContext(request, bytes);
  context.body = data;
  if (kind === 'plain') return { context, path };
  const attributes =
    kind === 'own'
      ? { ...event, data }
      : kind === 'structured'
        ? structured(data)
        : { ...binaryAttributes(context.headers, type), data };
  const { specversion } = attributes as { specversion?: unknown };
  if (kind !== 'own' && specversion !== '1.0' && specversion !== '0.3') {
    refuse(respond, `invalid spec version ${String(specversion)}`, 406);
    return null;
  }
  context.cloudevent = new CloudEvent(attributes);
  return { context, path };
}

/** How a CloudEvent comes: as Mayfly's own, in one of HTTP's two modes; plain: it is none. */
type Kind = 'plain' | 'own' | 'structured' | 'binary';

function kindOf(event: Readonly<Record<string, unknown>> | undefined): Kind {
  return event?.type === 'mayfly.invoke' ? 'plain' : 'own';
}

function messageKind(headers: readonly string[], type: string): Kind {
  if (STRUCTURED_TYPE.test(type)) return 'structured';
  return headerIn(headers, 'ce-id') === undefined ? 'plain' : 'binary';
}

/** As Knative's server does: JSON, forms and plain text, bytes for all else. */
function parseInput(bytes: Buffer, type: string): unknown {
  if (bytes.length === 0) return undefined;
  const text = (): string => bytes.toString('utf8');
  if (JSON_TYPE.test(type)) return JSON.parse(text());
  if (isForm(type)) return nestedRecord(text());
  return TEXT_TYPE.test(type) ? text() : bytes;
}

/** A CloudEvent in binary mode (HTTP binding): its attributes are the `ce-` headers. */
function binaryAttributes(headers: Readonly<Record<string, unknown>>, type: string): Record<string, unknown> {
  const attributes: Record<string, unknown> = type === '' ? {} : { datacontenttype: type };
  for (const name of Object.keys(headers)) {
    if (name.startsWith('ce-')) attributes[name.slice(3)] = decoded(String(headers[name]));
  }
  return attributes;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The JSON of a whole event; its data may be bytes in base64. */
function structured(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return {};
  const { data_base64: base64, ...event } = value as Record<string, unknown>;
  return typeof base64 === 'string' ? { ...event, data: Buffer.from(base64, 'base64') } : event;
}

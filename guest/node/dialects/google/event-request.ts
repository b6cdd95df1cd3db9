import { type BackgroundEvent, backgroundEvent } from './background-event.ts';
import { cloudEventOf } from './cloud-event.ts';
import { type Fields, isFields } from './event-kinds.ts';

/** What of an HTTP request says which event it brings. */
export interface EventRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Parsed by its type. */
  readonly body: unknown;
}

/** The CloudEvent that a request brings: in binary or structured mode, or translated from a background event. */
export function readCloudEvent(request: EventRequest): unknown {
  const attributes = binaryAttributes(request);
  const event =
    attributes === null
      ? structuredEvent(pushedMessage(request) ?? request.body)
      : { ...attributes, data: request.body };
  const { traceparent } = request.headers;
  if (traceparent !== undefined && isFields(event)) event.traceparent = traceparent;
  return event;
}

/** The background event that a request brings: as it is, or translated from a CloudEvent. */
export function readBackgroundEvent(request: EventRequest): BackgroundEvent {
  const attributes = binaryAttributes(request);
  if (attributes !== null) return backgroundEvent(attributes, request.body);
  const body = pushedMessage(request) ?? request.body;
  const { data, context, ...rest } = isFields(body) ? body : {};
  return { data, context: isFields(context) ? context : rest };
}

function structuredEvent(body: unknown): unknown {
  return cloudEventOf(body) ?? body;
}

/** Null when the request is no CloudEvent in binary mode. */
function binaryAttributes({ headers }: EventRequest): Fields | null {
  for (const name of ['ce-type', 'ce-specversion', 'ce-source', 'ce-id']) if (!headers[name]) return null;
  const attributes: Fields = {};
  for (const name of Object.keys(headers)) {
    if (name.startsWith('ce-')) attributes[name.slice('ce-'.length)] = headers[name];
  }
  return attributes;
}

const PUBSUB_MESSAGE = 'type.googleapis.com/google.pubsub.v1.PubsubMessage';

/** A message that a Pub/Sub subscription pushes, as the background event that Google makes of it; else null. */
function pushedMessage({ body, path }: EventRequest): Fields | null {
  if (!isFields(body) || body.context || !body.subscription || !isFields(body.message)) return null;
  const { data, messageId, publishTime, attributes } = body.message;
  if (!data || !messageId) return null;
  return {
    context: {
      eventId: messageId,
      timestamp: publishTime || new globalThis.Date().toISOString(),
      eventType: 'google.pubsub.topic.publish',
      resource: {
        service: 'pubsub.googleapis.com',
        type: PUBSUB_MESSAGE,
        name: /projects\/[^/?]+\/topics\/[^/?]+/.exec(path)?.[0] ?? null,
      },
    },
    data: { '@type': PUBSUB_MESSAGE, data, attributes: attributes || {} },
  };
}

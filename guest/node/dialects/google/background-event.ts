import {
  backgroundTypeOf,
  EventConversionError,
  type Fields,
  isFields,
  renameMetadata,
  SERVICES,
} from './event-kinds.ts';

/** What a function of the first generation takes: `(data, context)`. */
export interface BackgroundEvent {
  readonly data: unknown;
  readonly context: Fields;
}

const SOURCE = /\/\/([^/]+)\/(.+)/;
const PUBSUB_MESSAGE = 'type.googleapis.com/google.pubsub.v1.PubsubMessage';

/**
 * A CloudEvent as a background event, by the mapping that Google's frameworks publish and its conformance tests check. An
 * event of another sender keeps its attributes as the context.
 */
export function backgroundEvent(attributes: Fields, data: unknown): BackgroundEvent {
  const eventType = backgroundTypeOf(String(attributes.type));
  if (eventType === null) return { data, context: attributes };
  const [, service, name] = SOURCE.exec(String(attributes.source)) ?? [];
  if (service === undefined || name === undefined) {
    throw new EventConversionError(
      `Failed to convert CloudEvent with invalid source: "${String(attributes.source)}"`,
    );
  }
  const fields = isFields(data) ? data : {};
  const place = `${name}/${String(attributes.subject)}`;
  return {
    context: {
      eventId: attributes.id,
      timestamp: attributes.time,
      eventType,
      resource: resourceOf(service, name, place, fields),
    },
    data: isFields(data) ? dataOf(service, fields) : data,
  };
}

function resourceOf(service: string, name: string, place: string, data: Fields): unknown {
  switch (service) {
    case SERVICES.pubsub:
      return { service, name, type: PUBSUB_MESSAGE };
    case SERVICES.storage:
      return { name: place, service, type: data.kind };
    case SERVICES.auth:
      return name;
    case SERVICES.database:
      return place.replace(/\/locations\/[^/]+/, '');
    default:
      return place;
  }
}

function dataOf(service: string, data: Fields): Fields {
  if (service === SERVICES.auth) {
    return renameMetadata(data, { createTime: 'createdAt', lastSignInTime: 'lastSignedInAt' });
  }
  if (service !== SERVICES.pubsub) return data;
  const {
    messageId: _messageId,
    publishTime: _publishTime,
    ...message
  } = isFields(data.message) ? data.message : data;
  return message;
}

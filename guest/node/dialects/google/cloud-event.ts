import {
  cloudEventTypeOf,
  EventConversionError,
  type Fields,
  isFields,
  renameMetadata,
  SERVICES,
  serviceOf,
} from './event-kinds.ts';

/** How a resource's name is split into what an event comes from and what it is about. */
const SPLIT: Readonly<Record<string, RegExp>> = {
  [SERVICES.database]: /^projects\/[^/]+\/(instances\/[^/]+)\/(refs\/.+)$/,
  [SERVICES.firebase]: /^(projects\/[^/]+)\/(events\/[^/]+)$/,
  [SERVICES.firestore]: /^(projects\/[^/]+\/databases\/\(default\))\/(documents\/.+)$/,
  [SERVICES.storage]: /^(projects\/[^/]+\/buckets\/[^/]+)\/(objects\/.+)$/,
};

/**
 * A background event, `{context, data}` or with the context's fields beside the data, as a CloudEvent, by the mapping that
 * Google's frameworks publish and its conformance tests check. Null when it is none that Google sends.
 */
export function cloudEventOf(body: unknown): Fields | null {
  if (!isFields(body) || !('data' in body)) return null;
  const { data, ...rest } = body;
  const context = isFields(body.context) ? body.context : rest;
  if (!('resource' in context) || typeof context.eventType !== 'string') return null;
  const type = cloudEventTypeOf(context.eventType);
  if (type === null) return null;
  const { service, resource, subject } = placeOf(context, context.eventType);
  const fields = isFields(data) ? data : {};
  const about = service === SERVICES.auth && 'uid' in fields ? `users/${String(fields.uid)}` : subject;
  return {
    id: context.eventId,
    time: context.timestamp,
    specversion: '1.0',
    datacontenttype: 'application/json',
    type,
    source: `//${service}/${service === SERVICES.database ? databasePlace(body.domain, resource) : resource}`,
    data: isFields(data) ? dataOf(service, fields, context) : data,
    ...(about === '' ? {} : { subject: about }),
  };
}

function placeOf(context: Fields, eventType: string): { service: string; resource: string; subject: string } {
  const { resource: written } = context;
  const named = isFields(written) ? written.service : null;
  const service = typeof named === 'string' && named !== '' ? named : serviceOf(eventType);
  if (service === null) {
    throw new EventConversionError(`Unable to find equivalent CloudEvent service for ${eventType}.`);
  }
  const resource = String((isFields(written) ? written.name : written) ?? '');
  const pattern = Object.hasOwn(SPLIT, service) ? SPLIT[service]! : null;
  if (pattern === null) return { service, resource, subject: '' };
  const [, place, subject] = pattern.exec(resource) ?? [];
  if (place === undefined || subject === undefined) {
    throw new EventConversionError(`Resource string did not match expected format: ${resource}.`);
  }
  return { service, resource: place, subject };
}

function databasePlace(domain: unknown, resource: string): string {
  const location =
    domain === 'firebaseio.com'
      ? 'us-central1'
      : /^([\w-]+)\.firebasedatabase\.app$/.exec(typeof domain === 'string' ? domain : '')?.[1];
  if (location === undefined) {
    throw new EventConversionError(`Unable convert to ${SERVICES.database} CloudEvent: invalid domain`);
  }
  return `projects/_/locations/${location}/${resource}`;
}

function dataOf(service: string, data: Fields, { timestamp, eventId }: Fields): Fields {
  if (service === SERVICES.pubsub) {
    const given = { publishTime: data.publishTime || timestamp, messageId: data.messageId || eventId };
    return { message: { ...data, ...given } };
  }
  if (service !== SERVICES.auth) return data;
  return renameMetadata(data, { createdAt: 'createTime', lastSignedInAt: 'lastSignInTime' });
}

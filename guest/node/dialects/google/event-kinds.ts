/** The types of CloudEvents and of the background events that say the same, as Google publishes them. */
const PAIRS = [
  ['google.cloud.pubsub.topic.v1.messagePublished', 'google.pubsub.topic.publish'],
  ['google.cloud.storage.object.v1.archived', 'google.storage.object.archive'],
  ['google.cloud.storage.object.v1.deleted', 'google.storage.object.delete'],
  ['google.cloud.storage.object.v1.finalized', 'google.storage.object.finalize'],
  ['google.cloud.storage.object.v1.metadataUpdated', 'google.storage.object.metadataUpdate'],
  ['google.cloud.firestore.document.v1.created', 'providers/cloud.firestore/eventTypes/document.create'],
  ['google.cloud.firestore.document.v1.deleted', 'providers/cloud.firestore/eventTypes/document.delete'],
  ['google.cloud.firestore.document.v1.updated', 'providers/cloud.firestore/eventTypes/document.update'],
  ['google.cloud.firestore.document.v1.written', 'providers/cloud.firestore/eventTypes/document.write'],
  ['google.firebase.auth.user.v1.created', 'providers/firebase.auth/eventTypes/user.create'],
  ['google.firebase.auth.user.v1.deleted', 'providers/firebase.auth/eventTypes/user.delete'],
  ['google.firebase.analytics.log.v1.written', 'providers/google.firebase.analytics/eventTypes/event.log'],
  ['google.firebase.database.ref.v1.created', 'providers/google.firebase.database/eventTypes/ref.create'],
  ['google.firebase.database.ref.v1.deleted', 'providers/google.firebase.database/eventTypes/ref.delete'],
  ['google.firebase.database.ref.v1.updated', 'providers/google.firebase.database/eventTypes/ref.update'],
  ['google.firebase.database.ref.v1.written', 'providers/google.firebase.database/eventTypes/ref.write'],
] as const;

/** Background event types of the first generation that are still sent. */
const OLDER: Readonly<Record<string, string>> = {
  'providers/cloud.pubsub/eventTypes/topic.publish': 'google.cloud.pubsub.topic.v1.messagePublished',
  'providers/cloud.storage/eventTypes/object.change': 'google.cloud.storage.object.v1.finalized',
};

export const SERVICES = {
  auth: 'firebaseauth.googleapis.com',
  database: 'firebasedatabase.googleapis.com',
  firebase: 'firebase.googleapis.com',
  firestore: 'firestore.googleapis.com',
  pubsub: 'pubsub.googleapis.com',
  storage: 'storage.googleapis.com',
} as const;

const SERVICE_OF: readonly (readonly [prefix: string, service: string])[] = [
  ['providers/cloud.firestore/', SERVICES.firestore],
  ['providers/google.firebase.analytics/', SERVICES.firebase],
  ['providers/firebase.auth/', SERVICES.auth],
  ['providers/google.firebase.database/', SERVICES.database],
  ['providers/cloud.pubsub/', SERVICES.pubsub],
  ['providers/cloud.storage/', SERVICES.storage],
  ['google.pubsub', SERVICES.pubsub],
  ['google.storage', SERVICES.storage],
];

export function backgroundTypeOf(cloudEventType: string): string | null {
  for (const [type, background] of PAIRS) if (type === cloudEventType) return background;
  return null;
}

export function cloudEventTypeOf(backgroundType: string): string | null {
  for (const [type, background] of PAIRS) if (background === backgroundType) return type;
  return Object.hasOwn(OLDER, backgroundType) ? OLDER[backgroundType]! : null;
}

/** The service that sends background events of this type. */
export function serviceOf(backgroundType: string): string | null {
  for (const [prefix, service] of SERVICE_OF) if (backgroundType.startsWith(prefix)) return service;
  return null;
}

/** An event that claims to be one of Google's and is not formed like one. */
export class EventConversionError extends Error {
  override readonly name = 'EventConversionError';
}

export type Fields = Record<string, unknown>;

export function isFields(value: unknown): value is Fields {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}

/** A copy whose `metadata` has some of its names changed. */
export function renameMetadata(data: Fields, names: Readonly<Record<string, string>>): Fields {
  if (!isFields(data.metadata)) return data;
  const metadata: Fields = {};
  for (const name of Object.keys(data.metadata)) metadata[names[name] ?? name] = data.metadata[name];
  return { ...data, metadata };
}

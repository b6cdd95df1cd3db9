/** Events as Google's services send them, in both of their forms. */
export interface Posted {
  readonly headers: Record<string, string>;
  readonly body: Record<string, unknown>;
  readonly path: string;
}

export const post = (
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
  path = '/',
): Posted => ({
  headers,
  body,
  path,
});

const at = { eventId: 'id-1', timestamp: '2020-09-29T11:32:00.000Z' };
/** Background events. */
export const BACKGROUND: Record<string, Posted> = {
  pubsub: post({
    context: {
      ...at,
      eventType: 'google.pubsub.topic.publish',
      resource: { service: 'pubsub.googleapis.com', name: 'projects/p/topics/t', type: 'x' },
    },
    data: { '@type': 'x', attributes: { a: 'b' }, data: 'VGVzdA==' },
  }),
  'older pubsub': post({
    ...at,
    eventType: 'providers/cloud.pubsub/eventTypes/topic.publish',
    resource: 'projects/p/topics/t',
    data: { data: 'VGVzdA==', messageId: 'own', publishTime: 'then' },
  }),
  storage: post({
    context: {
      ...at,
      eventType: 'google.storage.object.finalize',
      resource: {
        service: 'storage.googleapis.com',
        name: 'projects/_/buckets/b/objects/folder/Test.cs',
        type: 'storage#object',
      },
    },
    data: { bucket: 'b', name: 'folder/Test.cs' },
  }),
  'older storage': post({
    ...at,
    eventType: 'providers/cloud.storage/eventTypes/object.change',
    resource: 'projects/_/buckets/b/objects/MyFile',
    data: { bucket: 'b' },
  }),
  firestore: post({
    context: {
      ...at,
      eventType: 'providers/cloud.firestore/eventTypes/document.write',
      resource: 'projects/p/databases/(default)/documents/gcf-test/x2',
    },
    data: { value: { fields: {} }, updateMask: {} },
  }),
  auth: post({
    context: { ...at, eventType: 'providers/firebase.auth/eventTypes/user.create', resource: 'projects/p' },
    data: { uid: 'U', email: 'a@b.c', metadata: { createdAt: '1', lastSignedInAt: '2' } },
  }),
  database: post({
    eventType: 'providers/google.firebase.database/eventTypes/ref.write',
    resource: 'projects/_/instances/db/refs/gcf-test/xyz',
    ...at,
    domain: 'europe-west1.firebasedatabase.app',
    data: { data: null, delta: { g: 1 } },
  }),
  'database in the first region': post({
    eventType: 'providers/google.firebase.database/eventTypes/ref.create',
    resource: 'projects/_/instances/db/refs/x',
    ...at,
    domain: 'firebaseio.com',
    data: { delta: 1 },
  }),
  analytics: post({
    context: {
      ...at,
      eventType: 'providers/google.firebase.analytics/eventTypes/event.log',
      resource: 'projects/p/events/session_start',
    },
    data: { userDim: {} },
  }),
  'somebody else’s': post({ context: { ...at, eventType: 'other', resource: 'r' }, data: { a: 1 } }),
};

export const ce = (type: string, source: string, subject?: string): Record<string, string> => ({
  'ce-specversion': '1.0',
  'ce-id': 'id-1',
  'ce-time': at.timestamp,
  'ce-type': type,
  'ce-source': source,
  ...(subject === undefined ? {} : { 'ce-subject': subject }),
});
/** CloudEvents. */
export const CLOUD: Record<string, Posted> = {
  pubsub: post(
    { subscription: 's', message: { data: 'VGVzdA==', messageId: 'm', publishTime: 't', attributes: {} } },
    ce('google.cloud.pubsub.topic.v1.messagePublished', '//pubsub.googleapis.com/projects/p/topics/t'),
  ),
  storage: post(
    { bucket: 'b', kind: 'storage#object' },
    ce(
      'google.cloud.storage.object.v1.finalized',
      '//storage.googleapis.com/projects/_/buckets/b',
      'objects/f',
    ),
  ),
  firestore: post(
    { value: {} },
    ce(
      'google.cloud.firestore.document.v1.created',
      '//firestore.googleapis.com/projects/p/databases/(default)',
      'documents/gcf-test/x',
    ),
  ),
  auth: post(
    { uid: 'U', metadata: { createTime: '1', lastSignInTime: '2' } },
    ce('google.firebase.auth.user.v1.created', '//firebaseauth.googleapis.com/projects/p', 'users/U'),
  ),
  database: post(
    { delta: 1 },
    ce(
      'google.firebase.database.ref.v1.written',
      '//firebasedatabase.googleapis.com/projects/_/locations/europe-west1/instances/db',
      'refs/gcf-test/xyz',
    ),
  ),
  'somebody else’s': post({ a: 1 }, ce('com.example', '//example')),
};

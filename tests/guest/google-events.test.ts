import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { readBackgroundEvent, readCloudEvent } from '../../guest/node/dialects/google/event-request.ts';
import { BACKGROUND, CLOUD, ce, type Posted, post } from './google-event-cases.ts';

/** The published framework's own translations, which its conformance tests check. */
const framework = join(import.meta.dirname, '../../node_modules/@google-cloud/functions-framework/build/src');
const load = createRequire(import.meta.url);
const { backgroundEventToCloudEventMiddleware } = load(
  join(framework, 'middleware/background_event_to_cloud_event.js'),
);
const { cloudEventToBackgroundEventMiddleware } = load(
  join(framework, 'middleware/cloud_event_to_background_event.js'),
);
const { legacyPubSubEventMiddleware } = load(join(framework, 'pubsub_middleware.js'));

/** The body that the framework's middleware makes of a request. */
function theirs(
  posted: Posted,
  ...middleware: ((req: object, res: null, next: () => void) => void)[]
): unknown {
  const { headers, path } = posted;
  const body = structuredClone(posted.body);
  const request = { headers, path, body, header: (name: string) => headers[name] };
  for (const run of middleware) run(request, null, () => undefined);
  return request.body;
}

test('background events become the CloudEvents that the framework makes of them', () => {
  for (const [name, posted] of Object.entries(BACKGROUND)) {
    const expected = theirs(posted, legacyPubSubEventMiddleware, backgroundEventToCloudEventMiddleware);
    assert.deepEqual(readCloudEvent(structuredClone(posted)), expected, name);
  }
});

test('CloudEvents become the background events that the framework makes of them', () => {
  for (const [name, posted] of Object.entries(CLOUD)) {
    const expected = theirs(posted, legacyPubSubEventMiddleware, cloudEventToBackgroundEventMiddleware);
    assert.deepEqual(readBackgroundEvent(structuredClone(posted)), expected, name);
  }
});

test('a push of a Pub/Sub subscription is the event of its message', () => {
  const pushed = post(
    { subscription: 's', message: { data: 'VGVzdA==', messageId: 'm', publishTime: 't' } },
    {},
    '/projects/p/topics/t',
  );
  assert.deepEqual(
    readBackgroundEvent(structuredClone(pushed)),
    theirs(pushed, legacyPubSubEventMiddleware, cloudEventToBackgroundEventMiddleware),
  );
  assert.deepEqual(
    readCloudEvent(structuredClone(pushed)),
    theirs(pushed, legacyPubSubEventMiddleware, backgroundEventToCloudEventMiddleware),
  );
});

test('events that only claim to be Google’s are refused', () => {
  const database = { ...BACKGROUND.database!.body, domain: 'example.com' };
  assert.throws(() => readCloudEvent(post(database)), /invalid domain/);
  const storage = { ...BACKGROUND['older storage']!.body, resource: 'odd' };
  assert.throws(() => readCloudEvent(post(storage)), /did not match expected format: odd/);
  const headers = ce('google.cloud.storage.object.v1.deleted', 'odd');
  assert.throws(() => readBackgroundEvent(post({}, headers)), /invalid source: "odd"/);
});

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';
import type { Answer } from './pending-call.ts';

after(() => GuestDriver.clean());

const load = (code: string, target = 'hello', env: Record<string, string> = {}) =>
  GuestDriver.load(code, { dialect: 'google', handler: { file: 'index.mjs', export: target }, env });
const FRAMEWORK = "import * as functions from '@google-cloud/functions-framework';\n";
const JSON_POST = { method: 'POST', headers: ['Content-Type', 'application/json'] };
const json = (answer: Answer) => JSON.parse(answer.body.toString());

const CLOUD_EVENT = {
  specversion: '1.0',
  id: 'e1',
  source: '//test',
  type: 'com.example.thing',
  subject: 's',
  time: '2026-01-02T03:04:05Z',
};
const asHeaders = (attributes: Record<string, unknown>) => [
  'Content-Type',
  'application/json',
  ...Object.keys(attributes).flatMap((name) => [`ce-${name}`, String(attributes[name])]),
];

test('a CloudEvent function: binary, structured, as an event; by promise and by callback', async () => {
  await using guest = await load(
    `${FRAMEWORK}
    functions.cloudEvent('hello', async (event) => event.data?.fail ? Promise.reject(new Error('no')) : { got: event });
    functions.cloudEvent('other', (event, callback) => callback(event.data.fail ? new Error('no') : null));`,
  );
  const binary = await guest.invoke({
    http: { method: 'POST', headers: [...asHeaders(CLOUD_EVENT), 'traceparent', '00-1'] },
    body: '{"a":1}',
  });
  assert.deepEqual(json(binary).got, { ...CLOUD_EVENT, traceparent: '00-1', data: { a: 1 } });
  const structured = await guest.invoke({
    http: { method: 'POST', headers: ['Content-Type', 'application/cloudevents+json'] },
    body: JSON.stringify({ ...CLOUD_EVENT, data: { b: 2 } }),
  });
  assert.deepEqual(json(structured).got, { ...CLOUD_EVENT, data: { b: 2 } });
  assert.deepEqual(await guest.invokeEvent({ c: 3 }, CLOUD_EVENT), {
    got: { ...CLOUD_EVENT, datacontenttype: 'application/json', data: { c: 3 } },
  });
  const failed = await guest.invoke({
    http: { method: 'POST', headers: asHeaders(CLOUD_EVENT) },
    body: '{"fail":1}',
  });
  assert.equal(failed.failure?.message, 'no');
  assert.equal((await guest.invoke()).status, 404);

  await using other = await load(
    `${FRAMEWORK}functions.cloudEvent('other', (event, callback) => callback(event.data.fail ? new Error('no') : null));`,
    'other',
  );
  const post = (body: string) =>
    other.invoke({ http: { method: 'POST', headers: asHeaders(CLOUD_EVENT) }, body });
  assert.equal((await post('{}')).status, 204);
  assert.equal((await post('{"fail":1}')).failure?.message, 'no');
});

test('plain exports, by signature type; CommonJS; nested targets', async () => {
  const event = { dialect: 'google', env: { FUNCTION_SIGNATURE_TYPE: 'event' } } as const;
  await using legacy = await GuestDriver.load(
    {
      'index.cjs': 'exports.deep = { run: (data, context, callback) => callback(null, { data, context }) };',
    },
    { ...event, handler: { file: 'index.cjs', export: 'deep.run' } },
  );
  const body = JSON.stringify({ data: { a: 1 }, context: { eventId: '1', eventType: 'x', resource: 'r' } });
  assert.deepEqual(json(await legacy.invoke({ http: JSON_POST, body })), JSON.parse(body));
  const flat = await legacy.invoke({ http: JSON_POST, body: '{"data":{"a":1},"eventId":"1"}' });
  assert.deepEqual(json(flat), { data: { a: 1 }, context: { eventId: '1' } });

  await using http = await GuestDriver.load(
    {
      'index.cjs': 'exports.hello = (req, res) => res.send(req.query.name ?? req.body.name ?? "World");',
    },
    { dialect: 'google', handler: { file: 'index.cjs', export: 'hello' } },
  );
  assert.equal((await http.invoke()).body.toString(), 'World');
  assert.equal(
    (
      await http.invoke({
        event: { ...CLOUD_EVENT, datacontenttype: 'application/json' },
        body: '{"name":"E"}',
      })
    ).body.toString(),
    'E',
  );
});

test('what cannot be bound says why', async () => {
  const failure = async (code: string, env: Record<string, string> = {}) => {
    await using guest = await GuestDriver.boot({ 'index.mjs': code });
    await guest.booted;
    return await guest.specialise({
      dialect: 'google',
      handler: { file: 'index.mjs', export: 'hello' },
      env,
    });
  };
  assert.match(
    (await failure(`${FRAMEWORK}functions.http('a', () => 1);`))!.message,
    /neither registered nor exported.*registers a/,
  );
  assert.match(
    (await failure(`${FRAMEWORK}functions.http('-a', () => 1);`))!.message,
    /Invalid function name: -a/,
  );
  assert.match(
    (await failure('export const hello = () => 1;', { FUNCTION_SIGNATURE_TYPE: 'odd' }))!.message,
    /must be one of: http, event, cloudevent/,
  );
});

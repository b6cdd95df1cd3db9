import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';
import { headerValues } from './pending-call.ts';
import { brief, failureOf, jsonOf, request } from './vendor-call.ts';

after(() => GuestDriver.clean());

const load = (code: string) =>
  GuestDriver.load(
    { 'jobs.js': code },
    { dialect: 'kubeless', handler: { file: 'jobs.js', export: 'handler' } },
  );

test('the event has the data by its type, what the headers say, and the request', async () => {
  await using guest = await load(`module.exports = { handler: (event) => ({
    type: event['event-type'], id: event['event-id'], time: event['event-time'], namespace: event['event-namespace'],
    data: event.data, path: event.extensions.request.path, query: event.extensions.request.query,
    bytes: event.extensions.request.body.toString('hex') }) };`);
  const headers = [
    'Event-Type',
    'a.b',
    'Event-Id',
    '7',
    'Event-Time',
    'now',
    'Event-Namespace',
    'kubeless.io',
  ];
  const json = jsonOf(await guest.invoke(request('application/json', '{"n":1}', { headers })));
  assert.deepEqual(json, {
    type: 'a.b',
    id: '7',
    time: 'now',
    namespace: 'kubeless.io',
    data: { n: 1 },
    path: '/users/7',
    query: { tag: ['a', 'b'], q: 'x y' },
    bytes: '7b226e223a317d',
  });
  assert.equal(jsonOf(await guest.invoke(request('text/plain', 'words'))).data, 'words');
  const binary = await guest.invoke(request('image/png', Buffer.from([0x89, 0, 255])));
  assert.equal(jsonOf(binary).bytes, '8900ff');
  assert.deepEqual(jsonOf(await guest.invoke(request(null))).data, {});
  const wrong = await guest.invoke(request('application/json', '{"n"'));
  assert.deepEqual([wrong.status, wrong.failure], [400, null]);

  const own = (await guest.invokeEvent([1], { type: 'a.c', time: 'then' })) as Record<string, unknown>;
  assert.deepEqual([own.type, own.id, own.time, own.namespace, own.data], ['a.c', 'e1', 'then', 'test', [1]]);
});

test('text goes out as it is, the rest as JSON, with what the response says', async () => {
  await using guest = await load(`exports.handler = (event) => {
    const { response } = event.extensions;
    switch (event.data) {
      case 'text': return 'words';
      case 'object': return Promise.resolve({ a: 1 });
      case 'number': return 42;
      case 'null': return null;
      case 'nothing': return;
      case 'response': response.status(201).set('Set-Cookie', ['a=1', 'b=2']); return 'made';
      case 'sent': return void response.status(202).send('sent');
      case 'bytes': return void response.type('png').send(Buffer.from([0, 255]));
    }
  };`);
  const give = (how: string) => guest.invoke(request('text/plain', how));
  const text = await give('text');
  assert.deepEqual(brief(text), [200, undefined, 'words']);
  assert.deepEqual(headerValues(text, 'access-control-allow-origin'), ['*']);
  assert.deepEqual(brief(await give('object')), [200, 'application/json; charset=utf-8', '{"a":1}']);
  assert.equal((await give('number')).body.toString(), '42');
  assert.deepEqual(brief(await give('null')), [200, 'application/json; charset=utf-8', 'null']);
  assert.equal((await give('nothing')).body.length, 0);
  const made = await give('response');
  assert.deepEqual([made.status, made.body.toString()], [201, 'made']);
  assert.deepEqual(headerValues(made, 'set-cookie'), ['a=1', 'b=2']);
  assert.deepEqual(headerValues(made, 'access-control-allow-origin'), ['*']);
  assert.deepEqual(brief(await give('sent')), [202, 'text/html; charset=utf-8', 'sent']);
  const bytes = await give('bytes');
  assert.deepEqual([bytes.body, headerValues(bytes, 'content-type')], [Buffer.from([0, 255]), ['image/png']]);
  const preflight = await guest.invoke(
    request(null, undefined, { method: 'OPTIONS', headers: ['Access-Control-Request-Headers', 'X-A'] }),
  );
  assert.deepEqual(headerValues(preflight, 'access-control-allow-headers'), ['X-A']);
});

test('what is thrown fails the call', async () => {
  await using guest = await load(`exports.handler = async ({ data }) => {
    if (data === 'status') throw new TypeError('thrown');
    return Promise.reject(new RangeError('rejected'));
  };`);
  assert.deepEqual(await failureOf(guest, 'status'), ['FUNCTION_THREW', 'TypeError', 'thrown']);
  assert.deepEqual(await failureOf(guest, {}), ['FUNCTION_THREW', 'RangeError', 'rejected']);
  await assert.rejects(load('exports.other = 1;'), /its export "handler" is no function/);
});

test("context and environment are Kubeless'", async () => {
  await using guest = await load(
    'exports.handler = (event, context) => ({ context, module: process.env.MOD_NAME, handler: process.env.FUNC_HANDLER });',
  );
  assert.deepEqual(await guest.invokeEvent({}), {
    context: { 'function-name': 'handler', timeout: 5, runtime: 'nodejs24', 'memory-limit': '256Mi' },
    module: 'jobs',
    handler: 'handler',
  });
});

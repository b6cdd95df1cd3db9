import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';
import { headerValues } from './pending-call.ts';

after(() => GuestDriver.clean());

const load = (code: string) => GuestDriver.load(code, { dialect: 'event' });

test('an event is a CloudEvent with its data parsed by type', async () => {
  await using guest = await load(`export default async (event, context) => ({
    ...event, data: Buffer.isBuffer(event.data) ? [...event.data] : event.data, context: context.requestId });`);
  const give = async (datacontenttype: string | undefined, body: Buffer | string | undefined) => {
    const type = datacontenttype === undefined ? {} : { datacontenttype };
    const answer = await guest.invoke({
      event: { specversion: '1.0', id: 'e', source: '/s', type: 't', extra: 'x', ...type },
      body,
    });
    assert.equal(answer.failure, null);
    return JSON.parse(answer.body.toString());
  };
  const json = await give('application/json; charset=utf-8', '{"a":1}');
  assert.deepEqual(
    [json.specversion, json.id, json.source, json.type, json.extra],
    ['1.0', 'e', '/s', 't', 'x'],
  );
  assert.deepEqual(json.data, { a: 1 });
  assert.match(json.context, /^request-/);
  assert.deepEqual((await give('application/vnd.x+json', '[2]')).data, [2]);
  assert.deepEqual((await give(undefined, '3')).data, 3);
  assert.equal((await give('text/plain', 'words')).data, 'words');
  assert.deepEqual((await give('image/png', Buffer.from([0, 255]))).data, [0, 255]);
  assert.equal('data' in (await give('application/json', undefined)), false);
});

test('data that is not the JSON it claims to be fails the call', async () => {
  await using guest = await load('export default () => 1;');
  const answer = await guest.invoke({ event: { type: 't', datacontenttype: 'application/json' }, body: '{' });
  assert.equal(answer.failure?.code, 'FUNCTION_THREW');
  assert.equal(answer.failure?.name, 'SyntaxError');
});

test('an HTTP call is an event of type mayfly.http and gives JSON', async () => {
  await using guest = await load('export default (event) => event;');
  const answer = await guest.invoke({
    http: {
      method: 'POST',
      url: 'http://shop.localhost/a?x=1',
      headers: ['Content-Type', 'application/json', 'X-A', '1', 'x-a', '2'],
      params: { id: '9' },
    },
    body: '{"b":2}',
  });
  assert.deepEqual([answer.status, headerValues(answer, 'content-type')], [200, ['application/json']]);
  const event = JSON.parse(answer.body.toString());
  assert.deepEqual([event.type, event.id, event.source], ['mayfly.http', 'request-1', '/shop/cart']);
  assert.deepEqual(event.data, {
    method: 'POST',
    url: 'http://shop.localhost/a?x=1',
    path: '/a',
    query: { x: '1' },
    headers: { 'content-type': 'application/json', 'x-a': '1, 2' },
    params: { id: '9' },
    body: { b: 2 },
  });
});

test('the returned value is the result; nothing is null; waitUntil holds the call', async () => {
  await using guest = await load(`export default (event, context) => {
    if (event.data === 'nothing') return;
    context.waitUntil(new Promise((resolve) => setTimeout(() => { console.log('after'); resolve(); }, 5)));
    return [event.data];
  };`);
  assert.deepEqual(await guest.invokeEvent('x'), ['x']);
  await guest.log((line) => line.message === 'after' && line.requestId === 'request-1');
  assert.equal(await guest.invokeEvent('nothing'), null);
});

test('an export that is no function is refused', async () => {
  await using guest = await GuestDriver.boot({ 'index.mjs': 'export default 5;' });
  const failure = await guest.specialise({ dialect: 'event' });
  assert.deepEqual([failure?.code, failure?.name], ['FUNCTION_INIT_FAILED', 'HandlerUnusable']);
});

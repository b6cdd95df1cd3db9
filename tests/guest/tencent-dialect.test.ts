import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';
import { headerValues } from './pending-call.ts';
import { brief, failureOf, jsonOf, request } from './vendor-call.ts';

after(() => GuestDriver.clean());

const TENCENT = { dialect: 'tencent', handler: { file: 'index.js', export: 'main_handler' } } as const;
const load = (code: string, env: Record<string, string> = {}) =>
  GuestDriver.load({ 'index.js': code }, { ...TENCENT, env });

test('a handler gives its result by promise or callback', async () => {
  await using guest = await load(`exports.main_handler = (event, context, callback) => {
    switch (event.how) {
      case 'async': return Promise.resolve({ got: event });
      case 'callback': return void setTimeout(() => callback(null, 'c'), 1);
      case 'at once': context.callbackWaitsForEmptyEventLoop = false; return callback(null, 'o');
      case 'callback error': return callback(new TypeError('no'));
      case 'reject': return Promise.reject(new RangeError('far'));
      case 'throw': throw new SyntaxError('bad');
      case 'returned': return 'not a promise';
    }
  };`);
  assert.deepEqual(await guest.invokeEvent({ how: 'async' }), { got: { how: 'async' } });
  assert.equal(await guest.invokeEvent({ how: 'callback' }), 'c');
  assert.equal(await guest.invokeEvent({ how: 'at once' }), 'o');
  assert.equal(await guest.invokeEvent({ how: 'returned' }), null);
  assert.equal(await guest.invokeEvent({}), null);
  assert.deepEqual(await failureOf(guest, { how: 'callback error' }), ['FUNCTION_THREW', 'TypeError', 'no']);
  assert.deepEqual(await failureOf(guest, { how: 'reject' }), ['FUNCTION_THREW', 'RangeError', 'far']);
  assert.deepEqual(await failureOf(guest, { how: 'throw' }), ['FUNCTION_THREW', 'SyntaxError', 'bad']);
});

test("HTTP arrives as API Gateway's event", async () => {
  await using guest = await load('exports.main_handler = async (event) => event;');
  const event = jsonOf(await guest.invoke(request('application/json', '{"n":1}')));
  assert.deepEqual(event, {
    requestContext: {
      serviceId: 'shop',
      path: '/users/{id}',
      httpMethod: 'POST',
      requestId: 'request-1',
      identity: {},
      sourceIp: '192.0.2.7',
      stage: 'release',
    },
    headers: {
      host: 'shop.localhost:8080',
      'x-many': '1, 2',
      cookie: 'a=1; b=2',
      'content-type': 'application/json',
    },
    headerParameters: {},
    httpMethod: 'POST',
    path: '/users/7',
    pathParameters: { id: '7' },
    queryString: { tag: ['a', 'b'], q: 'x y' },
    queryStringParameters: { tag: ['a', 'b'], q: 'x y' },
    stageVariables: { stage: 'release' },
    body: '{"n":1}',
    isBase64Encoded: false,
  });
  const binary = jsonOf(await guest.invoke(request('image/png', Buffer.from([0, 255]))));
  assert.deepEqual([binary.body, binary.isBase64Encoded], ['AP8=', true]);
  const bare = jsonOf(await guest.invoke(request(null)));
  assert.deepEqual([bare.body, bare.isBase64Encoded], ['', false]);
});

test('an integration response becomes an HTTP answer, anything else a 200', async () => {
  await using guest = await load('exports.main_handler = async (event) => JSON.parse(event.body);');
  const give = (result: unknown) => guest.invoke(request('text/plain', JSON.stringify(result)));
  const full = await give({
    isBase64Encoded: false,
    statusCode: 201,
    headers: { 'Content-Type': 'text/html', 'Set-Cookie': ['a=1', 'b=2'] },
    body: '<p>',
  });
  assert.deepEqual(brief(full), [201, 'text/html', '<p>']);
  assert.deepEqual(headerValues(full, 'set-cookie'), ['a=1', 'b=2']);
  const binary = await give({ statusCode: 200, isBase64Encoded: true, body: 'AP8=' });
  assert.deepEqual(binary.body, Buffer.from([0, 255]));
  assert.deepEqual(brief(await give('text')), [200, 'text/plain; charset=utf-8', 'text']);
  assert.deepEqual(brief(await give({ a: 1 })), [200, 'application/json', '{"a":1}']);
  assert.deepEqual(brief(await give({ statusCode: 204 })), [204, undefined, '']);
  assert.equal((await give({ statusCode: 200, body: { a: 1 } })).failure?.code, 'RESPONSE_INVALID');
  assert.equal((await give({ statusCode: 'x' })).failure?.code, 'RESPONSE_INVALID');
});

test('a schedule arrives as a timer, other events as their data', async () => {
  await using guest = await load('exports.main_handler = async (event) => event;');
  const timer = await guest.invokeEvent(
    { cron: '* * * * *' },
    { type: 'mayfly.schedule', time: '2026-01-02T03:04:05.678Z', subject: 'nightly' },
  );
  assert.deepEqual(timer, {
    Type: 'Timer',
    TriggerName: 'nightly',
    Time: '2026-01-02T03:04:05Z',
    Message: '{"cron":"* * * * *"}',
  });
  assert.deepEqual(await guest.invokeEvent({ Records: [] }, { type: 'mayfly.queue' }), { Records: [] });
});

test("context and environment are Tencent's", async () => {
  await using guest = await load(
    'exports.main_handler = async (event, context) => ({ context, env: { ...process.env } });',
    { COLOUR: 'red' },
  );
  const { context, env } = (await guest.invokeEvent({})) as Record<string, Record<string, unknown>>;
  assert.deepEqual(context, {
    callbackWaitsForEmptyEventLoop: true,
    memory_limit_in_mb: 256,
    time_limit_in_ms: 5000,
    function_name: 'cart',
    function_version: '0123456789abcdef',
    namespace: 'default',
    tencentcloud_region: 'ap-guangzhou',
    tencentcloud_appid: '0',
    tencentcloud_uin: '0',
    environment: '{"SCF_NAMESPACE":"default","COLOUR":"red"}',
    environ: 'SCF_NAMESPACE=default;COLOUR=red',
    request_id: 'request-1',
  });
  assert.equal(env?.TENCENTCLOUD_RUNENV, 'SCF');
  assert.equal(env?.SCF_FUNCTIONNAME, 'cart');
  assert.equal(env?.SCF_REQUESTID, 'request-1');
  assert.equal(env?.USER_CODE_ROOT, `${guest.folder}/`);
});

test('an export that is no function fails loading', async () => {
  await assert.rejects(load('exports.other = 1;'), /the handler "main_handler" is not exported/);
});

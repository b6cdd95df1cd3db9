import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';
import { headerValues } from './pending-call.ts';
import { brief, failureOf, jsonOf, request } from './vendor-call.ts';

after(() => GuestDriver.clean());

const OPENWHISK = { dialect: 'openwhisk', handler: { file: 'index.mjs', export: 'main' } } as const;
const load = (code: string, env: Record<string, string> = {}) =>
  GuestDriver.load(code, { ...OPENWHISK, env });

const PNG = Buffer.from([0x89, 0x50, 0, 255]);

test('an action gets an object and gives an object, an array, or a promise of one', async () => {
  await using guest = await load(`export function main(params) {
    switch (params.give) {
      case 'array': return [1, params.x];
      case 'promise': return Promise.resolve({ later: true });
      case 'nothing': return;
      case 'null': return null;
      case 'conductor': return { action: 'next', params: { n: 1 }, state: { $step: 2 } };
      case 'text': return 'text';
      default: return { got: params };
    }
  }`);
  assert.deepEqual(await guest.invokeEvent({ a: [1] }), { got: { a: [1] } });
  assert.deepEqual(await guest.invokeEvent({ give: 'array', x: 2 }), [1, 2]);
  assert.deepEqual(await guest.invokeEvent([1, { a: 2 }]), { got: [1, { a: 2 }] });
  assert.deepEqual(await guest.invokeEvent({ give: 'promise' }), { later: true });
  assert.deepEqual(await guest.invokeEvent({ give: 'nothing' }), {});
  assert.equal(await guest.invokeEvent({ give: 'null' }), null);
  const conductor = { action: 'next', params: { n: 1 }, state: { $step: 2 } };
  assert.deepEqual(await guest.invokeEvent({ give: 'conductor' }), conductor);
  assert.deepEqual(await guest.invokeEvent('no object'), { got: { __ow_body: 'no object' } });
  assert.deepEqual((await failureOf(guest, { give: 'text' }))[0], 'RESPONSE_INVALID');
  const bytes = await guest.invoke({
    event: { type: 'a.b', datacontenttype: 'image/png' },
    body: PNG,
  });
  assert.deepEqual(jsonOf(bytes), { got: { __ow_body: PNG.toString('base64') } });
});

test('application errors are results; what is thrown is an error', async () => {
  await using guest = await load(`export function main({ how }) {
    switch (how) {
      case 'error': return { error: 'bad input' };
      case 'reject object': return Promise.reject({ statusCode: 404, body: 'gone' });
      case 'reject text': return Promise.reject('no');
      case 'reject nothing': return Promise.reject();
      case 'reject error': return Promise.reject(new RangeError('far'));
      default: throw new TypeError('thrown');
    }
  }`);
  assert.deepEqual(await guest.invokeEvent({ how: 'error' }), { error: 'bad input' });
  const gone = { error: { statusCode: 404, body: 'gone' } };
  assert.deepEqual(await guest.invokeEvent({ how: 'reject object' }), gone);
  assert.deepEqual(await guest.invokeEvent({ how: 'reject text' }), { error: 'no' });
  assert.deepEqual(await guest.invokeEvent({ how: 'reject nothing' }), { error: {} });
  assert.deepEqual(await failureOf(guest, { how: 'reject error' }), ['FUNCTION_THREW', 'RangeError', 'far']);
  assert.deepEqual(await failureOf(guest, { how: 'throw' }), ['FUNCTION_THREW', 'TypeError', 'thrown']);

  const web = async (how: string) =>
    brief(await guest.invoke(request('application/json', JSON.stringify({ how }))));
  assert.deepEqual(await web('reject object'), [404, 'text/html; charset=utf-8', 'gone']);
  assert.deepEqual(await web('error'), [400, 'application/json', '{"error":"bad input"}']);
  const thrown = await guest.invoke(request(null));
  assert.equal(thrown.failure?.code, 'FUNCTION_THREW');
});

test('a web action gets query, JSON and forms as parameters, and other bodies in __ow_body', async () => {
  await using guest = await load('export const main = (params) => ({ body: params });');
  const params = async (type: string | null, body?: string | Buffer, more = {}) =>
    jsonOf(await guest.invoke(request(type, body, more)));
  const json = await params('application/json', '{"q":"body","n":{"deep":[1]}}');
  assert.equal(json.__ow_method, 'post');
  assert.equal(json.__ow_path, '');
  assert.deepEqual([json.tag, json.q, json.n, json.__ow_body], ['b', 'body', { deep: [1] }, undefined]);
  assert.deepEqual(json.__ow_headers, {
    host: 'shop.localhost:8080',
    'x-many': '1, 2',
    cookie: 'a=1; b=2',
    'content-type': 'application/json',
  });
  assert.equal((await params(null)).q, 'x y');
  assert.equal((await params('application/x-www-form-urlencoded', 'q=a+b&z=%C3%A9')).z, 'é');
  assert.deepEqual((await params('application/json', '[1,2]')).__ow_body, [1, 2]);
  assert.equal((await params('text/plain', 'plain')).__ow_body, 'plain');
  assert.equal((await params('image/png', PNG)).__ow_body, PNG.toString('base64'));
  const rest = await params(null, undefined, { route: '/files/*', params: { '*': 'a/b' } });
  assert.equal(rest.__ow_path, '/a/b');

  const wrong = await guest.invoke(request('application/json', '{"a"'));
  assert.equal(wrong.status, 400);
  const reserved = await guest.invoke(request('application/json', '{"__ow_user":"root"}'));
  assert.deepEqual([reserved.status, reserved.failure], [400, null]);
});

test('a raw web action gets query and body as they came', async () => {
  await using guest = await load('export const main = (params) => ({ body: params });', {
    MAYFLY_OPENWHISK_RAW: 'true',
  });
  const params = async (type: string | null, body?: string | Buffer) =>
    jsonOf(await guest.invoke(request(type, body)));
  const json = await params('application/json', '{"name":"Jane"}');
  assert.deepEqual([json.__ow_query, json.__ow_body], ['tag=a&tag=b&q=x%20y', 'eyJuYW1lIjoiSmFuZSJ9']);
  assert.equal(json.q, undefined);
  assert.equal((await params('text/plain', 'x')).__ow_body, 'x');
  assert.equal((await params(null)).__ow_body, '');
});

test('the result of a web action becomes an HTTP answer', async () => {
  await using guest = await load(
    'export const main = (params) => JSON.parse(Buffer.from(params.__ow_body, "base64"));',
  );
  const give = (result: unknown) => guest.invoke(request('application/octet-stream', JSON.stringify(result)));
  const full = await give({
    statusCode: 201,
    headers: { 'Set-Cookie': ['a=1', 'b=2'], 'X-Number': 5, 'Content-Type': 'text/plain' },
    body: 'made',
  });
  assert.deepEqual(brief(full), [201, 'text/plain', 'made']);
  assert.deepEqual(headerValues(full, 'set-cookie'), ['a=1', 'b=2']);
  assert.deepEqual(headerValues(full, 'x-number'), ['5']);
  assert.deepEqual(headerValues(full, 'access-control-allow-origin'), ['*']);
  assert.deepEqual(headerValues(full, 'x-openwhisk-activation-id'), ['request-1']);
  assert.deepEqual(brief(await give({ body: '<p>' })), [200, 'text/html; charset=utf-8', '<p>']);
  assert.deepEqual(brief(await give({ body: { a: 1 } })), [200, 'application/json', '{"a":1}']);
  assert.deepEqual(brief(await give({ statusCode: '404' })), [404, undefined, '']);
  assert.deepEqual(brief(await give({ headers: { location: '/x' } })), [204, undefined, '']);
  const image = await give({ headers: { 'content-type': 'image/png' }, body: PNG.toString('base64') });
  assert.deepEqual(image.body, PNG);
  const json = Buffer.from('{"b":2}').toString('base64');
  const decoded = await give({ headers: { 'content-type': 'application/json' }, body: json });
  assert.equal(decoded.body.toString(), '{"b":2}');
  assert.deepEqual(brief(await give({ payload: 'x' })), [200, 'application/json', '{"payload":"x"}']);
  for (const wrong of [
    { statusCode: 'abc' },
    { statusCode: 99, body: 'x' },
    { headers: 'none' },
    { headers: { 'content-type': 'image/png' }, body: 'not base64!' },
  ]) {
    assert.equal((await give(wrong)).failure?.code, 'RESPONSE_INVALID', JSON.stringify(wrong));
  }
});

test('what follows the name of a web action says which part of its result is asked for, and as what', async () => {
  await using guest = await load(`export const main = ({ fail }) => fail
    ? { error: { statusCode: 409, body: 'taken' } }
    : { statusCode: 201, body: 'made', html: '<p>', svg: '<svg/>', text: 'plain', list: [1], deep: { n: 2 } };`);
  const ask = async (end: string, url = 'http://shop.localhost/') => {
    const route = `/api/v1/web/:namespace/shop/cart${end.replace(/\/.*/, '/*')}`;
    const rest: Record<string, string> = end.includes('/') ? { '*': end.slice(end.indexOf('/') + 1) } : {};
    return brief(
      await guest.invoke(request(null, undefined, { url, route, params: { namespace: 'guest', ...rest } })),
    );
  };
  assert.deepEqual((await ask('.http')).slice(0, 1), [201]);
  const whole = await ask('.json');
  assert.deepEqual([whole[0], whole[1], JSON.parse(whole[2]).statusCode], [200, 'application/json', 201]);
  assert.deepEqual(await ask('.json/list'), [200, 'application/json', '[1]']);
  assert.deepEqual(await ask('.json/deep/n'), [
    400,
    'application/json',
    '{"error":"The result is not of the type \\"json\\"."}',
  ]);
  assert.equal((await ask('.json/constructor'))[0], 404);
  assert.deepEqual(await ask('.html'), [200, 'text/html; charset=utf-8', '<p>']);
  assert.deepEqual(await ask('.svg'), [200, 'image/svg+xml', '<svg/>']);
  assert.deepEqual(await ask('.text'), [200, 'text/plain; charset=utf-8', 'plain']);
  const failed = await ask('.json', 'http://shop.localhost/?fail=1');
  assert.deepEqual([failed[0], failed[2]], [409, 'taken']);
});

test('OPTIONS is answered for the action, unless it wants to', async () => {
  const code = 'export const main = (params) => ({ headers: { allow: "GET" }, statusCode: 200 });';
  const preflight = request(null, undefined, {
    method: 'OPTIONS',
    headers: ['Access-Control-Request-Headers', 'X-Token'],
  });
  await using guest = await load(code);
  const answer = await guest.invoke(preflight);
  assert.deepEqual(headerValues(answer, 'access-control-allow-headers'), ['X-Token']);
  assert.deepEqual(headerValues(answer, 'allow'), []);
  await using own = await load(code, { MAYFLY_OPENWHISK_OPTIONS: 'true' });
  const ownAnswer = await own.invoke(preflight);
  assert.deepEqual(headerValues(ownAnswer, 'allow'), ['GET']);
  assert.deepEqual(headerValues(ownAnswer, 'access-control-allow-origin'), []);
});

test("the environment is OpenWhisk's", async () => {
  await using guest = await load('export const main = () => ({ ...process.env });');
  const env = (await guest.invokeEvent({})) as Record<string, string>;
  assert.equal(env.__OW_ACTION_NAME, '/shop/cart');
  assert.equal(env.__OW_ACTION_VERSION, '0123456789abcdef');
  assert.equal(env.__OW_NAMESPACE, 'shop');
  assert.equal(env.__OW_ACTIVATION_ID, 'request-1');
  assert.ok(Number(env.__OW_DEADLINE) > Date.now());
});

test('an export that is no function fails loading', async () => {
  await assert.rejects(
    load('export const main = { no: "function" };'),
    /entrypoint 'main' is not a function/,
  );
});

test('parameters of the action itself: a request must not bring them, an event may', async () => {
  await using guest = await load('export const main = (params) => ({ body: params });', {
    MAYFLY_OPENWHISK_PARAMETERS: '{"currency":"EUR","deep":{"n":1}}',
  });
  const url = (search: string) => ({
    http: { method: 'GET', url: `http://shop.localhost:8080/price${search}` },
  });
  const { currency, deep, item } = jsonOf(await guest.invoke(url('?item=tea'))) as Record<string, unknown>;
  assert.deepEqual({ currency, deep, item }, { currency: 'EUR', deep: { n: 1 }, item: 'tea' });
  assert.equal((await guest.invoke(url('?currency=USD'))).status, 400);
  const { body } = (await guest.invokeEvent({ currency: 'USD' })) as { body: unknown };
  assert.deepEqual(body, { currency: 'USD', deep: { n: 1 } });
});

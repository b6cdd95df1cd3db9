import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';
import { headerValues } from './pending-call.ts';
import { brief, failureOf, jsonOf, request } from './vendor-call.ts';

after(() => GuestDriver.clean());

const OPENFAAS = { dialect: 'openfaas', handler: { file: 'handler.js', export: 'default' } } as const;
const load = (code: string, env: Record<string, string> = {}) =>
  GuestDriver.load({ 'handler.js': code }, { ...OPENFAAS, env });

test('the event is the request, its body by its type', async () => {
  await using guest = await load(
    'module.exports = async (event, context) => context.status(200).succeed({ ...event, bytes: Buffer.isBuffer(event.body) });',
  );
  const event = async (type: string | null, body?: string | Buffer) =>
    jsonOf(await guest.invoke(request(type, body)));
  const json = await event('application/json', '{"n":[1]}');
  assert.deepEqual(json, {
    body: { n: [1] },
    headers: {
      host: 'shop.localhost:8080',
      'x-many': '1, 2',
      cookie: 'a=1; b=2',
      'content-type': 'application/json',
    },
    method: 'POST',
    query: { tag: ['a', 'b'], q: 'x y' },
    path: '/users/7',
    bytes: false,
  });
  assert.equal((await event(null, 'plain')).body, 'plain');
  assert.deepEqual((await event(null)).body, {});
  assert.deepEqual((await event('application/x-www-form-urlencoded', 'a=1&b=x+y')).body, {
    a: '1',
    b: 'x y',
  });
  const nested = await event('application/x-www-form-urlencoded', 'a[b]=1&c[]=2&c[]=3');
  assert.deepEqual(nested.body, { a: { b: '1' }, c: ['2', '3'] });
  assert.equal((await event('image/png', Buffer.from([0, 255]))).bytes, true);
  const wrong = await guest.invoke(request('application/json', '{"n"'));
  assert.deepEqual([wrong.status, wrong.failure], [400, null]);
});

test('RAW_BODY leaves the body as it came', async () => {
  await using guest = await load('module.exports = async (event) => event.body;', { RAW_BODY: 'true' });
  const answer = await guest.invoke(request('application/json', '{"n"'));
  assert.deepEqual(brief(answer), [200, 'application/octet-stream', '{"n"']);
});

test('what is returned, succeed and the callback give the answer, the first of them', async () => {
  await using guest = await load(`module.exports = (event, context, callback) => {
    switch (event.body) {
      case 'async': return Promise.resolve('<p>returned</p>');
      case 'object': return Promise.resolve({ a: 1 });
      case 'array': return Promise.resolve([1]);
      case 'bytes': return Promise.resolve(Buffer.from([0, 255]));
      case 'nothing': return Promise.resolve();
      case 'callback': return void setTimeout(() => callback(null, 'called back'), 1);
      case 'twice': context.succeed('first'); context.succeed('second'); return Promise.resolve('third');
      case 'head': return context.status(201).headers({ 'Content-Type': 'text/csv', 'Set-Cookie': ['a=1', 'b=2'] }).succeed('a,b');
      case 'asked': return Promise.resolve([context.status(), context.headers()]);
      default: return;
    }
  };`);
  const give = (how: string) => guest.invoke(request('text/plain', how));
  assert.deepEqual(brief(await give('async')), [200, 'text/html; charset=utf-8', '<p>returned</p>']);
  assert.deepEqual(brief(await give('object')), [200, 'application/json; charset=utf-8', '{"a":1}']);
  assert.deepEqual(brief(await give('array')), [200, 'application/json; charset=utf-8', '[1]']);
  assert.deepEqual((await give('bytes')).body, Buffer.from([0, 255]));
  assert.deepEqual(brief(await give('nothing')), [200, undefined, '']);
  assert.equal((await give('callback')).body.toString(), 'called back');
  assert.equal((await give('twice')).body.toString(), 'first');
  assert.equal((await give('asked')).body.toString(), '[200,{}]');
  assert.deepEqual(brief(await give('silent')), [200, undefined, '']);
  const head = await give('head');
  assert.deepEqual(brief(head), [201, 'text/csv', 'a,b']);
  assert.deepEqual(headerValues(head, 'set-cookie'), ['a=1', 'b=2']);
});

test('fail and an error called back are answers, what is thrown is an error', async () => {
  await using guest = await load(`module.exports = async (event, context, callback) => {
    switch (event.body.how) {
      case 'fail': return context.fail(new Error('reported'));
      case 'fail with status': return context.status(404).fail('gone');
      case 'fail with object': return context.status(422).fail({ field: 'name' });
      case 'callback': return callback(new TypeError('wrong'));
      default: throw new RangeError('thrown');
    }
  };`);
  const give = (how: string) => guest.invoke(request('application/json', JSON.stringify({ how })));
  const text = 'text/plain; charset=utf-8';
  assert.deepEqual(brief(await give('fail')), [500, text, 'Error: reported']);
  assert.equal((await guest.log((line) => line.message.includes('reported'))).level, 'error');
  assert.deepEqual(brief(await give('fail with status')), [404, text, 'gone']);
  assert.deepEqual(brief(await give('fail with object')), [422, text, '{"field":"name"}']);
  assert.deepEqual(brief(await give('callback')), [500, text, 'TypeError: wrong']);
  assert.equal((await give('throw')).failure?.name, 'RangeError');
  assert.deepEqual(await failureOf(guest, { how: 'fail with status' }), [
    'FUNCTION_THREW',
    'EventRefused',
    'The function answered the event with status 404: gone',
  ]);
});

test('an event arrives as a POST', async () => {
  await using guest = await load('module.exports = async (event) => event;');
  const plain = (await guest.invokeEvent({ n: 1 })) as Record<string, unknown>;
  assert.deepEqual([plain.body, plain.method, plain.path, plain.query], [{ n: 1 }, 'POST', '/', {}]);
  const event = (await guest.invokeEvent([1], { type: 'a.b' })) as Record<string, Record<string, unknown>>;
  assert.deepEqual([event.body, event.headers?.['ce-type']], [[1], 'a.b']);
});

test('the path is the one below the gateway’s own', async () => {
  await using guest = await load('module.exports = async (event) => event.path;');
  const path = async (url: string, route: string) =>
    (await guest.invoke({ http: { url: `http://shop.localhost${url}`, route } })).body.toString();
  assert.equal(await path('/function/cart/a/b?c=d', '/function/cart/*'), '/a/b');
  assert.equal(await path('/function/cart', '/function/cart'), '/');
  assert.equal(await path('/function/cart', '/function/:name'), '/');
  assert.equal(await path('/function/cart', '/*'), '/function/cart');
});

test('the template "node" gets text, and gives its result by a callback or a promise', async () => {
  await using guest = await load(
    `module.exports = (text, callback) => {
      switch (text) {
        case 'callback': return void setTimeout(() => callback(undefined, 'called back'), 1);
        case 'promise': return Promise.resolve({ status: 'done' });
        case 'error': return callback(new Error('no'));
        case 'throw': throw new RangeError('thrown');
        case 'variables': return callback(null, [process.env.Http_Method, process.env.Http_Query, process.env.Http_X_Many]);
      }
    };`,
    { MAYFLY_OPENFAAS_TEMPLATE: 'node' },
  );
  const give = (how: string, headers?: string[]) =>
    guest.invoke(request(null, how, headers === undefined ? {} : { headers }));
  assert.deepEqual(brief(await give('callback')), [200, 'text/plain; charset=utf-8', 'called back']);
  assert.deepEqual(brief(await give('promise')), [200, 'application/json', '{"status":"done"}']);
  assert.deepEqual(brief(await give('error')), [500, 'text/plain; charset=utf-8', 'Error: no']);
  assert.equal((await give('throw')).failure?.name, 'RangeError');
  assert.deepEqual(brief(await give('nothing')), [200, undefined, '']);
  assert.equal((await give('variables')).body.toString(), '["POST","tag=a&tag=b&q=x%20y","2"]');
  assert.equal((await give('variables', [])).body.toString(), '["POST","tag=a&tag=b&q=x%20y",null]');
});

test('functions find each other by gateway_url, which the author may set', async () => {
  const code = 'module.exports = async () => process.env.gateway_url;';
  await using own = await load(code);
  assert.match((await own.invoke(request(null))).body.toString(), /^http:.*\/@shop$/);
  await using set = await load(code, { gateway_url: 'http://gateway:8080' });
  assert.equal((await set.invoke(request(null))).body.toString(), 'http://gateway:8080');
});

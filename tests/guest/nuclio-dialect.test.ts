import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';
import { headerValues } from './pending-call.ts';
import { brief, failureOf, jsonOf, request } from './vendor-call.ts';

after(() => GuestDriver.clean());

const NUCLIO = { dialect: 'nuclio', handler: { file: 'index.js', export: 'handler' } } as const;
const load = (code: string) => GuestDriver.load({ 'index.js': code }, NUCLIO);

const PNG = Buffer.from([0x89, 0x50, 0, 255]);

test('the event has the request and its body as bytes', async () => {
  await using guest = await load(`exports.handler = (context, event) => context.callback({
    ...event, body: event.body.toString('hex'), bytes: Buffer.isBuffer(event.body), timestamp: event.timestamp instanceof Date });`);
  const event = jsonOf(await guest.invoke(request('image/png', PNG)));
  assert.deepEqual(event, {
    body: '895000ff',
    bytes: true,
    id: 'request-1',
    content_type: 'image/png',
    'content-type': 'image/png',
    size: 4,
    shard_id: 0,
    num_shards: 0,
    offset: 0,
    topic: '',
    type_version: '',
    trigger: { kind: 'http', name: 'default-http' },
    method: 'POST',
    path: '/users/7',
    url: 'http://shop.localhost:8080/users/7?tag=a&tag=b&q=x%20y',
    headers: {
      Host: 'shop.localhost:8080',
      'X-Many': '2',
      Cookie: 'a=1; b=2',
      'Content-Type': 'image/png',
    },
    fields: { tag: 'b', q: 'x y' },
    timestamp: true,
    type: '',
    version: '',
  });
  const sent = (await guest.invokeEvent(
    {},
    { type: 'mayfly.schedule', time: '2026-01-02T03:04:05Z' },
  )) as Record<string, Record<string, unknown>>;
  assert.deepEqual(
    [sent.trigger?.kind, sent.type, sent.id, sent.version],
    ['cron', 'mayfly.schedule', 'e1', '1.0'],
  );
});

test('the callback gives text, bytes, a status with a body, a Response, or JSON', async () => {
  await using guest = await load(`exports.handler = (context, event) => {
    const { Response } = context;
    switch (event.body.toString()) {
      case 'text': return context.callback('plain');
      case 'bytes': return context.callback(Buffer.from([0, 255]));
      case 'object': return context.callback({ a: 1 });
      case 'nothing': return context.callback();
      case 'status': return context.callback([202, 'accepted']);
      case 'status json': return context.callback([404, { why: 'gone' }]);
      case 'array': return context.callback([1, 2, 3]);
      case 'response': return context.callback(new Response('a,b', { 'X-One': 1, 'Set-Cookie': ['a=1', 'b=2'] }, 'text/csv', 201));
      case 'response json': return context.callback(new Response({ b: 2 }, {}, 'text/csv', 200));
      case 'response bytes': return context.callback(new Response(Buffer.from([0, 255]), null, 'image/png'));
      case 'response base64': return context.callback(new Response('AP8=', null, 'image/png', 200, 'base64'));
      case 'later': return setTimeout(() => context.callback('later'), 1);
      case 'twice': context.callback('first'); return context.callback('second');
    }
  };`);
  const give = (how: string) => guest.invoke(request('text/plain', how));
  assert.deepEqual(brief(await give('text')), [200, 'text/plain', 'plain']);
  assert.deepEqual((await give('bytes')).body, Buffer.from([0, 255]));
  assert.deepEqual(brief(await give('object')), [200, 'application/json', '{"a":1}']);
  assert.equal((await give('nothing')).body.length, 0);
  assert.deepEqual(brief(await give('status')), [202, 'text/plain', 'accepted']);
  assert.deepEqual(brief(await give('status json')), [404, 'application/json', '{"why":"gone"}']);
  assert.deepEqual(brief(await give('array')), [200, 'application/json', '[1,2,3]']);
  const response = await give('response');
  assert.deepEqual(brief(response), [201, 'text/csv', 'a,b']);
  assert.deepEqual(headerValues(response, 'x-one'), ['1']);
  assert.deepEqual(headerValues(response, 'set-cookie'), ['a=1', 'b=2']);
  assert.deepEqual(brief(await give('response json')), [200, 'application/json', '{"b":2}']);
  assert.deepEqual((await give('response bytes')).body, Buffer.from([0, 255]));
  assert.deepEqual((await give('response base64')).body, Buffer.from([0, 255]));
  assert.equal((await give('later')).body.toString(), 'later');
  assert.equal((await give('twice')).body.toString(), 'first');
});

test('what is thrown, rejected or never called back fails the call', async () => {
  await using guest = await load(`exports.handler = (context, event) => {
    const { how } = JSON.parse(event.body);
    if (how === 'throw') throw new TypeError('thrown');
    if (how === 'reject') return Promise.reject(new RangeError('rejected'));
    if (how === 'answer') return context.callback([500, 'broken']);
    return Promise.resolve('returned');
  };`);
  assert.deepEqual(await failureOf(guest, { how: 'throw' }), ['FUNCTION_THREW', 'TypeError', 'thrown']);
  assert.deepEqual(await failureOf(guest, { how: 'reject' }), ['FUNCTION_THREW', 'RangeError', 'rejected']);
  const silent = [
    'RESPONSE_INVALID',
    'InvalidResponse',
    'The handler ended without calling context.callback.',
  ];
  assert.deepEqual(await failureOf(guest, { how: 'never' }), silent);
  const answered = await failureOf(guest, { how: 'answer' });
  assert.equal(answered[2], 'The function answered the event with status 500: broken');
});

test('initContext runs first, async too, and what it keeps is there for every call', async () => {
  await using guest = await load(`
    exports.initContext = async (context) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      context.userData.calls = 0;
      context.db = { name: 'orders' };
    };
    exports.handler = (context, event) => context.callback({ calls: ++context.userData.calls, db: context.db.name });`);
  assert.deepEqual(await guest.invokeEvent({}), { calls: 1, db: 'orders' });
  assert.deepEqual(await guest.invokeEvent({}), { calls: 2, db: 'orders' });
  await assert.rejects(
    load(
      'exports.initContext = async () => { throw new Error("no database"); }; exports.handler = () => {};',
    ),
    /no database/,
  );
});

test('calls at the same time have their own callbacks', async () => {
  await using guest = await load(`let release;
    exports.handler = (context, event) => {
      if (event.method === 'GET') {
        const waiting = setInterval(() => {}, 1000);
        release = () => { clearInterval(waiting); context.callback('held'); };
        return;
      }
      context.callback('other');
      release();
    };`);
  const held = guest.call();
  assert.equal((await guest.invoke({ http: { method: 'POST' } })).body.toString(), 'other');
  assert.equal((await held.answer).body.toString(), 'held');
});

test("the logger's lines have their level and their data; the environment is Nuclio's", async () => {
  await using guest = await load(`exports.handler = (context) => {
    context.logger.debug('d'); context.logger.info('i'); context.logger.warn('w');
    context.logger.errorWith('e', { n: 1 });
    context.callback(process.env.NUCLIO_FUNCTION_NAME);
  };`);
  assert.equal((await guest.invoke()).body.toString(), 'cart');
  const error = await guest.log((line) => line.message === 'e');
  assert.deepEqual([error.level, error.fields, error.requestId], ['error', { n: 1 }, 'request-1']);
  const levels = ['d', 'i', 'w'].map((text) => guest.logs.find((line) => line.message === text)?.level);
  assert.deepEqual(levels, ['debug', 'info', 'warn']);
});

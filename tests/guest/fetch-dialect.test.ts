import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';
import { headerValues } from './pending-call.ts';

after(() => GuestDriver.clean());

const HANDLER_VALUES = `
export default {
  fetch(request) {
    const { pathname } = new URL(request.url);
    switch (pathname) {
      case '/text': return 'plain';
      case '/later': return Promise.resolve({ a: [1, null] });
      case '/none': return undefined;
      case '/null': return null;
      case '/number': return 7;
      case '/bytes': return new Uint8Array([1, 2, 255]);
      case '/buffer': return new Uint8Array([9, 8]).buffer;
      case '/stream': return new Response('from a stream').body;
      case '/parts': return (async function* () { yield 'one '; yield new TextEncoder().encode('two'); })();
      case '/response': return new Response('made', { status: 201, headers: { 'x-a': 'b' } });
      case '/nothing': return new Response(null, { status: 204 });
      case '/json': return Response.json({ ok: true });
    }
  },
};`;

test('any value becomes a response', async () => {
  await using guest = await GuestDriver.load(HANDLER_VALUES);
  const get = async (path: string) => {
    const answer = await guest.invoke({ http: { url: `http://shop.localhost${path}` } });
    assert.equal(answer.failure, null, path);
    return [answer.status, headerValues(answer, 'content-type')[0], answer.body.toString('latin1')];
  };
  assert.deepEqual(await get('/text'), [200, 'text/plain; charset=utf-8', 'plain']);
  assert.deepEqual(await get('/later'), [200, 'application/json; charset=utf-8', '{"a":[1,null]}']);
  assert.deepEqual(await get('/none'), [204, undefined, '']);
  assert.deepEqual(await get('/null'), [204, undefined, '']);
  assert.deepEqual(await get('/number'), [200, 'application/json; charset=utf-8', '7']);
  assert.deepEqual(await get('/bytes'), [200, 'application/octet-stream', '\x01\x02\xff']);
  assert.deepEqual(await get('/buffer'), [200, 'application/octet-stream', '\x09\x08']);
  assert.deepEqual(await get('/stream'), [200, 'application/octet-stream', 'from a stream']);
  assert.deepEqual(await get('/parts'), [200, 'application/octet-stream', 'one two']);
  assert.deepEqual(await get('/response'), [201, 'text/plain;charset=UTF-8', 'made']);
  assert.deepEqual(await get('/nothing'), [204, undefined, '']);
  assert.deepEqual(await get('/json'), [200, 'application/json', '{"ok":true}']);
});

test('a small answer is one frame', async () => {
  await using guest = await GuestDriver.load(HANDLER_VALUES);
  for (const path of ['/text', '/later', '/none', '/bytes', '/response', '/nothing', '/json']) {
    const answer = await guest.invoke({ http: { url: `http://shop.localhost${path}` } });
    assert.deepEqual(answer.frames, ['HEAD+END+DONE'], path);
  }
});

test('a bare function gets request and context, an object also the environment', async () => {
  await using bare = await GuestDriver.load(
    'export default (request, context) => [request.method, context.requestId, context.params];',
  );
  const answer = await bare.invoke({ id: 'r-1', http: { method: 'PUT', params: { id: '5' } } });
  assert.deepEqual(JSON.parse(answer.body.toString()), ['PUT', 'r-1', { id: '5' }]);

  await using object = await GuestDriver.load(
    `export default { greeting: 'hi', fetch(request, env, context) {
      return [this.greeting, env.COLOUR, env.MAYFLY_APP, typeof context.waitUntil, Object.isFrozen(env)];
    } };`,
    { env: { COLOUR: 'red' } },
  );
  const second = await object.invoke();
  assert.deepEqual(JSON.parse(second.body.toString()), ['hi', 'red', 'shop', 'function', true]);
});

test('the request carries method, URL, repeated headers and a body', async () => {
  await using guest = await GuestDriver.load(`export default async (request) => ({
    method: request.method, url: request.url, many: request.headers.get('x-many'),
    type: request.headers.get('content-type'), body: await request.text(),
  });`);
  const answer = await guest.invoke({
    http: {
      method: 'POST',
      url: 'http://shop.localhost:8080/a%20b?x=1&x=2',
      headers: ['X-Many', 'a', 'X-Many', 'b', 'Content-Type', 'text/plain'],
    },
    body: 'sent',
  });
  assert.deepEqual(JSON.parse(answer.body.toString()), {
    method: 'POST',
    url: 'http://shop.localhost:8080/a%20b?x=1&x=2',
    many: 'a, b',
    type: 'text/plain',
    body: 'sent',
  });
});

test('every set-cookie stays its own header', async () => {
  await using guest = await GuestDriver.load(`export default () => {
    const response = new Response('x');
    response.headers.append('set-cookie', 'a=1'); response.headers.append('set-cookie', 'b=2');
    return response;
  };`);
  assert.deepEqual(headerValues(await guest.invoke(), 'set-cookie'), ['a=1', 'b=2']);
});

test('the context tells deadline, remaining time, trace and release', async () => {
  await using guest = await GuestDriver.load(`export default (request, context) => ({
    deadline: context.deadline, remaining: context.getRemainingTimeInMillis(), traceparent: context.traceparent,
    release: context.release });`);
  const deadline = Date.now() + 60_000;
  const told = JSON.parse((await guest.invoke({ deadline })).body.toString());
  assert.equal(told.deadline, deadline);
  assert.ok(told.remaining > 0 && told.remaining <= 60_000);
  assert.match(told.traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  assert.equal(told.release, 'r1');
});

test('events reach fetch, scheduled and queue', async () => {
  await using guest = await GuestDriver.load(`export default {
    async fetch(request) {
      return [request.method, request.url, request.headers.get('content-type'), request.headers.get('ce-type'), await request.text()];
    },
    async scheduled(controller, env, context) { console.log('due', controller.cron, controller.scheduledTime, env.MAYFLY_APP); },
    async queue(batch) {
      console.log('got', batch.queue, batch.messages.map((message) => message.body.n + ':' + message.attempts));
      batch.messages[1].retry({ delaySeconds: 5 });
      batch.messages[2].retry(); batch.messages[2].ack();
    },
  };`);
  assert.deepEqual(await guest.invokeEvent({ a: 1 }), [
    'POST',
    'http://shop/',
    'application/json',
    null,
    '{"a":1}',
  ]);
  assert.deepEqual(await guest.invokeEvent('x', { type: 'com.example.thing' }), [
    'POST',
    'http://shop/',
    'application/json',
    'com.example.thing',
    '"x"',
  ]);
  assert.equal(
    await guest.invokeEvent(
      { cron: '* * * * *', scheduledTime: 1_700_000_000_000 },
      { type: 'mayfly.schedule' },
    ),
    null,
  );
  await guest.log((line) => line.message === 'due * * * * * 1700000000000 shop');
  const messages = [1, 2, 3].map((n) => ({ id: `m${n}`, timestamp: 0, attempts: n, body: { n } }));
  assert.deepEqual(await guest.invokeEvent({ queue: 'orders', messages }, { type: 'mayfly.queue' }), {
    retry: [{ id: 'm2', delaySeconds: 5 }],
  });
  await guest.log((line) => line.message.startsWith('got orders'));
});

test('a method that is missing fails the call that needs it', async () => {
  await using guest = await GuestDriver.load('export default { scheduled() {} };');
  const answer = await guest.invoke();
  assert.equal(answer.failure?.code, 'FUNCTION_THREW');
  assert.match(answer.failure!.message, /no method fetch/);
  assert.equal(await guest.invokeEvent({}, { type: 'mayfly.schedule' }), null);
});

test('a method that the standard forbids to requests gets 405', async () => {
  await using guest = await GuestDriver.load('export default (request) => request.method;');
  assert.equal((await guest.invoke({ http: { method: 'TRACE' } })).status, 405);
});

test('what is no valid response says so', async () => {
  await using guest = await GuestDriver.load(`
    const used = async () => { const response = new Response('x'); await response.text(); return response; };
    const circular = {}; circular.self = circular;
    export default (request) => ({
      '/circular': () => circular, '/bigint': () => ({ n: 1n }), '/function': () => () => 1, '/symbol': () => Symbol('s'),
      '/status': () => Response.error(), '/used': used,
      '/part': () => (async function* () { yield 5; })(),
    })[new URL(request.url).pathname]();`);
  for (const path of ['circular', 'bigint', 'function', 'symbol', 'status', 'used', 'part']) {
    const answer = await guest.invoke({ http: { url: `http://shop.localhost/${path}` } });
    assert.equal(answer.failure?.code, 'RESPONSE_INVALID', path);
    assert.equal(answer.failure?.fatal, false, path);
  }
});

test('a class with the methods is made anew for each call', async () => {
  await using guest = await GuestDriver.load(`let made = 0;
    class Base { constructor(ctx, env) { this.ctx = ctx; this.env = env; made += 1; } }
    export default class extends Base {
      fetch(request) { return [made, new URL(request.url).pathname, this.env.TZ, this.ctx.requestId]; }
    }`);
  const call = () => guest.invoke({ id: 'call-1', http: { url: 'http://shop.localhost/a' } });
  const first = JSON.parse((await call()).body.toString());
  assert.deepEqual([first[0], first[1]], [1, '/a']);
  assert.equal(typeof first[3], 'string');
  assert.equal(JSON.parse((await call()).body.toString())[0], 2);
});

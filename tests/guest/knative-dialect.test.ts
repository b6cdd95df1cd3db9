import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';
import { headerValues } from './pending-call.ts';
import { brief, failureOf, jsonOf, request } from './vendor-call.ts';

after(() => GuestDriver.clean());

const load = (code: string, name = 'handle') =>
  GuestDriver.load({ 'index.js': code }, { dialect: 'knative', handler: { file: 'index.js', export: name } });

const PNG = Buffer.from([0x89, 0x50, 0, 255]);

test('an HTTP function gets the context and the body by its type', async () => {
  await using guest = await load(`exports.handle = async (context, body) => ({ body: {
    body, query: context.query, tag: context.tag, headers: context.headers, method: context.method,
    version: [context.httpVersion, context.httpVersionMajor, context.httpVersionMinor],
    same: context.body === body, raw: context.rawBody, type: context.contentType,
    kind: Buffer.isBuffer(body) ? 'bytes' : typeof body, event: context.cloudevent ?? null } });`);
  const given = async (type: string | null, body?: string | Buffer) =>
    jsonOf(await guest.invoke(request(type, body)));
  const json = await given('application/json', '{"n":[1]}');
  assert.deepEqual(json, {
    body: { n: [1] },
    query: { tag: ['a', 'b'], q: 'x y' },
    tag: ['a', 'b'],
    headers: {
      host: 'shop.localhost:8080',
      'x-many': '1, 2',
      cookie: 'a=1; b=2',
      'content-type': 'application/json',
    },
    method: 'POST',
    version: ['1.1', 1, 1],
    same: true,
    raw: '{"n":[1]}',
    type: 'application/json',
    kind: 'object',
    event: null,
  });
  assert.deepEqual((await given('application/x-www-form-urlencoded', 'a=1&b=x+y')).body, {
    a: '1',
    b: 'x y',
  });
  assert.equal((await given('text/plain', 'words')).body, 'words');
  assert.equal((await given('image/png', PNG)).kind, 'bytes');
  assert.equal((await given(null)).kind, 'undefined');
  const wrong = await guest.invoke(request('application/json', '{"n"'));
  assert.deepEqual([wrong.status, wrong.failure], [400, null]);
});

test('what a function returns becomes the answer', async () => {
  await using guest = await load(`exports.handle = (context, body) => {
    switch (body) {
      case 'text': return 'words';
      case 'bytes': return Buffer.from([0, 255]);
      case 'object': return { a: 1 };
      case 'array': return [1];
      case 'full': return { statusCode: 201, headers: { 'Content-Type': 'text/csv', 'X-One': 1, 'set-cookie': ['a=1', 'b=2'] }, body: 'a,b' };
      case 'body bytes': return { body: Buffer.from([0, 255]), headers: { 'content-type': 'image/png' } };
      case 'no content': return { statusCode: 204 };
      case 'only how': return { statusCode: 418 };
    }
  };`);
  const give = (how: string) => guest.invoke(request('text/plain', how));
  assert.deepEqual(brief(await give('text')), [200, 'text/plain; charset=utf-8', 'words']);
  assert.deepEqual((await give('bytes')).body, Buffer.from([0, 255]));
  assert.deepEqual(brief(await give('object')), [200, 'application/json; charset=utf-8', '{"a":1}']);
  assert.deepEqual(brief(await give('array')), [200, 'application/json; charset=utf-8', '[1]']);
  const full = await give('full');
  assert.deepEqual(brief(full), [201, 'text/csv', 'a,b']);
  assert.deepEqual(headerValues(full, 'x-one'), ['1']);
  assert.deepEqual(headerValues(full, 'set-cookie'), ['a=1', 'b=2']);
  assert.deepEqual(headerValues(full, 'access-control-allow-origin'), ['*']);
  const bytes = await give('body bytes');
  assert.deepEqual([bytes.body, headerValues(bytes, 'content-type')], [Buffer.from([0, 255]), ['image/png']]);
  assert.deepEqual(brief(await give('no content')), [204, undefined, '']);
  assert.deepEqual(brief(await give('only how')), [
    418,
    'application/json; charset=utf-8',
    '{"statusCode":418}',
  ]);
  assert.deepEqual(brief(await give('nothing')), [204, undefined, '']);
});

const EVENT = { id: 'e7', type: 'a.b', source: '/tests', specversion: '1.0', subject: 'ü 1' };
const ECHO = `exports.handle = (context, event) => ({ body: {
  event, same: context.cloudevent === event, json: JSON.parse(event.toString()).id, valid: event.validate() } });`;

test('a CloudEvent arrives in both modes of HTTP, and as an event', async () => {
  await using guest = await load(ECHO);
  const headers = Object.entries(EVENT).flatMap(([name, value]) => [`Ce-${name}`, encodeURI(value)]);
  const { time, ...binary } = jsonOf(await guest.invoke(request('application/json', '{"n":1}', { headers })))
    .event as Record<string, unknown>;
  assert.match(String(time), /^\d{4}-/);
  assert.deepEqual(binary, { ...EVENT, datacontenttype: 'application/json', data: { n: 1 } });

  const whole = { ...EVENT, time: '2026-01-02T03:04:05Z', data: { n: 2 } };
  const structured = jsonOf(
    await guest.invoke(request('application/cloudevents+json', JSON.stringify(whole))),
  );
  assert.deepEqual(structured, { event: whole, same: true, json: 'e7', valid: true });

  const bytes = JSON.stringify({ ...EVENT, time: 'now', data_base64: 'AP8=' });
  const decoded = jsonOf(await guest.invoke(request('application/cloudevents+json', bytes)));
  assert.deepEqual((decoded.event as { data: unknown }).data, { type: 'Buffer', data: [0, 255] });

  const own = (await guest.invokeEvent([1], { ...EVENT, time: '2026-01-02T03:04:05Z' })) as typeof structured;
  assert.deepEqual(own.event, {
    ...EVENT,
    time: '2026-01-02T03:04:05Z',
    datacontenttype: 'application/json',
    data: [1],
  });
  const old = await guest.invoke(
    request('text/plain', 'x', { headers: ['ce-id', '1', 'ce-specversion', '0.2'] }),
  );
  assert.equal(old.status, 406);
});

test('a plain invocation passes its data', async () => {
  await using guest = await load('exports.handle = (context, body) => ({ body: [context.method, body] });');
  assert.deepEqual(await guest.invokeEvent({ n: 1 }), ['POST', { n: 1 }]);
});

test('a CloudEvent that is returned goes out in binary mode, whole as the answer to an event', async () => {
  await using guest = await load(`exports.handle = (context, event) =>
    context.cloudEventResponse({ got: event.data }).id('r1').type('reply').source('/reply').version('1.0').response();`);
  const answer = await guest.invoke(
    request('application/json', '{"n":1}', {
      headers: ['ce-id', '1', 'ce-type', 't', 'ce-source', '/s', 'ce-specversion', '1.0'],
    }),
  );
  assert.deepEqual(brief(answer), [200, 'application/json; charset=utf-8', '{"got":{"n":1}}']);
  const attributes = ['ce-id', 'ce-type', 'ce-source', 'ce-specversion'];
  assert.deepEqual(
    attributes.flatMap((name) => headerValues(answer, name)),
    ['r1', 'reply', '/reply', '1.0'],
  );
  const reply = (await guest.invokeEvent([1], EVENT)) as Record<string, unknown>;
  assert.deepEqual([reply.id, reply.type, reply.data], ['r1', 'reply', { got: [1] }]);
});

test('errors with a status are answers, others fail the call', async () => {
  await using guest = await load(`exports.handle = (context, { how }) => {
    if (how === 'status') throw Object.assign(new Error('not there'), { code: 404 });
    if (how === 'reject') return Promise.reject(new RangeError('far'));
    throw Object.assign(new TypeError('broken'), { code: 'ENOENT' });
  };`);
  const answer = await guest.invoke(request('application/json', '{"how":"status"}'));
  assert.deepEqual(brief(answer), [404, 'text/plain; charset=utf-8', 'not there']);
  assert.equal((await guest.log((line) => line.message.includes('not there'))).level, 'error');
  assert.deepEqual(await failureOf(guest, { how: 'reject' }), ['FUNCTION_THREW', 'RangeError', 'far']);
  assert.deepEqual(await failureOf(guest, { how: 'throw' }), ['FUNCTION_THREW', 'TypeError', 'broken']);
  assert.equal((await failureOf(guest, { how: 'status' }))[1], 'EventRefused');
});

test('init, shutdown, health checks and cors belong to the function', async () => {
  await using guest = await load(
    `let ready = false;
    module.exports = {
      init: async () => { await new Promise((resolve) => setTimeout(resolve, 5)); ready = true; },
      shutdown: async () => { console.log('bye'); },
      cors: () => ['https://a.example'],
      liveness: () => 'alive',
      readiness: Object.assign(() => undefined, { path: '/ready' }),
      handle: () => String(ready),
    };`,
  );
  const get = (path: string, headers: string[] = []) =>
    guest.invoke({ http: { url: `http://shop.localhost${path}`, headers } });
  assert.equal((await get('/')).body.toString(), 'true');
  assert.equal((await get('/health/liveness')).body.toString(), 'alive');
  assert.equal((await get('/ready')).body.toString(), 'OK');
  const allowed = await get('/', ['Origin', 'https://a.example']);
  assert.deepEqual(headerValues(allowed, 'access-control-allow-origin'), ['https://a.example']);
  const refused = await get('/', ['Origin', 'https://b.example']);
  assert.deepEqual(headerValues(refused, 'access-control-allow-origin'), []);
  const preflight = await guest.invoke({ http: { method: 'OPTIONS' } });
  assert.deepEqual([preflight.status, headerValues(preflight, 'access-control-allow-origin')], [204, ['*']]);
  guest.drain();
  assert.equal((await guest.exit()).code, 0);
  assert.equal((await guest.log((line) => line.message === 'bye')).level, 'info');
});

test('an object is bound as well as its function; an init that fails, fails loading', async () => {
  await using guest = await load(
    'module.exports = { init() { this.n = 1; }, handle: () => "x" };',
    'default',
  );
  assert.equal((await guest.invoke()).body.toString(), 'x');
  await assert.rejects(
    load('exports.init = () => { throw new Error("no way"); }; exports.handle = () => 1;'),
    /no way/,
  );
  await assert.rejects(load('exports.other = 1;'), /must export a handle function/);
});

test("context.log writes in pino's manner", async () => {
  await using guest = await load(`exports.handle = (context) => {
    const { log } = context;
    log.trace('t'); log.info('text %s', 'x'); log.warn({ n: 1 }, 'with fields'); log.fatal('f');
    log.child({ part: 'a' }).error({ n: 2 }, 'child');
    return 'done';
  };`);
  await guest.invoke();
  await guest.log((line) => line.message === 'child');
  const lines = guest.logs.map(({ level, message, fields }) => [level, message, fields ?? null]);
  assert.deepEqual(lines, [
    ['debug', 't', null],
    ['info', 'text x', null],
    ['warn', 'with fields', { n: 1 }],
    ['error', 'f', null],
    ['error', 'child', { part: 'a', n: 2 }],
  ]);
});

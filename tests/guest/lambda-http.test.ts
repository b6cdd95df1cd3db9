import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';
import { eventually } from './patience.ts';
import { headerValues } from './pending-call.ts';

after(() => GuestDriver.clean());

const LAMBDA = { dialect: 'lambda', handler: { file: 'index.mjs', export: 'handler' } } as const;
const load = (code: string, env: Record<string, string> = {}) => GuestDriver.load(code, { ...LAMBDA, env });

const HTTP = {
  method: 'POST',
  url: 'http://shop.localhost:8080/users/7?tag=a&tag=b&q=x%20y',
  headers: [
    'Host',
    'shop.localhost:8080',
    'X-Many',
    '1',
    'x-many',
    '2',
    'Cookie',
    'a=1; b=2',
    'Content-Type',
    'application/json',
  ],
  remoteAddress: '192.0.2.7',
  route: '/users/:id',
  params: { id: '7' },
};

test('HTTP arrives as payload format 2.0', async () => {
  await using guest = await load('export const handler = async (event) => event;');
  const event = JSON.parse((await guest.invoke({ http: HTTP, body: '{"n":1}' })).body.toString());
  assert.equal(event.version, '2.0');
  assert.equal(event.routeKey, 'POST /users/{id}');
  assert.equal(event.rawPath, '/users/7');
  assert.equal(event.rawQueryString, 'tag=a&tag=b&q=x%20y');
  assert.deepEqual(event.queryStringParameters, { tag: 'a,b', q: 'x y' });
  assert.deepEqual(event.cookies, ['a=1', 'b=2']);
  assert.equal(event.headers['x-many'], '1,2');
  assert.deepEqual(event.pathParameters, { id: '7' });
  assert.equal(event.body, '{"n":1}');
  assert.equal(event.isBase64Encoded, false);
  const { http, requestId, stage, time, timeEpoch } = event.requestContext;
  assert.deepEqual(
    [http.method, http.path, http.sourceIp, requestId, stage],
    ['POST', '/users/7', '192.0.2.7', 'request-1', '$default'],
  );
  assert.match(time, /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
  assert.equal(typeof timeEpoch, 'number');

  const bare = JSON.parse(
    (
      await guest.invoke({
        http: { ...HTTP, url: 'http://x.localhost/', headers: [], params: {}, route: '/*' },
      })
    ).body.toString(),
  );
  for (const name of ['body', 'cookies', 'pathParameters', 'queryStringParameters'])
    assert.equal(name in bare, false, name);
  assert.equal(bare.routeKey, '$default');

  const binary = JSON.parse(
    (
      await guest.invoke({
        http: { ...HTTP, headers: ['content-type', 'image/png'] },
        body: Buffer.from([0, 255]),
      })
    ).body.toString(),
  );
  assert.deepEqual([binary.body, binary.isBase64Encoded], ['AP8=', true]);
});

test('HTTP arrives as payload format 1.0 when the environment says so', async () => {
  await using guest = await load('export const handler = async (event) => event;', {
    MAYFLY_LAMBDA_PAYLOAD: '1.0',
  });
  const event = JSON.parse((await guest.invoke({ http: HTTP, body: '{"n":1}' })).body.toString());
  assert.equal(event.version, '1.0');
  assert.deepEqual([event.resource, event.path, event.httpMethod], ['/users/{id}', '/users/7', 'POST']);
  assert.equal(event.headers['X-Many'], '2');
  assert.deepEqual(event.multiValueHeaders['X-Many'], ['1', '2']);
  assert.deepEqual(event.queryStringParameters, { tag: 'b', q: 'x y' });
  assert.deepEqual(event.multiValueQueryStringParameters, { tag: ['a', 'b'], q: ['x y'] });
  assert.deepEqual(event.pathParameters, { id: '7' });
  assert.equal(event.stageVariables, null);
  assert.equal(event.body, '{"n":1}');
  assert.equal(event.requestContext.identity.sourceIp, '192.0.2.7');
  const bare = JSON.parse(
    (await guest.invoke({ http: { ...HTTP, url: 'http://x.localhost/', params: {} } })).body.toString(),
  );
  assert.deepEqual([bare.queryStringParameters, bare.pathParameters, bare.body], [null, null, null]);
});

test('a proxy result becomes a response, anything else a 200', async () => {
  await using guest = await load('export const handler = async (event) => JSON.parse(event.body);');
  const give = async (result: unknown) => {
    const answer = await guest.invoke({
      http: { method: 'POST', headers: ['content-type', 'text/plain'] },
      body: JSON.stringify(result),
    });
    return { ...answer, text: answer.body.toString('latin1'), type: headerValues(answer, 'content-type') };
  };
  const full = await give({
    statusCode: 201,
    headers: { 'X-One': 1, 'x-two': 'single', 'Content-Type': 'text/html' },
    multiValueHeaders: { 'X-Two': ['a', 'b'] },
    cookies: ['c=1', 'd=2'],
    body: '<p>',
  });
  assert.deepEqual([full.status, full.text, full.type], [201, '<p>', ['text/html']]);
  assert.deepEqual(headerValues(full, 'x-one'), ['1']);
  assert.deepEqual(headerValues(full, 'x-two'), ['a', 'b']);
  assert.deepEqual(headerValues(full, 'set-cookie'), ['c=1', 'd=2']);
  const binary = await give({ statusCode: '200', body: 'AP8=', isBase64Encoded: true });
  assert.deepEqual([binary.status, binary.text], [200, '\x00\xff']);
  const object = await give({ hello: 'world' });
  assert.deepEqual(
    [object.status, object.text, object.type],
    [200, '{"hello":"world"}', ['application/json']],
  );
  const text = await give('hello');
  assert.deepEqual([text.status, text.text, text.type], [200, 'hello', ['application/json']]);
  const number = await give({ statusCode: 200, body: 17.5 });
  assert.deepEqual([number.status, number.text, number.type], [200, '17.5', ['application/json']]);
  assert.equal((await give({ statusCode: 200, body: false })).text, 'false');
  const none = await give({ statusCode: 204 });
  assert.deepEqual([none.status, none.text, none.type], [204, '', []]);
  assert.equal((await give({ statusCode: 200, body: { a: 1 } })).failure?.code, 'RESPONSE_INVALID');
  assert.equal((await give({ statusCode: 'abc' })).failure?.code, 'RESPONSE_INVALID');
  assert.equal(
    (await give({ statusCode: 200, headers: { 'bad name': 'x' } })).failure?.code,
    'RESPONSE_INVALID',
  );
  assert.equal(
    (await give({ statusCode: 200, headers: { split: 'a\r\nx: y' } })).failure?.code,
    'RESPONSE_INVALID',
  );
});

test('a streaming handler sends status, headers, cookies and parts', async () => {
  await using guest = await load(`
    let more;
    export const handler = awslambda.streamifyResponse(async (event, stream, context) => {
      if (event.rawPath === '/more') { more(); stream.end('ok'); return; }
      const response = awslambda.HttpResponseStream.from(stream, {
        statusCode: 206, headers: { 'X-Id': context.awsRequestId, 'content-type': 'text/csv' }, cookies: ['a=1'] });
      response.write('one,');
      await new Promise((resolve) => { more = resolve; });
      response.write(Buffer.from('two'));
      response.end();
    });`);
  const call = guest.call();
  await eventually(() => call.body.toString() === 'one,', 'the first part');
  assert.equal((await guest.invoke({ http: { url: 'http://shop.localhost/more' } })).body.toString(), 'ok');
  const answer = await call.answer;
  assert.deepEqual([answer.status, answer.body.toString()], [206, 'one,two']);
  assert.deepEqual(headerValues(answer, 'x-id'), ['request-1']);
  assert.deepEqual(headerValues(answer, 'content-type'), ['text/csv']);
  assert.deepEqual(headerValues(answer, 'set-cookie'), ['a=1']);
});

test('a streaming handler obeys back-pressure and pipelines', async () => {
  await using guest = await load(`
    import { pipeline } from 'node:stream/promises';
    import { Readable } from 'node:stream';
    export const handler = awslambda.streamifyResponse(async (event, stream) => {
      stream.setContentType('text/plain');
      await pipeline(Readable.from((function* () { for (let i = 0; i < 100; i += 1) yield 'x'.repeat(30000); })()), stream);
    });`);
  const call = guest.call();
  call.consuming = false;
  await eventually(() => call.receivedBytes === 256 * 1024, 'a full window');
  call.consuming = true;
  call.consume();
  const answer = await call.answer;
  assert.equal(answer.body.length, 3_000_000);
  assert.deepEqual(headerValues(answer, 'content-type'), ['text/plain']);
});

test('a streaming handler that fails, before and after its head', async () => {
  await using guest =
    await load(`export const handler = awslambda.streamifyResponse(async (event, stream) => {
    if (event.rawPath === '/late') { stream.write('begun'); await new Promise((resolve) => setTimeout(resolve, 5)); }
    if (event.rawPath === '/destroyed') { stream.destroy(new Error('torn')); return new Promise(() => {}); }
    throw new Error('broke');
  });`);
  const early = await guest.invoke({ http: { url: 'http://shop.localhost/early' } });
  assert.deepEqual([early.status, early.failure?.message], [0, 'broke']);
  const late = await guest.invoke({ http: { url: 'http://shop.localhost/late' } });
  assert.deepEqual([late.status, late.failure?.message], [200, 'broke']);
  const destroyed = await guest.invoke({ http: { url: 'http://shop.localhost/destroyed' } });
  assert.equal(destroyed.failure?.message, 'torn');
});

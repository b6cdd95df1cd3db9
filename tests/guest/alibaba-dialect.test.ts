import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';
import { eventually } from './patience.ts';
import { type Answer, headerValues } from './pending-call.ts';

after(() => GuestDriver.clean());

const load = (code: string, env: Record<string, string> = {}) =>
  GuestDriver.load(code, { dialect: 'alibaba', handler: { file: 'index.mjs', export: 'handler' }, env });
const json = (answer: Answer) => JSON.parse(answer.body.toString());
const EVENT = {
  specversion: '1.0',
  id: 'e',
  source: 's',
  type: 'mayfly.invoke',
  datacontenttype: 'text/plain',
};

test('an event is bytes; what comes back is bytes, JSON or text', async () => {
  await using guest = await load(
    `
    export const initialize = async (context) => { globalThis.begun = context.function.name; };
    export const preStop = (context, callback) => { console.log('stopping ' + context.function.name); setTimeout(callback, 1); };
    export const handler = async (event, context) => {
      if (!Buffer.isBuffer(event)) throw new Error('no Buffer');
      context.logger.warn('got %d', event.length);
      context.logger.setLogLevel('error'); context.logger.info('hidden'); context.logger.setLogLevel('debug');
      switch (event.toString()) {
        case 'bytes': return Buffer.from([0, 255]);
        case 'object': return { begun, id: context.requestId, fn: context.function, region: context.region, account: context.accountId,
          service: context.service.name, key: context.credentials.accessKeyId, name: process.env.FC_FUNCTION_NAME, handler: process.env.FC_FUNCTION_HANDLER };
        case 'number': return 42;
        case 'nothing': return;
        default: throw new TypeError('broke');
      }
    };`,
    { ALIBABA_CLOUD_ACCESS_KEY_ID: 'ak' },
  );
  const give = (body: string) => guest.invoke({ event: EVENT, body });
  assert.deepEqual([...(await give('bytes')).body], [0, 255]);
  assert.deepEqual(json(await give('object')), {
    begun: 'cart',
    id: 'request-2',
    fn: { name: 'cart', handler: 'index.handler', memory: 256, timeout: 5 },
    region: 'cn-hangzhou',
    account: '0000000000000000',
    service: 'shop',
    key: 'ak',
    name: 'cart',
    handler: 'index.handler',
  });
  assert.equal((await give('number')).body.toString(), '42');
  assert.equal((await give('nothing')).body.length, 0);
  assert.equal((await give('other')).failure?.message, 'broke');
  const line = await guest.log(({ message }) => message === 'got 5');
  assert.deepEqual([line.level, line.requestId], ['warn', 'request-1']);
  guest.drain();
  assert.equal((await guest.exit()).code, 0);
  await eventually(() => guest.logs.find(({ message }) => message === 'stopping cart'), 'the last hook');
  assert.equal(
    guest.logs.some(({ message }) => message === 'hidden'),
    false,
  );
});

test('callbacks; an initialiser that fails', async () => {
  await using guest = await load(`export const handler = (event, context, callback) => {
    setTimeout(() => callback(event.length > 1 ? new Error('long') : null, 'ok'), 1);
  };`);
  assert.equal((await guest.invoke({ event: EVENT, body: 'x' })).body.toString(), 'ok');
  assert.equal((await guest.invoke({ event: EVENT, body: 'xx' })).failure?.message, 'long');
  await assert.rejects(
    load(
      `export const initializer = (context, callback) => callback(new Error('not ready')); export const handler = () => 1;`,
    ),
    /not ready/,
  );
  await assert.rejects(load('export const handler = 1;'), /not a function/);
});

test('HTTP as an event of version 3.0', async () => {
  await using guest = await load(`export const handler = async (raw) => {
    const event = JSON.parse(raw);
    switch (event.rawPath) {
      case '/full': return { statusCode: 201, headers: { 'X-One': ['a', 'b'], 'Content-Type': 'text/html' }, body: '<p>' };
      case '/binary': return { statusCode: 200, headers: { 'content-type': 'image/png' }, body: 'AP8=', isBase64Encoded: true };
      case '/text': return JSON.stringify({ statusCode: 202, body: 'from text' });
      case '/plain': return 'hello';
      case '/bytes': return Buffer.from([0, 255]);
      case '/bad': return { statusCode: 'x' };
      default: return event;
    }
  };`);
  const post = (path: string, type = 'text/plain', body: string | Buffer = 'täxt') =>
    guest.invoke({
      http: {
        method: 'POST',
        url: `http://shop.localhost:8080${path}`,
        headers: ['Content-Type', type, 'X-Many', '1', 'X-Many', '2', 'User-Agent', 'ua'],
        remoteAddress: '192.0.2.7',
      },
      body,
    });
  const event = json(await post('/a/b?x=1&x=2&y=%20'));
  const { requestContext, ...rest } = event;
  assert.deepEqual(rest, {
    version: 'v1',
    rawPath: '/a/b',
    headers: { 'Content-Type': 'text/plain', 'X-Many': '1,2', 'User-Agent': 'ua' },
    queryParameters: { x: '1,2', y: ' ' },
    body: 'täxt',
    isBase64Encoded: false,
  });
  assert.deepEqual(requestContext.http, {
    method: 'POST',
    path: '/a/b',
    protocol: 'HTTP/1.1',
    sourceIp: '192.0.2.7',
    userAgent: 'ua',
  });
  assert.deepEqual(
    [requestContext.requestId, requestContext.domainName, requestContext.domainPrefix],
    ['request-1', 'shop.localhost', 'shop'],
  );
  const binary = json(await post('/', 'image/png', Buffer.from([0, 255])));
  assert.deepEqual([binary.body, binary.isBase64Encoded], ['AP8=', true]);
  const told = async (path: string) => {
    const answer = await post(path);
    return [answer.status, answer.body.toString('latin1'), headerValues(answer, 'content-type').join()];
  };
  assert.deepEqual(await told('/full'), [201, '<p>', 'text/html']);
  assert.deepEqual(headerValues(await post('/full'), 'x-one'), ['a', 'b']);
  assert.deepEqual(await told('/binary'), [200, '\0\xff', 'image/png']);
  assert.deepEqual(await told('/text'), [202, 'from text', 'application/json']);
  assert.deepEqual(await told('/plain'), [200, 'hello', 'application/json']);
  assert.deepEqual(await told('/bytes'), [200, '\0\xff', 'application/octet-stream']);
  assert.equal((await post('/bad')).failure?.code, 'RESPONSE_INVALID');
});

test('HTTP as request and response of version 2.0', async () => {
  await using guest = await load(
    `import { Readable } from 'node:stream';
    export const handler = (request, response, context) => {
      if (request.path === '/stream') return response.send(Readable.from(['one,', 'two']));
      if (request.path === '/fail') throw new Error('broke');
      let body = '';
      request.on('data', (part) => { body += part; });
      request.on('end', () => {
        response.setStatusCode(201);
        response.setHeader('x-one', ['a', 'b']);
        response.setHeader('x-gone', '1');
        response.deleteHeader('x-gone');
        response.send(JSON.stringify({ body, path: request.path, queries: request.queries, ip: request.clientIP, url: request.url, method: request.method, header: request.headers['x-two'], id: context.requestId }));
      });
    };`,
    { MAYFLY_ALIBABA_HTTP: '2.0' },
  );
  const answer = await guest.invoke({
    http: { method: 'PUT', url: 'http://shop.localhost/a?x=1&x=2&y=3', headers: ['X-Two', '2'] },
    body: 'sent',
  });
  assert.equal(answer.status, 201);
  assert.deepEqual(headerValues(answer, 'x-one'), ['a', 'b']);
  assert.deepEqual(headerValues(answer, 'x-gone'), []);
  assert.deepEqual(json(answer), {
    body: 'sent',
    path: '/a',
    queries: { x: ['1', '2'], y: '3' },
    ip: '192.0.2.1',
    url: '/a?x=1&x=2&y=3',
    method: 'PUT',
    header: '2',
    id: 'request-1',
  });
  const get = (path: string) => guest.invoke({ http: { url: `http://shop.localhost${path}` } });
  assert.equal((await get('/stream')).body.toString(), 'one,two');
  assert.equal((await get('/fail')).failure?.message, 'broke');
});

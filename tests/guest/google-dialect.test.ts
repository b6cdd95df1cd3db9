import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { GuestDriver } from './guest-driver.ts';
import { eventually } from './patience.ts';
import { type Answer, headerValues } from './pending-call.ts';

after(() => GuestDriver.clean());

const load = (code: string, target = 'hello', env: Record<string, string> = {}) =>
  GuestDriver.load(code, { dialect: 'google', handler: { file: 'index.mjs', export: target }, env });
const FRAMEWORK = "import * as functions from '@google-cloud/functions-framework';\n";
const JSON_POST = { method: 'POST', headers: ['Content-Type', 'application/json'] };
const json = (answer: Answer) => JSON.parse(answer.body.toString());

test('an HTTP function gets what Express gives, its body parsed by type', async () => {
  await using guest = await load(`${FRAMEWORK}functions.http('hello', (req, res) => {
    res.status(201).set('X-One', 'a').append('X-One', 'b').cookie('k', 'v w', { httpOnly: true, maxAge: 60000 });
    res.json({
      method: req.method, url: req.url, path: req.path, query: req.query, body: req.body,
      raw: req.rawBody?.toString('latin1'), type: typeof req.body, bytes: Buffer.isBuffer(req.body),
      get: req.get('x-MANY'), is: req.is('json'), ip: req.ip, host: req.hostname, protocol: req.protocol,
      accepts: req.accepts('html', 'json'), params: req.params.id, id: req.executionId, target: process.env.FUNCTION_TARGET,
      service: process.env.K_SERVICE,
    });
  });`);
  const post = (type: string, body: Buffer | string, more: string[] = []) =>
    guest.invoke({
      http: {
        method: 'POST',
        url: 'http://shop.localhost:8080/a/b?x=1&x=2&y=%20z',
        headers: [
          'Host',
          'shop.localhost:8080',
          'Content-Type',
          type,
          'Content-Length',
          `${body.length}`,
          'X-Many',
          '1',
          'x-many',
          '2',
          'Accept',
          'application/json;q=0.9, text/*;q=0.1',
          ...more,
        ],
        params: { id: '7' },
      },
      body,
    });
  const answer = await post('application/json; charset=utf-8', '{"n":[1]}');
  assert.equal(answer.status, 201);
  assert.deepEqual(headerValues(answer, 'x-one'), ['a', 'b']);
  assert.match(
    headerValues(answer, 'set-cookie')[0]!,
    /^k=v%20w; Max-Age=60; Path=\/; Expires=.* GMT; HttpOnly$/,
  );
  assert.deepEqual(headerValues(answer, 'content-type'), ['application/json; charset=utf-8']);
  assert.deepEqual(headerValues(answer, 'content-length'), [String(answer.body.length)]);
  assert.deepEqual(answer.frames, ['HEAD+END+DONE']);
  assert.deepEqual(json(answer), {
    method: 'POST',
    url: '/a/b?x=1&x=2&y=%20z',
    path: '/a/b',
    query: { x: ['1', '2'], y: ' z' },
    body: { n: [1] },
    raw: '{"n":[1]}',
    type: 'object',
    bytes: false,
    get: '1, 2',
    is: 'json',
    ip: '192.0.2.1',
    host: 'shop.localhost',
    protocol: 'http',
    accepts: 'json',
    params: '7',
    id: 'request-1',
    target: 'hello',
    service: 'cart',
  });
  assert.equal(json(await post('text/plain', 'täxt')).body, 'täxt');
  assert.deepEqual(
    json(await post('application/x-www-form-urlencoded', 'a=1&a=2&b%5Bc%5D=3&l%5B%5D=4')).body,
    {
      a: ['1', '2'],
      b: { c: '3' },
      l: ['4'],
    },
  );
  assert.equal(json(await post('image/png', Buffer.from([0, 255]))).bytes, true);
  const zipped = json(await post('application/json', gzipSync('{"z":1}'), ['Content-Encoding', 'gzip']));
  assert.deepEqual([zipped.body, zipped.raw], [{ z: 1 }, '{"z":1}']);
  assert.equal((await post('application/json', '{"broken"')).status, 400);
  assert.deepEqual(json(await guest.invoke()).body, {});
  assert.equal((await guest.invoke({ http: { url: 'http://shop.localhost/favicon.ico' } })).status, 404);
});

test('the ways of answering', async () => {
  await using guest = await load(`${FRAMEWORK}functions.http('hello', async (req, res) => {
    switch (req.path) {
      case '/text': return res.send('täxt');
      case '/bytes': return res.send(Buffer.from([0, 255]));
      case '/nothing': return res.status(204).send('dropped');
      case '/status': return res.sendStatus(418);
      case '/type': return res.type('.svg').send('<svg/>');
      case '/redirect': return res.redirect(301, '/näxt?a=b');
      case '/format': return res.format({ 'text/html': () => res.send('<p>'), json: () => res.json(1) });
      case '/attachment': return res.attachment('päge.csv').send('a,b');
      case '/fresh': return res.set('ETag', '"1"').send('same');
      case '/head': res.writeHead(202, 'Fine', [['x-a', '1'], ['x-a', '2'], ['transfer-encoding', 'chunked']]); res.write('one,'); return res.end('two');
      case '/file': return res.sendFile('page.html', { root: process.cwd() });
      case '/out': return res.sendFile('../page.html', { root: process.cwd() });
      case '/lost': return res.sendFile('lost.html', { root: process.cwd() });
      case '/jsonp': return res.jsonp({ a: 1 });
      case '/clear': res.clearCookie('k', { path: '/x' }); res.vary('Origin').vary('Accept').links({ next: '/2' }); return res.end();
      case '/invalid': return res.status(1000);
    }
  });`);
  guest.child.stderr!.resume();
  const { writeFile } = await import('node:fs/promises');
  await writeFile(`${guest.folder}/page.html`, '<h1>');
  const get = (path: string, headers: string[] = [], method = 'GET') =>
    guest.invoke({ http: { method, url: `http://shop.localhost${path}`, headers } });
  const told = async (path: string, header: string, headers: string[] = [], method = 'GET') => {
    const answer = await get(path, headers, method);
    return [answer.status, answer.body.toString('latin1'), headerValues(answer, header).join('|')];
  };
  assert.deepEqual(await told('/text', 'content-type'), [200, 'tÃ¤xt', 'text/html; charset=utf-8']);
  assert.deepEqual(await told('/text', 'content-length', [], 'HEAD'), [200, '', '5']);
  assert.deepEqual(await told('/bytes', 'content-type'), [200, '\0\xff', 'application/octet-stream']);
  assert.deepEqual(await told('/nothing', 'content-type'), [204, '', '']);
  assert.deepEqual(await told('/status', 'content-type'), [418, "I'm a Teapot", 'text/plain; charset=utf-8']);
  assert.deepEqual(await told('/type', 'content-type'), [200, '<svg/>', 'image/svg+xml; charset=utf-8']);
  assert.deepEqual(await told('/redirect', 'location'), [
    301,
    'Moved Permanently. Redirecting to /n%C3%A4xt?a=b',
    '/n%C3%A4xt?a=b',
  ]);
  assert.match(
    (await get('/redirect', ['Accept', 'text/html'])).body.toString(),
    /^<!DOCTYPE html>.*Moved Permanently/,
  );
  assert.deepEqual(await told('/format', 'vary', ['Accept', 'application/json']), [200, '1', 'Accept']);
  assert.deepEqual(await told('/format', 'vary', ['Accept', 'image/png']), [406, 'Not Acceptable', 'Accept']);
  assert.deepEqual(await told('/attachment', 'content-disposition'), [
    200,
    'a,b',
    `attachment; filename="p?ge.csv"; filename*=UTF-8''p%C3%A4ge.csv`,
  ]);
  assert.deepEqual(await told('/fresh', 'etag', ['If-None-Match', '"1"']), [304, '', '"1"']);
  assert.deepEqual(await told('/fresh', 'etag', ['If-None-Match', '"2"']), [200, 'same', '"1"']);
  assert.deepEqual(await told('/head', 'x-a'), [202, 'one,two', '1|2']);
  assert.deepEqual(await told('/file', 'content-type'), [200, '<h1>', 'text/html; charset=utf-8']);
  assert.deepEqual(await told('/out', 'x'), [403, 'Forbidden', '']);
  assert.deepEqual(await told('/lost', 'x'), [404, 'Not Found', '']);
  assert.equal(
    (await get('/jsonp?callback=cb')).body.toString(),
    `/**/ typeof cb === 'function' && cb({"a":1});`,
  );
  const cleared = await get('/clear');
  assert.match(headerValues(cleared, 'set-cookie')[0]!, /^k=; Path=\/x; Expires=Thu, 01 Jan 1970/);
  assert.deepEqual(headerValues(cleared, 'vary'), ['Origin, Accept']);
  assert.deepEqual(headerValues(cleared, 'link'), ['</2>; rel="next"']);
  assert.equal((await get('/invalid')).failure?.name, 'RangeError');
});

test('a function that fails, before and after its answer', async () => {
  await using guest = await load(`${FRAMEWORK}functions.http('hello', async (req, res) => {
    if (req.path === '/late') { res.send('ok'); await new Promise((resolve) => setTimeout(resolve, 5)); throw new Error('too late'); }
    if (req.path === '/dropped') return res.destroy();
    if (req.path === '/bad') { setTimeout(() => res.writeHead(100).end('x'), 1); return; }
    throw new TypeError('broke');
  });`);
  const get = (path: string) => guest.invoke({ http: { url: `http://shop.localhost${path}` } });
  const { failure } = await get('/');
  assert.deepEqual(
    [failure?.code, failure?.name, failure?.message],
    ['FUNCTION_THREW', 'TypeError', 'broke'],
  );
  assert.equal((await get('/late')).body.toString(), 'ok');
  await guest.log((line) => /Exception from a finished function: Error: too late/.test(line.message));
  assert.equal((await get('/dropped')).failure?.name, 'ConnectionDropped');
  assert.equal((await get('/bad')).failure?.code, 'RESPONSE_INVALID');
});

test('an Express application is a function; both ways stream, with back-pressure', async () => {
  await using guest = await load(`${FRAMEWORK}
    import { createRequire } from 'node:module';
    import { pipeline } from 'node:stream/promises';
    import { Readable } from 'node:stream';
    const express = createRequire(${JSON.stringify(import.meta.url)})('express');
    const app = express();
    app.use(express.json());
    app.get('/users/:id', (req, res) => res.json({ id: req.params.id, q: req.query }));
    app.post('/echo', (req, res) => res.status(202).json({ body: req.body, raw: req.rawBody.length }));
    app.put('/pipe', (req, res) => { res.type('bin'); req.pipe(res); });
    app.get('/much', async (req, res) => {
      await pipeline(Readable.from((function* () { for (let i = 0; i < 100; i += 1) yield Buffer.alloc(30000, 'x'); })()), res);
    });
    app.get('/throws', () => { throw new Error('in the app'); });
    functions.http('hello', app);`);
  const answer = await guest.invoke({ http: { url: 'http://shop.localhost/users/7?a=b' } });
  assert.deepEqual([answer.status, json(answer)], [200, { id: '7', q: { a: 'b' } }]);
  assert.match(headerValues(answer, 'etag')[0]!, /^W\//);
  const echoed = await guest.invoke({
    http: { ...JSON_POST, url: 'http://shop.localhost/echo' },
    body: '{"a":1}',
  });
  assert.deepEqual([echoed.status, json(echoed)], [202, { body: { a: 1 }, raw: 7 }]);
  const big = Buffer.alloc(300_000, 'y');
  const piped = await guest.invoke({
    http: { method: 'PUT', url: 'http://shop.localhost/pipe', headers: ['content-type', 'image/png'] },
    body: big,
  });
  assert.deepEqual([piped.status, piped.body.equals(big)], [200, true]);
  const call = guest.call({ http: { url: 'http://shop.localhost/much' } });
  call.consuming = false;
  await eventually(() => call.receivedBytes === 256 * 1024, 'a full window');
  call.consuming = true;
  call.consume();
  assert.equal((await call.answer).body.length, 3_000_000);
  assert.equal((await guest.invoke({ http: { url: 'http://shop.localhost/throws' } })).status, 500);
  assert.equal((await guest.invoke({ http: { url: 'http://shop.localhost/nowhere' } })).status, 404);
});

test('a client that goes away ends request and response', async () => {
  await using guest = await load(`${FRAMEWORK}functions.http('hello', (req, res) => {
    if (req.path === '/ask') return res.json(globalThis.seen);
    globalThis.seen = [];
    req.on('aborted', () => seen.push('aborted'));
    req.on('error', (error) => seen.push(error.code));
    res.on('close', () => seen.push('close ' + res.writableFinished));
    res.write('begun');
  });`);
  const call = guest.call();
  await call.headSeen;
  call.cancel();
  await call.answer;
  const seen = json(await guest.invoke({ http: { url: 'http://shop.localhost/ask' } }));
  assert.deepEqual(seen.sort(), ['ECONNRESET', 'aborted', 'close false']);
});

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';
import { eventually } from './patience.ts';
import { headerValues } from './pending-call.ts';

after(() => GuestDriver.clean());

const load = (code: string, env: Record<string, string> = {}) =>
  GuestDriver.load(code, { dialect: 'http', env });

test('a server that listens gets every call, and opens no port', async () => {
  await using guest = await load(`
    import http from 'node:http';
    const server = http.createServer(async (req, res) => {
      let body = '';
      for await (const part of req) body += part;
      res.writeHead(203, { 'x-ip': req.socket.remoteAddress });
      res.end(JSON.stringify([req.method, req.url, body, server.address(), server.listening]));
    });
    server.listen(process.env.PORT, '0.0.0.0', () => console.log('port', server.address().port));
  `);
  await guest.log(({ message }) => message === 'port 8080');
  const http = {
    method: 'PUT',
    url: 'http://shop.localhost:8080/a?b=%2F',
    headers: ['Host', 'x', 'Content-Length', '2'],
  };
  const answer = await guest.invoke({ http, body: 'hi' });
  assert.equal(answer.status, 203);
  assert.deepEqual(headerValues(answer, 'x-ip'), ['192.0.2.1']);
  const address = { address: '127.0.0.1', family: 'IPv4', port: 8080 };
  assert.deepEqual(JSON.parse(answer.body.toString()), ['PUT', '/a?b=%2F', 'hi', address, true]);
  await assert.rejects(fetch('http://127.0.0.1:8080/never', { signal: AbortSignal.timeout(2_000) }));
});

test('an application that is exported need not listen', async () => {
  const get = { http: { url: 'http://shop.localhost/a' } };
  await using bare = await load("export default (req, res) => res.end('bare ' + req.url);");
  assert.equal((await bare.invoke(get)).body.toString(), 'bare /a');
  await using made = await load(
    "export default { callback() { return (req, res) => res.end(this.name); }, name: 'made' };",
  );
  assert.equal((await made.invoke(get)).body.toString(), 'made');
  await using both = await load(`import http from 'node:http';
    const app = (req, res) => res.end('listens');
    http.createServer(app).listen(3000);
    export default app;`);
  assert.equal((await both.invoke(get)).body.toString(), 'listens');
});

test('it may listen late, on a port of its own choice, beside another server', async () => {
  await using guest = await load(
    `
    import http from 'node:http';
    import net from 'node:net';
    const other = net.createServer().listen(0, '127.0.0.1');
    http.createServer((req, res) => res.end('metrics')).listen(9090);
    await new Promise((done) => setTimeout(done, 20));
    http.createServer((req, res) => res.end('app ' + other.address().port)).listen({ port: 4321 });
  `,
    { PORT: '4321' },
  );
  // The second to listen: it listens on PORT.
  await eventually(
    async () => /^app \d+$/.test((await guest.invoke()).body.toString()),
    'the server on PORT',
  );
});

test('answers stream, and a client that leaves is told', async () => {
  await using guest = await load(`
    import http from 'node:http';
    http.createServer((req, res) => {
      res.write('one');
      req.on('data', (part) => res.write(part)).on('end', () => res.end('end'));
      res.on('close', () => console.log('closed', res.writableFinished));
    }).listen(process.env.PORT);
  `);
  const call = guest.call({ http: { method: 'POST' }, body: 'two', end: false });
  await eventually(() => call.body.toString() === 'onetwo', 'the first parts');
  call.chunk('three', true);
  assert.equal((await call.answer).body.toString(), 'onetwothreeend');
  const gone = guest.call({ http: { method: 'POST' }, end: false });
  await gone.headSeen;
  gone.cancel();
  await guest.log(({ message }) => message === 'closed false');
});

test('an event is a POST of a CloudEvent, and a 2xx answer its result', async () => {
  await using guest = await load(`
    import http from 'node:http';
    http.createServer(async (req, res) => {
      let body = '';
      for await (const part of req) body += part;
      if (body === '"no"') { res.statusCode = 409; return res.end('not now'); }
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify([req.method, req.url, req.headers['ce-type'], req.headers['ce-id'], req.headers['content-type'], body]));
    }).listen(process.env.PORT);
  `);
  assert.deepEqual(await guest.invokeEvent({ n: 1 }), [
    'POST',
    '/',
    'mayfly.invoke',
    'e1',
    'application/json',
    '{"n":1}',
  ]);
  await assert.rejects(guest.invokeEvent('no'), { name: 'EventRefused', message: /status 409: not now/ });
});

test('a handler that throws is the call’s failure or the instance’s, as in a server', async () => {
  await using guest = await load(`
    import http from 'node:http';
    http.createServer((req, res) => {
      if (req.url === '/throws') throw new TypeError('on purpose');
      if (req.url === '/drops') return req.socket.destroy();
      res.end('x');
    }).listen(process.env.PORT);
  `);
  const ask = (path: string) => guest.invoke({ http: { url: `http://x.localhost${path}` } });
  assert.equal((await ask('/drops')).failure?.name, 'ConnectionDropped');
  const thrown = (await ask('/throws')).failure;
  assert.deepEqual(
    [thrown?.code, thrown?.name, thrown?.message],
    ['FUNCTION_THREW', 'TypeError', 'on purpose'],
  );
  assert.equal((await ask('/')).body.toString(), 'x');
});

test('drained, it is told by SIGTERM and may close', async () => {
  await using guest = await load(`
    import http from 'node:http';
    import { writeFileSync } from 'node:fs';
    const server = http.createServer((req, res) => res.end('x')).listen(process.env.PORT);
    process.on('SIGTERM', () => server.close(() => { writeFileSync('left', String(server.listening)); }));
  `);
  await guest.invoke();
  guest.drain();
  assert.equal((await guest.exit()).code, 0);
  assert.equal(await readFile(join(guest.folder, 'left'), 'utf8'), 'false');
});

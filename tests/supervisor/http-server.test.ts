import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { SpecialiseMessage } from '../../src/contract/guest-messages.ts';
import { eventually } from '../guest/patience.ts';
import { headerValues } from '../guest/pending-call.ts';
import { cleanSupervisor, failedStart, supervise } from './supervised.ts';

after(cleanSupervisor);

const HTTP = { dialect: 'http', handler: { file: 'server.cjs', export: 'server' } } as const;

/** A server in JavaScript: `serve(req, res)` answers; `text(req)` reads a body. */
const server = (serve: string, listen = `process.env.PORT, '127.0.0.1'`): string => `
const http = require('node:http');
const text = async (req) => { let all = ''; for await (const part of req.setEncoding('utf8')) all += part; return all; };
const server = http.createServer(async (req, res) => { ${serve} });
server.listen(${listen});
`;
const start = (code: string, message: Partial<SpecialiseMessage> = {}) =>
  supervise({ 'server.cjs': code }, { ...HTTP, ...message });

test('a request arrives as it was sent, and so does its answer', async () => {
  await using guest = await start(
    server(`
      const body = await text(req);
      res.setHeader('set-cookie', ['a=1', 'b=2']);
      res.setHeader('connection', 'x-gone, close');
      res.setHeader('x-gone', 'yes');
      res.statusCode = 207;
      res.end(JSON.stringify({ method: req.method, url: req.url, headers: req.rawHeaders, body }));`),
  );
  const headers = [
    'Host',
    'shop.localhost:8080',
    'X-Many',
    '1',
    'x-many',
    '2',
    'Connection',
    'x-hop',
    'X-Hop',
    'y',
  ];
  const answer = await guest.invoke({
    http: {
      method: 'PATCH',
      url: 'http://shop.localhost:8080/a%20b/../c?d=e&d=%2F',
      headers: [...headers, 'X-Forwarded-For', '198.51.100.1'],
    },
    body: 'hello',
  });
  assert.equal(answer.status, 207);
  assert.deepEqual(headerValues(answer, 'set-cookie'), ['a=1', 'b=2']);
  for (const name of ['connection', 'x-gone', 'keep-alive', 'transfer-encoding'])
    assert.deepEqual(headerValues(answer, name), [], name);
  const seen = JSON.parse(answer.body.toString()) as {
    method: string;
    url: string;
    body: string;
    headers: string[];
  };
  assert.deepEqual([seen.method, seen.url, seen.body], ['PATCH', '/c?d=e&d=%2F', 'hello']);
  assert.deepEqual(headerValues(seen, 'x-many'), ['1', '2']);
  assert.deepEqual(headerValues(seen, 'host'), ['shop.localhost:8080']);
  assert.deepEqual(headerValues(seen, 'x-hop'), []);
  assert.deepEqual(headerValues(seen, 'x-forwarded-for'), ['198.51.100.1, 192.0.2.1']);
  assert.deepEqual(headerValues(seen, 'x-forwarded-proto'), ['http']);
  assert.deepEqual(headerValues(seen, 'x-forwarded-host'), ['shop.localhost:8080']);
  assert.deepEqual(headerValues(seen, 'x-request-id'), ['request-1']);
  assert.equal(headerValues(seen, 'traceparent').length, 1);
});

test('bodies flow both ways, and one connection serves call after call', async () => {
  await using guest = await start(
    server(`
      res.write('begun ' + req.socket.remotePort + ' ');
      for await (const part of req) res.write(String(part).toUpperCase());
      res.end('!');`),
  );
  const ports = new Set<string>();
  for (const round of [1, 2]) {
    const headers = ['Host', 'x', 'Transfer-Encoding', 'chunked'];
    const call = guest.call({ http: { method: 'POST', headers }, body: 'one', end: false });
    await call.headSeen;
    await eventually(() => call.body.toString().endsWith(' ONE'), 'the first part');
    call.chunk('two');
    await eventually(() => call.body.toString().endsWith(' ONETWO'), 'the second part');
    call.chunk('', true);
    const { body, failure } = await call.answer;
    assert.equal(failure, null, String(round));
    ports.add(body.toString().split(' ')[1]!);
  }
  assert.equal(ports.size, 1);
});

test('a client that leaves is told to the server', async () => {
  await using guest = await start(
    server(`res.write('begun'); res.on('close', () => console.log('closed', res.writableFinished));`),
  );
  const call = guest.call();
  await call.headSeen;
  call.cancel();
  await guest.log(({ message }) => message === 'closed false');
});

test('an event is a POST of a CloudEvent in binary mode', async () => {
  await using guest = await start(
    server(`
      const body = await text(req);
      if (body === '"no"') { res.statusCode = 422; res.end('not now'); return; }
      const ce = Object.fromEntries(Object.entries(req.headers).filter(([name]) => name.startsWith('ce-')));
      res.setHeader('content-type', 'application/json');
      res.statusCode = 202;
      res.end(JSON.stringify([req.method, req.url, req.headers['content-type'], ce, body]));`),
  );
  assert.deepEqual(await guest.invokeEvent({ n: 1 }, { type: 'order.created', subject: 'a "b" €' }), [
    'POST',
    '/',
    'application/json',
    {
      'ce-specversion': '1.0',
      'ce-id': 'e1',
      'ce-source': 'test',
      'ce-type': 'order.created',
      'ce-subject': 'a%20%22b%22%20%E2%82%AC',
    },
    '{"n":1}',
  ]);
  await assert.rejects(guest.invokeEvent('no'), {
    code: 'FUNCTION_THREW',
    message: 'The server answered the event with status 422: not now',
  });
});

test('an answer that is none has an error of its own, and the server goes on', async () => {
  await using guest = await start(
    server(`
      if (req.url === '/rubbish') { res.socket.end('what?\\r\\n\\r\\n'); return; }
      if (req.url === '/nothing') { res.socket.destroy(); return; }
      if (req.url === '/half') { res.writeHead(200, { 'content-length': 10 }); res.write('half'); setTimeout(() => res.socket.destroy(), 20); return; }
      if (req.url === '/upgrade') { res.socket.end('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: x\\r\\n\\r\\n'); return; }
      res.end('fine');`),
  );
  const codeOf = async (path: string): Promise<unknown[]> => {
    const { failure, status } = await guest.invoke({ http: { url: `http://x.localhost${path}` } });
    return [status, failure?.code, failure?.message];
  };
  const [, rubbish, words] = await codeOf('/rubbish');
  assert.equal(rubbish, 'RESPONSE_INVALID');
  assert.match(String(words), /^The server's answer is no HTTP/);
  assert.deepEqual(await codeOf('/nothing'), [
    0,
    'RESPONSE_INVALID',
    'The server closed the connection without an answer.',
  ]);
  assert.deepEqual(await codeOf('/half'), [200, 'RESPONSE_INVALID', 'The server broke off its answer.']);
  assert.equal((await codeOf('/upgrade'))[1], 'RESPONSE_INVALID');
  assert.deepEqual(await codeOf('/'), [200, undefined, undefined]);
});

test('a command starts the server, in the root, and its words are not a shell’s', async () => {
  await using guest = await supervise(
    {
      'app/server.cjs': server(
        `res.end(JSON.stringify([process.argv.slice(2), process.cwd()]));`,
        `process.env.PORT, '::1'`,
      ),
    },
    { ...HTTP, command: ['node', 'app/server.cjs', '$HOME', 'a b'] },
  );
  assert.deepEqual(JSON.parse((await guest.invoke()).body.toString()), [['$HOME', 'a b'], guest.folder]);
});

test('a server that ends before it listens is quoted', async () => {
  const failed = await failedStart({ 'server.cjs': `console.error('no database'); process.exit(1);` }, HTTP);
  assert.deepEqual([failed.code, failed.name], ['FUNCTION_INIT_FAILED', 'Runtime.ExitError']);
  assert.match(failed.message, /exit status 1 before it was ready\. It said last: no database/);
  const missing = await failedStart({ 'server.cjs': '' }, { ...HTTP, command: ['no-such-program'] });
  assert.match(missing.message, /^no-such-program cannot be started/);
});

test('drained, it is asked to end and has time to', async () => {
  await using guest = await start(
    `${server(`res.end('x');`)}
    process.on('SIGTERM', () => setTimeout(() => { require('node:fs').writeFileSync('left', 'clean'); process.exit(0); }, 50));`,
  );
  await guest.invoke();
  guest.drain();
  assert.equal((await guest.exit()).code, 0);
  assert.equal(await readFile(join(guest.folder, 'left'), 'utf8'), 'clean');
});

test('who listens on every address is told', async () => {
  await using guest = await start(server(`res.end('x');`, 'process.env.PORT'));
  await guest.log(({ message }) => /listens on every address/.test(message));
});

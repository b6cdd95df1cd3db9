import assert from 'node:assert/strict';
import { request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { LogLine } from '../../src/contract/control-api.ts';
import { call, problemOf } from './control-client.ts';
import { sha256Of } from './control-fixtures.ts';
import { type ControlNode, echo, OPERATOR, startControlNode } from './control-node.ts';

const line = (message: string): LogLine => ({
  time: 1,
  level: 'info',
  app: 'shop',
  environment: 'production',
  function: 'list',
  version: '0123456789abcdef',
  requestId: null,
  message,
  fields: null,
});

/** Writes raw bytes and answers all that comes back until the other side closes. */
async function raw(base: string, text: string): Promise<string> {
  const { hostname, port } = new URL(base);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.write(text);
  const chunks: Buffer[] = [];
  socket.on('error', () => {});
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

describe('bodies', () => {
  let node: ControlNode;
  before(async () => {
    node = await startControlNode({ limits: { jsonBytesMax: 10_000, blobBytesMax: 100_000 } });
  });
  after(() => node.close());

  it('over the limit are refused, JSON and blobs alike', async () => {
    const body = { sha256: Array.from({ length: 200 }, () => 'a'.repeat(64)) };
    assert.equal((await problemOf(node.url, 'POST', '/v1/blobs/missing', { body })).code, 'BODY_TOO_LARGE');
    const big = Buffer.alloc(100_001);
    assert.equal(
      (await problemOf(node.url, 'PUT', `/v1/blobs/${sha256Of(big)}`, { body: big })).code,
      'BODY_TOO_LARGE',
    );
    const fits = Buffer.alloc(100_000);
    assert.equal((await call(node.url, 'PUT', `/v1/blobs/${sha256Of(fits)}`, { body: fits })).status, 204);
  });

  it('of blobs may be empty, must be what their name says, and must say their length', async () => {
    assert.equal((await call(node.url, 'PUT', `/v1/blobs/${sha256Of('')}`, { body: '' })).status, 204);
    const path = `/v1/blobs/${sha256Of('a')}`;
    assert.equal((await problemOf(node.url, 'PUT', path, { body: 'b' })).code, 'VALIDATION_FAILED');
    assert.equal(
      (await problemOf(node.url, 'PUT', '/v1/blobs/ABC', { body: 'b' })).code,
      'VALIDATION_FAILED',
    );
    const head = `PUT ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${OPERATOR}\r\nconnection: close\r\n`;
    const chunked = await raw(node.url, `${head}transfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`);
    assert.match(chunked, /^HTTP\/1.1 400 .*needs Content-Length/s);
  });

  it('that are no JSON are a bad request', async () => {
    const headers = { 'content-type': 'application/json' };
    for (const body of ['{', '', '{"by":"app"} x', '\u0000']) {
      const problem = await problemOf(node.url, 'POST', '/v1/usage/report', { body, headers });
      assert.equal(problem.code, 'BAD_REQUEST', body);
    }
    const xml = { body: '<by/>', headers: { 'content-type': 'text/xml' } };
    assert.equal((await problemOf(node.url, 'POST', '/v1/usage/report', xml)).code, 'BAD_REQUEST');
    const none = await problemOf(node.url, 'POST', '/v1/usage/report');
    assert.equal(none.code, 'VALIDATION_FAILED');
  });

  it('that a refused client goes on sending end with the connection', async () => {
    const { port, hostname } = new URL(node.url);
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('error', () => {});
    socket.write('PUT /v1/blobs/x HTTP/1.1\r\nhost: localhost\r\ncontent-length: 500000000\r\n\r\nabc');
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    assert.match(text, /^HTTP\/1.1 401 /);
    assert.match(text, /connection: close/i);
  });
});

describe('clients that do not keep to HTTP', () => {
  let node: ControlNode;
  before(async () => {
    node = await startControlNode({ limits: { headersTimeoutMs: 300, requestTimeoutMs: 600 } });
  });
  after(() => node.close());

  it('get a problem and a closed connection', async () => {
    const malformed = await raw(node.url, 'NONSENSE\r\n\r\n');
    assert.match(malformed, /^HTTP\/1.1 400 .*application\/problem\+json.*"code":"BAD_REQUEST"/s);
    const huge = await raw(node.url, `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`);
    assert.match(huge, /^HTTP\/1.1 431 .*"code":"HEADERS_TOO_LARGE"/s);
  });

  it('and are too slow get 408, whether with their headers or with their body', async () => {
    assert.match(await raw(node.url, 'GET / HTTP/1.1\r\nhost: loc'), /^HTTP\/1.1 408 .*REQUEST_TIMEOUT/s);
    const head = `POST /v1/usage/report HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${OPERATOR}\r\n`;
    const slow = await raw(
      node.url,
      `${head}content-type: application/json\r\ncontent-length: 100\r\n\r\n{"by"`,
    );
    assert.match(slow, /^HTTP\/1.1 408 /);
  });
});

describe('logs', () => {
  let node: ControlNode;
  before(async () => {
    node = await startControlNode({ limits: { stalledClientMs: 500 } });
  });
  after(() => node.close());

  it('come as one JSON object a line, and the query arrives as it was asked', async () => {
    node.logs.lines = async function* () {
      yield line('one');
      yield line('two\nthree');
    };
    const path =
      '/v1/logs?app=shop&function=list&request=r1&level=info&since=5&until=9&limit=10&follow=false';
    const answer = await call(node.url, 'GET', path);
    assert.equal(answer.headers['content-type'], 'application/x-ndjson');
    const lines = answer.text.trimEnd().split('\n');
    assert.deepEqual(
      lines.map((text) => JSON.parse(text)),
      [line('one'), line('two\nthree')],
    );
    assert.deepEqual(
      { ...node.logQueries.at(-1)?.query },
      {
        app: 'shop',
        function: 'list',
        request: 'r1',
        level: 'info',
        since: 5,
        until: 9,
        limit: 10,
        follow: false,
      },
    );
    const wrong = await problemOf(node.url, 'GET', '/v1/logs?limit=0&colour=red');
    assert.match(wrong.detail, /querystring\/colour is unknown/);
    assert.match(wrong.detail, /querystring\/limit must be >= 1/);
  });

  it('are followed until the client goes away', async () => {
    const stopped = Promise.withResolvers<void>();
    node.logs.lines = async function* ({ signal }) {
      yield line('first');
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      stopped.resolve();
    };
    const outgoing = request(new URL('/v1/logs?follow=true', node.url), {
      headers: { authorization: `Bearer ${OPERATOR}` },
    });
    outgoing.on('error', () => {});
    outgoing.end();
    const [first] = await new Promise<[Buffer]>((resolve) =>
      outgoing.once('response', (incoming) => incoming.once('data', (chunk: Buffer) => resolve([chunk]))),
    );
    assert.equal(JSON.parse(first.toString()).message, 'first');
    outgoing.destroy();
    await stopped.promise;
  });

  it('hold up nobody when the client does not read', async () => {
    const stopped = Promise.withResolvers<void>();
    node.logs.lines = async function* ({ signal }) {
      signal.addEventListener('abort', () => stopped.resolve());
      for (;;) yield line('x'.repeat(100_000));
    };
    const { hostname, port } = new URL(node.url);
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('error', () => {});
    socket.write(`GET /v1/logs HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${OPERATOR}\r\n\r\n`);
    await stopped.promise;
    socket.destroy();
  });

  it('that break off in the middle break the connection', async () => {
    node.logs.lines = async function* () {
      yield line('one');
      throw new Error('the disk is gone');
    };
    await assert.rejects(call(node.url, 'GET', '/v1/logs'));
  });
});

describe('closing', () => {
  it('ends the streams, lets a call under way finish, and accepts no more', async () => {
    const node = await startControlNode();
    try {
      node.logs.lines = async function* ({ signal }) {
        yield line('first');
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      };
      const following = call(node.url, 'GET', '/v1/logs?follow=true');
      const release = Promise.withResolvers<void>();
      const entered = Promise.withResolvers<void>();
      node.answer.result = async (made) => {
        entered.resolve();
        await release.promise;
        return echo(made);
      };
      const path = '/v1/apps/shop/environments/production/functions/list/invocations';
      const calling = call(node.url, 'POST', path, { body: 'late' });
      await entered.promise;
      const closing = node.api.close(10_000);
      assert.equal((await following).status, 200);
      release.resolve();
      assert.equal((await calling).text, 'late');
      await closing;
      await assert.rejects(call(node.url, 'GET', '/healthz'), { code: 'ECONNREFUSED' });
    } finally {
      await node.close();
    }
  });

  it('does not wait for ever', async () => {
    const node = await startControlNode();
    const entered = Promise.withResolvers<void>();
    node.answer.result = async () => {
      entered.resolve();
      return await new Promise<never>(() => {});
    };
    const calling = call(
      node.url,
      'POST',
      '/v1/apps/shop/environments/production/functions/list/invocations',
    );
    calling.catch(() => {});
    await entered.promise;
    await node.close();
    await assert.rejects(calling);
  });
});

it('a taken port is said to be taken', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = other.address() as AddressInfo;
    await assert.rejects(startControlNode({ port }), { code: 'PORT_TAKEN' });
  } finally {
    other.close();
  }
});

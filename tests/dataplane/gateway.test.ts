import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { eventually, TestNode } from '../harness/test-node.ts';

const APP = {
  'mayfly.yaml': `
functions:
  list: {}
  echo:
    routes: ['POST /echo', 'PUT /echo/:name', '* /any/*']
  shop:
    routes:
      - method: GET
        path: /shop
        cors: { origins: ['https://shop.example'], methods: [GET, POST], headers: [x-token], credentials: true, maxAge: 10m }
  stream: {}
  slow: {}
  lies: {}
  huge: {}
`,
  'functions/list.ts': `export default () => ['a', 'b', 'c'];`,
  'functions/echo.ts': `
    export default async (request: Request, ctx: any) => {
      const body = new Uint8Array(await request.arrayBuffer());
      return new Response(body, { status: 201, headers: {
        'x-method': request.method, 'x-url': request.url, 'x-params': JSON.stringify(ctx.params),
        'x-trace': request.headers.get('traceparent') ?? '', 'x-twice': request.headers.get('x-twice') ?? '',
        'x-id': ctx.requestId,
      } });
    };`,
  'functions/shop.ts': `export default () => new Response('ok', { headers: [['set-cookie', 'a=1'], ['set-cookie', 'b=2']] });`,
  'functions/stream.ts': `
    export default () => new Response(new ReadableStream({
      async start(controller) {
        for (let i = 0; i < 5; i++) {
          controller.enqueue(new TextEncoder().encode('part ' + i + '\\n'));
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        controller.close();
      },
    }));`,
  'functions/slow.ts': `
    export default async (request: Request) => {
      const aborted = await new Promise((resolve) => {
        request.signal.addEventListener('abort', () => resolve(true));
        setTimeout(() => resolve(false), 5000);
      });
      console.log('aborted: ' + aborted);
      return 'done';
    };`,
  'functions/lies.ts': `
    export default () => new Response(new ReadableStream({
      async start(controller) {
        controller.enqueue(new TextEncoder().encode('short'));
        await new Promise((resolve) => setTimeout(resolve, 50));
        controller.close();
      },
    }), { headers: { 'content-length': '1000' } });`,
  'functions/huge.ts': `
    const bytes = 3 * 1024 * 1024;
    export default (request: Request) => {
      if (request.url.endsWith('?whole')) return new Uint8Array(bytes);
      const stream = new ReadableStream({
        start(controller) {
          controller.enqueue(new Uint8Array(bytes));
          controller.close();
        },
      });
      const headers = request.url.endsWith('?told') ? { 'content-length': String(bytes) } : {};
      return new Response(stream, { headers });
    };`,
};

/** Bytes on a bare socket: what comes back until the server closes it. */
function raw(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(request));
    let text = '';
    socket.setTimeout(5_000, () => socket.destroy(new Error(`no end of the answer: ${text}`)));
    socket.on('data', (part) => {
      text += part.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
}

describe('the gateway', () => {
  let node: TestNode;
  before(async () => {
    node = await TestNode.start({ bodyBytesMax: '1MB', responseBytesMax: '2MB', headerBytesMax: '16KB' });
    await node.deploy('front', APP);
  });
  after(() => node.close());

  test('answers at the path and at the host of the app', async () => {
    assert.deepEqual((await node.ask('/@front/list')).json, ['a', 'b', 'c']);
    const byHost = await node.ask('/list', { headers: { host: 'front.localhost:1234' } });
    assert.deepEqual(byHost.json, ['a', 'b', 'c']);
    assert.equal(byHost.headers['content-length'], String(byHost.body.length));
    assert.match(String(byHost.headers['x-mayfly-request-id']), /^[0-9a-f-]{36}$/);
  });

  test('passes method, URL, parameters, repeated headers, body and trace', async () => {
    const body = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i % 251));
    const answer = await node.ask('/@front/echo/a%20b?q=1', {
      method: 'PUT',
      body,
      headers: {
        'x-twice': ['1', '2'],
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      },
    });
    assert.equal(answer.status, 201);
    assert.ok(answer.body.equals(body));
    assert.equal(answer.headers['x-method'], 'PUT');
    assert.match(String(answer.headers['x-url']), /\/echo\/a%20b\?q=1$/);
    assert.deepEqual(JSON.parse(String(answer.headers['x-params'])), { name: 'a b' });
    assert.equal(answer.headers['x-twice'], '1, 2');
    assert.match(
      String(answer.headers['x-trace']),
      /^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)/,
    );
    assert.equal(answer.headers['x-id'], answer.headers['x-mayfly-request-id']);
  });

  test('streams a response, and a request sent in chunks', async () => {
    const streamed = await node.ask('/@front/stream');
    assert.equal(streamed.text, 'part 0\npart 1\npart 2\npart 3\npart 4\n');
    assert.equal(streamed.headers['transfer-encoding'], 'chunked');
    const chunked = await raw(
      node.node.gatewayUrl,
      'POST /@front/echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n',
    );
    assert.match(chunked, /^HTTP\/1.1 201/);
    assert.match(chunked, /hello world$/);
  });

  test('HEAD has the head of GET and no body; OPTIONS lists methods', async () => {
    const head = await node.ask('/@front/shop', { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.equal(head.body.length, 0);
    assert.deepEqual(head.headers['set-cookie'], ['a=1', 'b=2']);
    const options = await node.ask('/@front/shop', { method: 'OPTIONS' });
    assert.equal(options.status, 204);
    assert.equal(options.headers.allow, 'GET, HEAD, OPTIONS');
  });

  test('answers a preflight by the policy of the route and marks the answer itself', async () => {
    const headers = { origin: 'https://shop.example', 'access-control-request-method': 'GET' };
    const preflight = await node.ask('/@front/shop', { method: 'OPTIONS', headers });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers['access-control-allow-origin'], 'https://shop.example');
    assert.equal(preflight.headers['access-control-allow-credentials'], 'true');
    assert.equal(preflight.headers['access-control-max-age'], '600');
    const answer = await node.ask('/@front/shop', { headers: { origin: 'https://shop.example' } });
    assert.equal(answer.headers['access-control-allow-origin'], 'https://shop.example');
    const foreign = await node.ask('/@front/shop', { headers: { origin: 'https://evil.example' } });
    assert.equal(foreign.headers['access-control-allow-origin'], undefined);
  });

  test('what cannot be found says so', async () => {
    const cases: [string, string, number, string][] = [
      ['GET', '/@nobody/list', 404, 'APP_NOT_FOUND'],
      ['GET', '/list', 404, 'APP_NOT_FOUND'],
      ['GET', '/@front/nothing', 404, 'ROUTE_NOT_FOUND'],
      ['DELETE', '/@front/echo', 405, 'METHOD_NOT_ALLOWED'],
    ];
    // Clients resolve such segments themselves: sent by hand.
    for (const path of ['/@front/any/../../etc/passwd', '/@front/any/%2e%2E/x', '/@front/any/.%2e']) {
      const refused = await raw(
        node.node.gatewayUrl,
        `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
      );
      assert.match(refused, /^HTTP\/1.1 400/, path);
    }
    for (const [method, path, status, code] of cases) {
      const answer = await node.ask(path, { method });
      assert.equal(answer.status, status, path);
      assert.equal((answer.json as { error: { code: string } }).error.code, code);
    }
    assert.equal((await node.ask('/@front/echo', { method: 'DELETE' })).headers.allow, 'POST, OPTIONS');
  });

  test('bodies over the bound get 413, announced or not', async () => {
    const answer = await node.ask('/@front/echo', { method: 'POST', body: Buffer.alloc(1024 * 1024 + 1) });
    assert.equal(answer.status, 413);
    const chunk = `10000\r\n${'x'.repeat(65536)}\r\n`;
    const text = await raw(
      node.node.gatewayUrl,
      `POST /@front/echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${chunk.repeat(20)}`,
    );
    assert.match(text, /^HTTP\/1.1 413/);
  });

  test('Expect: 100-continue is answered only for what will be read', async () => {
    const ask = (length: number, body: string) =>
      raw(
        node.node.gatewayUrl,
        `POST /@front/echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-length: ${length}\r\n\r\n${body}`,
      );
    assert.match(await ask(5, 'hello'), /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 201/);
    assert.match(await ask(10_000_000, ''), /^HTTP\/1.1 413/);
  });

  test('malformed and oversized requests are refused and the connection closed', async () => {
    const url = node.node.gatewayUrl;
    assert.match(await raw(url, 'RUBBISH\r\n\r\n'), /^HTTP\/1.1 400/);
    assert.match(
      await raw(url, `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`),
      /^HTTP\/1.1 431/,
    );
    const both =
      'POST /@front/echo HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n';
    assert.match(await raw(url, both), /^HTTP\/1.1 400/);
    assert.match(await raw(url, 'GET /@front/list HTTP/1.1\r\n\r\n'), /^HTTP\/1.1 400/);
  });

  test('a response over the bound is 502; one that is not as long as it said breaks the connection', async () => {
    for (const announced of ['told', 'whole']) {
      const huge = await node.ask(`/@front/huge?${announced}`);
      assert.equal(huge.status, 502, announced);
      assert.equal((huge.json as { error: { code: string } }).error.code, 'RESPONSE_TOO_LARGE');
    }
    await assert.rejects(node.ask('/@front/huge'));
    await assert.rejects(node.ask('/@front/lies'));
  });

  test('a client that leaves aborts the call', async () => {
    const { hostname, port } = new URL(node.node.gatewayUrl);
    const socket = connect(Number(port), hostname, () =>
      socket.write('GET /@front/slow HTTP/1.1\r\nhost: x\r\n\r\n'),
    );
    await eventually(async () => {
      const { calls } = (await node.client.get('/v1/status')) as {
        calls: { inFlight: number; waiting: number };
      };
      return calls.inFlight === 1 && calls.waiting === 0;
    });
    socket.destroy();
    await eventually(async () =>
      (await node.logs({ app: 'front', function: 'slow' })).some((line) => line.message === 'aborted: true'),
    );
    const row = await eventually(async () =>
      (await node.usage()).rows.find((candidate) => candidate.key.includes('slow')),
    );
    assert.equal(row.calls, 1);
    assert.equal(row.errors, 1);
  });
});

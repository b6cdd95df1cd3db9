import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually, TestNode } from '../harness/test-node.ts';
import { RawClient } from './raw-client.ts';

const APP = {
  'mayfly.yaml': `
functions:
  echo: { routes: ['* /echo', '* /any/*'] }
  early: { concurrency: { perInstance: 20 } }
  throws: {}
  status: {}
  raw: { dialect: lambda, handler: functions/raw.ts#handler }
  stream: {}
  slow: { timeout: 20s, concurrency: { perInstance: 20 } }
`,
  'functions/echo.ts': `
    export default async (request: Request) => {
      const body = await request.text();
      return Response.json({ method: request.method, url: request.url, headers: [...request.headers], body });
    };`,
  'functions/early.ts': `export default () => new Response('no', { status: 401 });`,
  'functions/throws.ts': `export default () => { throw new Error('no'); };`,
  'functions/status.ts': `
    export default (request: Request) => {
      const status = Number(new URL(request.url).searchParams.get('s'));
      return new Response([204, 304].includes(status) ? null : 'body', { status, headers: { 'x-a': 'b' } });
    };`,
  'functions/raw.ts': `
    export const handler = async (event: any) => JSON.parse(event.body);`,
  'functions/stream.ts': `
    export default () => new Response(new ReadableStream({
      async start(controller) {
        for (const part of ['a', 'b', 'c']) {
          controller.enqueue(new TextEncoder().encode(part));
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        controller.close();
      },
    }));`,
  'functions/slow.ts': `
    export default async (request: Request) => {
      await new Promise((resolve) => {
        request.signal.addEventListener('abort', resolve);
        setTimeout(resolve, 15000);
      });
      console.log('ended, aborted: ' + request.signal.aborted);
      return 'done';
    };`,
};

describe('HTTP at its edges', () => {
  let node: TestNode;
  const clients: RawClient[] = [];
  const client = (): RawClient => {
    const made = new RawClient(node.gatewayUrl);
    clients.push(made);
    return made;
  };
  const codeOf = (body: string): string => (JSON.parse(body) as { error: { code: string } }).error.code;
  /** What the function saw of a request. */
  const seen = async (
    request: string,
  ): Promise<{ url: string; headers: [string, string][]; body: string }> => {
    const { status, body } = await client().send(request).answer();
    assert.equal(status, 200, body);
    return JSON.parse(body);
  };
  before(async () => {
    node = await TestNode.start({ isolation: 'process', bodyBytesMax: '4MB' });
    await node.deploy('edge', APP);
  });
  after(async () => {
    for (const made of clients) made.close();
    await node.close();
  });

  test('a target in absolute form names the host', async () => {
    const get = (target: string, host: string) => seen(`GET ${target} HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
    assert.equal((await get('http://edge.localhost/echo?q', 'x')).url, 'http://edge.localhost/echo?q');
    assert.equal((await get('HTTP://y:81/@edge/echo', 'edge.localhost')).url, 'http://y:81/echo');
  });

  test('targets and hosts that are none get 400, and the connection lives on', async () => {
    const bare = client();
    for (const [target, host] of [
      ['ftp://edge.localhost/echo', 'x'],
      ['http:///echo', 'x'],
      ['http://a@b/@edge/echo', 'x'],
      ['*', 'edge.localhost'],
      ['/@edge/echo', 'a b'],
      ['/@edge/echo', 'a/b'],
      ['/@edge/echo', '['],
      ['/@edge/echo', 'x:99999'],
      ['/@edge/any/..\\x', 'x'],
    ]) {
      const { status, body } = await bare.send(`GET ${target} HTTP/1.1\r\nhost: ${host}\r\n\r\n`).answer();
      assert.deepEqual([status, codeOf(body)], [400, 'BAD_REQUEST'], `${target} ${host}`);
    }
    const { status } = await bare.send('GET /@edge/echo HTTP/1.1\r\nhost:\r\n\r\n').answer();
    assert.equal(status, 200);
  });

  test('OPTIONS * is about the server; CONNECT is refused; an upgrade that nobody offers is passed over', async () => {
    const options = await client().send('OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n').answer();
    assert.equal(options.status, 204);
    assert.match(options.head, /^allow: GET, HEAD, POST/im);
    const tunnel = client().send('CONNECT edge.localhost:80 HTTP/1.1\r\nhost: edge.localhost:80\r\n\r\n');
    const refused = await tunnel.answer();
    assert.deepEqual([refused.status, codeOf(refused.body)], [405, 'METHOD_NOT_ALLOWED']);
    assert.equal(await tunnel.rest(), '');
    const upgrade =
      'GET /@edge/echo HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n' +
      'sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
    assert.equal((await client().send(upgrade).answer()).status, 200);
  });

  test('HTTP/1.0 needs no Host, gets no chunks, and its connection ends', async () => {
    const echo = client().send('GET /@edge/echo HTTP/1.0\r\n\r\n');
    const { status, body } = await echo.answer();
    assert.equal(status, 200);
    assert.match((JSON.parse(body) as { url: string }).url, /^http:\/\/localhost:\d+\/echo$/);
    assert.equal(await echo.rest(), '');
    const streamed = await client().send('GET /@edge/stream HTTP/1.0\r\n\r\n').answer();
    assert.doesNotMatch(streamed.head, /transfer-encoding/i);
    assert.equal(streamed.body, 'abc');
    const kept = client().send('GET /@edge/echo HTTP/1.0\r\nconnection: keep-alive\r\n\r\n');
    assert.equal((await kept.answer()).status, 200);
    assert.equal((await kept.send('GET /@edge/echo HTTP/1.0\r\n\r\n').answer()).status, 200);
  });

  test('fields of the connection stay on it; the others and the body come through, trailers do not', async () => {
    const { headers, body } = await seen(
      'POST /@edge/echo HTTP/1.1\r\nhost: x\r\nConnection: Keep-Alive, X-Hop\r\nX-Hop: 1\r\nX-End: 2\r\nTE: trailers\r\n' +
        'Keep-Alive: timeout=5\r\nTrailer: X-Late\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Late: 3\r\n\r\n',
    );
    assert.equal(body, 'hi');
    const names = headers.map(([name]) => name);
    assert.deepEqual(names.sort(), ['host', 'traceparent', 'x-end']);
  });

  test('pipelined requests are answered in order, a failed one among them', async () => {
    const get = (path: string) => `GET /@edge/${path} HTTP/1.1\r\nhost: x\r\n\r\n`;
    const line = client().send(
      get('stream') + get('throws') + get('nothing') + get('echo') + get('stream') + get('echo'),
    );
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) statuses.push((await line.answer()).status);
    assert.deepEqual(statuses, [200, 500, 404, 200, 200, 200]);
  });

  test('a client that leaves ends every call that it had in line', async () => {
    const get = 'GET /@edge/slow HTTP/1.1\r\nhost: x\r\n\r\n';
    const line = client().send(get.repeat(12));
    await eventually(async () => {
      const { calls } = await node.status();
      return calls.inFlight === 12 && calls.waiting === 0;
    });
    line.close();
    await eventually(async () => (await node.status()).calls.inFlight === 0);
    const logged = () => node.logs({ app: 'edge', function: 'slow' });
    await eventually(async () => (await logged()).length >= 12);
    for (const { message } of await logged()) assert.equal(message, 'ended, aborted: true');
  });

  test('a client that leaves in the middle of its upload ends the call', async () => {
    const upload = client().send(
      'POST /@edge/echo HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\nsome of it',
    );
    await eventually(async () => (await node.status()).calls.inFlight === 1);
    upload.close();
    await eventually(async () => (await node.status()).calls.inFlight === 0);
    const half = client().send('POST /@edge/echo HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nsome');
    half.socket.end();
    assert.match(await half.rest(), /^$|^HTTP\/1.1 400/);
  });

  test('an answer before the request was read reaches the client, and the connection serves the next', async () => {
    for (const [name, expected] of [
      ['early', 401],
      ['throws', 500],
    ] as const) {
      const upload = client();
      const bytes = 3_000_000;
      upload.send(`POST /@edge/${name} HTTP/1.1\r\nhost: x\r\ncontent-length: ${bytes}\r\n\r\n`);
      upload.send('x'.repeat(bytes));
      assert.equal((await upload.answer()).status, expected);
      assert.equal((await upload.send('GET /@edge/stream HTTP/1.1\r\nhost: x\r\n\r\n').answer()).body, 'abc');
    }
  });

  test('what is still sent after an early answer is bounded', async () => {
    const upload = client();
    upload.send('POST /@edge/early HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
    assert.equal((await upload.answer()).status, 401);
    const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
    for (let i = 0; i < 6; i++) upload.send(chunk);
    await upload.rest();
    assert.ok(upload.socket.destroyed);
  });

  test('statuses: those without a body have none, those that are no answer are 502', async () => {
    const get = (method: string, status: number) =>
      `${method} /@edge/status?s=${status} HTTP/1.1\r\nhost: x\r\n\r\n`;
    const line = client();
    for (const status of [200, 201, 404, 418, 503, 599])
      assert.equal((await line.send(get('GET', status)).answer()).status, status);
    for (const status of [204, 304]) {
      const answer = await line.send(get('GET', status)).answer();
      assert.equal(answer.status, status);
      assert.doesNotMatch(answer.head, /content-length|transfer-encoding/i);
    }
    const head = await line.send(get('HEAD', 200)).answer(true);
    assert.match(head.head, /content-length: 4/i);
    for (const method of ['GET', 'HEAD'])
      assert.equal((await line.send(get(method, 200)).answer(method === 'HEAD')).status, 200);
  });

  test('a lambda result with a bad status, field or length is 502, and one with a body where none belongs has none', async () => {
    const line = client();
    const answer = (result: unknown) => {
      const body = JSON.stringify(result).replace('\u6f22', '\\u6f22');
      const request = `POST /@edge/raw HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
      return line.send(request).answer();
    };
    for (const result of [
      ...[0, 99, 100, 101, 103, 199, 600, 1000, -1].map((statusCode) => ({ statusCode })),
      { statusCode: 200, headers: { 'x-a': 'b\r\nset-cookie: evil=1' } },
      { statusCode: 200, headers: { 'x-a\r\nset-cookie': 'evil=1' } },
      { statusCode: 200, headers: { 'x-a': 'b\0' } },
      { statusCode: 204, headers: { 'a b': 'c' } },
      { statusCode: 200, headers: { 'x-a': '\u6f22' } },
      { statusCode: 200, headers: { 'content-length': 'many' }, body: 'x' },
    ]) {
      const { status, head, body } = await answer(result);
      assert.equal(status, 502, JSON.stringify(result));
      assert.equal(codeOf(body), 'RESPONSE_INVALID');
      assert.match(head, /^HTTP\/1.1 502 Bad Gateway\r\n/);
      assert.doesNotMatch(head, /evil/);
    }
    for (const statusCode of [204, 304]) {
      const { status, head } = await answer({ statusCode, headers: { 'content-length': '4' }, body: 'body' });
      assert.equal(status, statusCode);
      assert.doesNotMatch(head, /content-length|transfer-encoding/i);
    }
    const hops = {
      connection: 'x-hop',
      'x-hop': '1',
      'x-end': '2',
      'transfer-encoding': 'gzip',
      upgrade: 'h2c',
    };
    const { status, head, body } = await answer({ statusCode: 200, headers: hops, body: 'fine' });
    assert.deepEqual([status, body], [200, 'fine']);
    assert.doesNotMatch(head, /x-hop|gzip|h2c/i);
    assert.match(head, /x-end: 2/);
  });
});

import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';

const PIN = 'r-0123456789ab.00112233445566778899aabbccddeeff';
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

interface Seen {
  readonly url: string;
  readonly pin: IncomingHttpHeaders[string];
  readonly trace: string | undefined;
  readonly body: string;
}

/** A server that stands for the gateway, or for somebody else. */
class Listener {
  seen: Seen[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<Listener> {
    const server = createServer((req, res) => {
      let body = '';
      req.on('data', (part) => {
        body += part;
      });
      req.on('end', () => {
        const { 'x-mayfly-release': pin, traceparent: trace } = req.headers;
        listener.seen.push({ url: req.url!, pin, trace: trace as string | undefined, body });
        const to = new URL(req.url!, 'http://x').searchParams.get('to');
        if (to !== null) res.writeHead(307, { location: to });
        res.end('ok');
      });
    });
    const listener = new Listener(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return listener;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

const CODE = `
import http from 'node:http';
const send = (options) => new Promise((resolve, reject) => {
  const { body, ...rest } = options;
  const request = http.request(rest, (response) => { response.resume(); response.on('end', resolve); });
  request.on('error', reject);
  request.end(body);
});
const ways = {
  fetch: ({ url, init }) => fetch(url, init).then((response) => response.text()),
  request: ({ url, headers }) => fetch(new Request(url, { headers })).then((response) => response.text()),
  get: ({ url }) => new Promise((resolve, reject) =>
    http.get(url, (response) => { response.resume(); response.on('end', resolve); }).on('error', reject)),
  http: ({ options }) => send(options),
  later: async ({ url }, context) => {
    context.waitUntil(new Promise((resolve) => setTimeout(resolve, 20)).then(() => fetch(url)).then((r) => r.text()));
  },
  together: ({ url, times }) => Promise.all(Array.from({ length: times }, (_, i) => fetch(url + '&i=' + i).then((r) => r.text()))),
};
export default async (request, context) => {
  const asked = await request.json();
  await ways[asked.way](asked, context);
  return 'done';
};
`;

describe('what a call asks of its own app', () => {
  let gateway: Listener;
  let other: Listener;
  let guest: GuestDriver;
  before(async () => {
    gateway = await Listener.open();
    other = await Listener.open();
    const { port, origin } = gateway;
    guest = await GuestDriver.load(CODE, {
      own: {
        url: `${origin}/@shop`,
        name: 'shop',
        gateways: [origin, `http://localhost:${port}`],
        hosts: [`http://shop.localhost:${port}`],
      },
    });
  });
  beforeEach(() => {
    gateway.seen = [];
    other.seen = [];
  });
  after(async () => {
    await guest[Symbol.asyncDispose]();
    await GuestDriver.clean();
    gateway.close();
    other.close();
  });

  const ask = async (asked: object, pin = PIN): Promise<void> => {
    const answer = await guest.invoke({ body: JSON.stringify(asked), http: { method: 'POST' }, pin });
    assert.equal(answer.body.toString(), 'done', JSON.stringify(answer));
  };
  const own = (path: string): string => `${gateway.origin}/@shop${path}`;
  const pinned = (url: string, body = ''): Seen => ({ url, pin: PIN, trace: TRACE, body });

  test('carries pin and trace, by fetch and by both forms of node:http', async () => {
    await ask({ way: 'fetch', url: own('/a?b=c') });
    await ask({ way: 'request', url: own('') });
    await ask({ way: 'get', url: own('/get') });
    const { port } = gateway;
    await ask({ way: 'http', options: { host: 'localhost', port, path: '/@shop?x' } });
    const post = { hostname: '127.0.0.1', port, path: '/@shop/post', method: 'POST', body: 'text' };
    await ask({ way: 'http', options: { ...post, headers: { 'content-length': 4 } } });
    assert.deepEqual(gateway.seen, [
      pinned('/@shop/a?b=c'),
      pinned('/@shop'),
      pinned('/@shop/get'),
      pinned('/@shop?x'),
      pinned('/@shop/post', 'text'),
    ]);
  });

  test('does so with a list of headers', async () => {
    const { port } = gateway;
    const options = { host: '127.0.0.1', port, path: '/@shop/x', method: 'POST', body: 'abc' };
    await ask({
      way: 'http',
      options: { ...options, headers: ['Host', `127.0.0.1:${port}`, 'Content-Length', '3'] },
    });
    assert.deepEqual(gateway.seen, [pinned('/@shop/x', 'abc')]);
  });

  test('leaves what the author set', async () => {
    const trace = TRACE.replace('0af7', 'ffff');
    const headers = { 'X-Mayfly-Release': 'canary', Traceparent: trace };
    await ask({ way: 'fetch', url: own('/'), init: { headers } });
    await ask({ way: 'http', options: { host: '127.0.0.1', port: gateway.port, path: '/@shop/', headers } });
    for (const seen of gateway.seen)
      assert.deepEqual(seen, { url: '/@shop/', pin: 'canary', trace, body: '' });
    assert.equal(gateway.seen.length, 2);
  });

  test('goes on after the answer, and belongs to its own call among many', async () => {
    await ask({ way: 'later', url: own('/later') });
    assert.deepEqual(gateway.seen, [pinned('/@shop/later')]);
    gateway.seen = [];
    await Promise.all(
      ['one', 'two', 'three'].map((pin) =>
        ask({ way: 'together', url: own(`/?of=${pin}`), times: 20 }, `r.${pin}`),
      ),
    );
    assert.equal(gateway.seen.length, 60);
    for (const { url, pin } of gateway.seen)
      assert.equal(pin, `r.${new URL(url, 'http://x').searchParams.get('of')}`);
  });

  test('never tells the pin to anybody else', async () => {
    const { origin, port } = gateway;
    const elsewhere = [
      `${other.origin}/@shop/`,
      `${origin}/@shop--preview/`,
      `${origin}/@shopping`,
      `${origin}/@other?/@shop/`,
      `${origin}/x/@shop/`,
      `${origin}/%40shop/`,
    ];
    for (const url of elsewhere) {
      await ask({ way: 'fetch', url });
      await ask({ way: 'get', url });
    }
    await ask({ way: 'fetch', url: `http://127.0.0.1:${other.port}/?${own('/')}` });
    const host = { host: `shop.localhost:${port}` };
    await ask({ way: 'http', options: { host: '127.0.0.1', port: other.port, path: '/', headers: host } });
    assert.equal(other.seen.length, 4);
    assert.equal(gateway.seen.length, 10);
    for (const { url, pin, trace } of [...other.seen, ...gateway.seen])
      assert.deepEqual({ pin, trace }, { pin: undefined, trace: undefined }, url);
  });

  test('a redirect to somebody else goes there without it', async () => {
    await ask({ way: 'fetch', url: own(`/?to=${encodeURIComponent(`${other.origin}/@shop/`)}`) });
    assert.equal(gateway.seen[0]!.pin, PIN);
    assert.deepEqual(other.seen, [{ url: '/@shop/', pin: undefined, trace: undefined, body: '' }]);
  });
});

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';

/** The smallest module: magic number and version. */
const WASM = 'new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])';

describe('the web classes of a guest', () => {
  let server: Server;
  let url: string;
  before(async () => {
    server = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part);
      response.setHeader('content-type', request.headers['content-type'] ?? 'text/plain');
      response.setHeader('x-method', request.method!);
      response.end(Buffer.concat(parts));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await GuestDriver.clean();
  });

  /** What an async function without a closure, with `url` as its parameter, gives inside a guest; as JSON. */
  async function inGuest(body: string, hurried = false): Promise<unknown> {
    const files = {
      'index.mjs': `const run = async (url) => { ${body} };
        const early = ${hurried} ? await run(${JSON.stringify(url)}) : null;
        export default async () => ({ found: early ?? await run(${JSON.stringify(url)}) });`,
    };
    await using guest = hurried ? await GuestDriver.boot(files) : await GuestDriver.load(files);
    if (hurried) assert.equal(await guest.specialise(), null);
    const answer = await guest.invoke();
    assert.equal(answer.failure, null);
    return JSON.parse(answer.body.toString()).found;
  }

  /** The same in a plain Node.js. */
  async function inNode(body: string): Promise<unknown> {
    const run = new Function('url', `return (async () => { ${body} })()`);
    return JSON.parse(JSON.stringify(await run(url)));
  }

  const same: Record<string, string> = {
    'globals, with their attributes': `
      return ['FormData', 'Headers', 'Request', 'Response', 'fetch'].map((name) => {
        const value = globalThis[name];
        const { enumerable, configurable, writable } = Object.getOwnPropertyDescriptor(globalThis, name);
        return [name, value.name, value.length, enumerable, configurable, writable];
      });`,
    members: `
      return [FormData, Headers, Request, Response].map((one) => [
        Object.getOwnPropertyNames(one).sort(), Reflect.ownKeys(one.prototype).map(String).sort(),
        Object.prototype.toString.call(one.prototype),
      ]);`,
    'what fetch gives and takes': `
      const form = new FormData();
      form.set('a', 'b');
      form.set('file', new File(['content'], 'name.txt', { type: 'text/x' }));
      const request = new Request(url, { method: 'POST', body: form, headers: new Headers({ 'x-a': 'b' }) });
      const response = await fetch(request);
      const back = await response.clone().formData();
      return [
        response instanceof Response, response.headers instanceof Headers, back instanceof FormData,
        response.body instanceof ReadableStream, back.get('a'), back.get('file') instanceof File,
        await back.get('file').text(), back.get('file').name, response.headers.get('x-method'),
        response.url === url, response.type, response.redirected, response.bodyUsed,
        (await response.text()).length > 0, response.bodyUsed,
      ];`,
    'bodies of every kind': `
      const echo = async (body, init = {}) => (await fetch(url, { method: 'PUT', body, ...init })).text();
      const stream = new ReadableStream({
        start(controller) { controller.enqueue(new TextEncoder().encode('streamed')); controller.close(); },
      });
      return [
        await echo('text'), await echo(new Blob(['blob'])), await echo(new TextEncoder().encode('bytes')),
        await echo(new URLSearchParams({ a: '1 2' })), await echo(stream, { duplex: 'half' }),
        await (await fetch('data:text/plain,data')).text(),
        await (await fetch(URL.createObjectURL(new Blob(['object'])))).text(),
        await new Response(new Response('through').body.pipeThrough(new TransformStream())).text(),
        await Response.json({ a: 1 }).json(), Response.redirect('http://a/', 307).status, Response.error().type,
        new Response('', { status: 404 }).ok, [...new Headers([['b', '1'], ['a', '2'], ['b', '3']])],
        new Headers([['set-cookie', 'a=1'], ['set-cookie', 'b=2']]).getSetCookie(),
      ];`,
    'what is refused': `
      const named = async (attempt) => {
        try { await attempt(); return null; } catch (thrown) { return [thrown.name, thrown.message]; }
      };
      const used = new Response('x');
      await used.text();
      return [
        await named(() => fetch()), await named(() => fetch('nowhere')), await named(() => new Response('', { status: 1 })),
        await named(() => fetch(url, { signal: AbortSignal.abort() })), await named(() => used.text()),
        await named(() => new Request(url, { method: 'GET', body: 'x' })), await named(() => new Headers([['a']])),
        await named(() => structuredClone(new Response())), await named(() => Response.json(undefined)),
        await named(() => Response()), await named(() => new Headers({ 'a b': 'c' })),
      ];`,
    'compiling WebAssembly while it comes': `
      const wasm = (type, status = 200) => new Response(${WASM}, { status, headers: { 'content-type': type } });
      const refused = (attempt) => attempt.then(() => null, (thrown) => [thrown.name, thrown.code]);
      const served = fetch(url, { method: 'POST', body: ${WASM}, headers: { 'content-type': 'application/wasm' } });
      const { module, instance } = await WebAssembly.instantiateStreaming(served, {});
      const used = wasm('application/wasm');
      await used.arrayBuffer();
      return [
        module instanceof WebAssembly.Module, instance instanceof WebAssembly.Instance,
        await WebAssembly.compileStreaming(wasm('application/wasm')) instanceof WebAssembly.Module,
        await refused(WebAssembly.compileStreaming(wasm('text/plain'))),
        await refused(WebAssembly.compileStreaming(wasm('application/wasm', 404))),
        await refused(WebAssembly.compileStreaming(used)), await refused(WebAssembly.compileStreaming({})),
        await refused(WebAssembly.instantiateStreaming(Promise.reject(new RangeError('x')))),
        WebAssembly.compileStreaming.name, WebAssembly.instantiateStreaming.length,
      ];`,
    'aborting what was sent': `
      const controller = new AbortController();
      const request = new Request(url, { signal: controller.signal });
      const answer = fetch(request).then(() => 'answered', (thrown) => thrown.name);
      controller.abort();
      return [await answer, request.signal.aborted];`,
    'subclasses and inspection': `
      class Mine extends Response { get mine() { return true; } }
      const { inspect } = process.getBuiltinModule('node:util');
      return [new Mine('x').mine, new Mine('x') instanceof Response, await new Mine('x').text(),
        inspect(new Headers({ a: 'b' })), inspect(new Response('x')).split('\\n')[0]];`,
  };

  for (const [what, body] of Object.entries(same)) {
    test(`${what}: as in Node, warm or not`, async () => {
      const expected = await inNode(body);
      assert.deepEqual(await inGuest(body), expected);
      assert.deepEqual(await inGuest(body, true), expected);
    });
  }

  test('whoever replaces a global before its first use has replaced it', async () => {
    const body = `
      class Response { static own = true }
      globalThis.Response = Response;
      Object.defineProperty(globalThis, 'Headers', { value: 'mine', configurable: true });
      new Request(url);
      return [globalThis.Response.own, globalThis.Headers, (await fetch(url)).headers.get('x-method')];`;
    assert.deepEqual(await inGuest(body, true), [true, 'mine', 'GET']);
  });

  test('a dispatcher that a copy of undici sets is what fetch sends through', async () => {
    const body = `
      const { createRequire } = process.getBuiltinModule('node:module');
      const undici = createRequire(${JSON.stringify(import.meta.filename)})('undici');
      const agent = new undici.MockAgent();
      agent.disableNetConnect();
      agent.get('http://mocked.test').intercept({ path: '/' }).reply(201, 'from the mock');
      undici.setGlobalDispatcher(agent);
      const mocked = await fetch('http://mocked.test/');
      const real = new undici.Agent();
      const direct = await fetch(url, { dispatcher: real });
      const own = await undici.fetch(url, { dispatcher: real });
      const found = [
        mocked.status, await mocked.text(), mocked instanceof Response, direct.status,
        own instanceof undici.Response, own.status,
      ];
      await real.close();
      return found;`;
    assert.deepEqual(await inGuest(body), [201, 'from the mock', true, 200, true, 200]);
  });

  test('what only Node has goes on working beside them', async () => {
    const body = `
      return [typeof WebSocket, typeof EventSource, new MessageEvent('message', { data: 1 }).data,
        new CloseEvent('close').code, navigator.userAgent.startsWith('Node.js')];`;
    assert.deepEqual(await inGuest(body), await inNode(body));
  });

  test('an error of fetch shows who called it', async () => {
    const files = {
      'index.mjs': "export default async function caller() { await fetch('http://127.0.0.1:1/'); }",
    };
    await using guest = await GuestDriver.load(files);
    const { failure } = await guest.invoke();
    assert.equal(failure?.message, 'fetch failed');
    assert.match(failure.stack, /caller/);
    assert.match(failure.stack, /Caused by: .*ECONNREFUSED|bad port/);
  });

  test('they come from the version of undici that this Node has', async () => {
    const { version } = (await import('undici/package.json', { with: { type: 'json' } })).default;
    const major = (text: string): string => text.split('.')[0]!;
    assert.equal(major(version), major(process.versions.undici!));
  });
});

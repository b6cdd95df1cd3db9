import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';
import { eventually } from './patience.ts';

after(() => GuestDriver.clean());

test('work given to waitUntil settles the call after its response', async () => {
  await using guest = await GuestDriver.load(`
    let finish;
    export default (request, context) => {
      if (request.url.endsWith('/finish')) { finish(); return 'finished'; }
      context.waitUntil(new Promise((resolve) => { finish = resolve; }).then(() => {
        console.log('work done');
        context.waitUntil(Promise.reject(new Error('late trouble')));
      }));
      return 'at once';
    };`);
  const slow = guest.call();
  await slow.headSeen;
  assert.equal(slow.body.toString(), 'at once');
  await guest.invoke({ http: { url: 'http://shop.localhost/finish' } });
  const answer = await slow.answer;
  assert.deepEqual(answer.frames, ['HEAD+END', 'DONE']);
  assert.equal(answer.failure, null);
  await guest.log((line) => line.message === 'work done' && line.requestId === 'request-1');
  await guest.log((line) => line.level === 'error' && line.message.includes('late trouble'));
});

test('the client going away aborts request.signal and context.signal, and cancels the stream', async () => {
  await using guest = await GuestDriver.load(`
    export default { async fetch(request, env, context) {
      request.signal.addEventListener('abort', () => console.log('request aborted'));
      if (context.signal !== request.signal) throw new Error('two signals');
      return new Response(new ReadableStream({
        start(controller) { controller.enqueue(new TextEncoder().encode('begun')); },
        cancel() { console.log('stream cancelled'); },
      }));
    } };`);
  const call = guest.call();
  await call.headSeen;
  call.cancel();
  const answer = await call.answer;
  assert.equal(answer.failure, null);
  await guest.log((line) => line.message === 'request aborted' && line.requestId === 'request-1');
  await guest.log((line) => line.message === 'stream cancelled');
});

test('a cancelled call fails the reading of its body', async () => {
  await using guest = await GuestDriver.load('export default async (request) => request.text();');
  const call = guest.call({ http: { method: 'POST' }, body: 'part', end: false });
  call.cancel();
  const answer = await call.answer;
  assert.equal(answer.failure?.code, 'FUNCTION_THREW');
  assert.equal(answer.failure?.name, 'AbortError');
});

test('a response streams while it is made', async () => {
  await using guest = await GuestDriver.load(`
    let push;
    export default (request) => {
      if (request.url.endsWith('/push')) { push(); return 'ok'; }
      return new Response(new ReadableStream({ start(controller) {
        controller.enqueue('first '); push = () => { controller.enqueue('second'); controller.close(); };
      } }));
    };`);
  const call = guest.call();
  await eventually(() => call.body.toString() === 'first ', 'the first part');
  await guest.invoke({ http: { url: 'http://shop.localhost/push' } });
  assert.equal((await call.answer).body.toString(), 'first second');
});

test('a response waits for a client that does not read', async () => {
  await using guest = await GuestDriver.load(`
    const part = new Uint8Array(64 * 1024).fill(97);
    export default (request) => {
      if (request.url.endsWith('/ping')) return 'pong';
      let parts = 0;
      return new Response(new ReadableStream({
        pull(controller) {
          if (parts === 64) return controller.close();
          parts += 1;
          console.log('made', parts);
          controller.enqueue(part);
        },
      }, { highWaterMark: 0 }));
    };`);
  const call = guest.call();
  call.consuming = false;
  await eventually(() => call.receivedBytes === 256 * 1024, 'a full window');
  await guest.invoke({ http: { url: 'http://shop.localhost/ping' } });
  const made = guest.logs.filter((line) => line.requestId === 'request-1').length;
  assert.ok(made <= 6, `${made} parts were made for a window of 4`);
  call.consuming = true;
  call.consume();
  assert.equal((await call.answer).body.length, 64 * 64 * 1024);
});

test('a request body is acknowledged as it is read', async () => {
  await using guest = await GuestDriver.load(`
    let start;
    export default async (request) => {
      if (request.url.endsWith('/start')) { start(); return 'ok'; }
      if (request.url.endsWith('/ping')) return 'pong';
      await new Promise((resolve) => { start = resolve; });
      let bytes = 0;
      for await (const part of request.body) bytes += part.length;
      return bytes;
    };`);
  const call = guest.call({ http: { method: 'POST' }, end: false });
  for (let at = 0; at < 4; at += 1) call.chunk(Buffer.alloc(64 * 1024));
  await guest.invoke({ http: { url: 'http://shop.localhost/ping' } });
  assert.equal(call.creditedBytes, 0);
  await guest.invoke({ http: { url: 'http://shop.localhost/start' } });
  await eventually(() => call.creditedBytes >= 192 * 1024, 'credit for what was read');
  call.chunk('tail', true);
  assert.equal((await call.answer).body.toString(), String(256 * 1024 + 4));
});

test('calls run side by side, each with its own context', async () => {
  await using guest = await GuestDriver.load(`
    const waiting = [];
    export default async (request, context) => {
      if (request.url.endsWith('/go')) { for (const go of waiting) go(); return 'go'; }
      await new Promise((resolve) => waiting.push(resolve));
      console.log('from', context.requestId);
      return context.requestId;
    };`);
  const calls = Array.from({ length: 20 }, () => guest.call());
  await guest.invoke({ http: { url: 'http://shop.localhost/go' } });
  for (const call of calls) {
    const answer = await call.answer;
    assert.equal(answer.body.toString(), `request-${call.stream}`);
    await guest.log(
      (line) => line.message === `from request-${call.stream}` && line.requestId === `request-${call.stream}`,
    );
  }
});

test('a failure in the middle of a stream ends the call with an error', async () => {
  await using guest = await GuestDriver.load(`export default () => new Response(new ReadableStream({
    async pull(controller) {
      if (this.once) { await new Promise((resolve) => setTimeout(resolve, 5)); throw new Error('broke off'); }
      this.once = true;
      controller.enqueue('x');
    } }, { highWaterMark: 0 }));`);
  const answer = await guest.invoke();
  assert.equal(answer.failure?.message, 'broke off');
  assert.deepEqual(answer.frames, ['HEAD', 'ERROR']);
});

test('a failure before anything was sent leaves the status free', async () => {
  await using guest = await GuestDriver.load(`export default () => new Response(new ReadableStream({
    start(controller) { controller.enqueue('x'); controller.error(new Error('broke off')); } }));`);
  const answer = await guest.invoke();
  assert.equal(answer.failure?.message, 'broke off');
  assert.deepEqual(answer.frames, ['ERROR']);
});

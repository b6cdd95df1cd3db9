import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { PythonGuest } from './python-guest.ts';

const python = new PythonGuest();
after(() => python.clean());

test('an event handler gets CloudEvents, parsed by their type, and HTTP calls as events', async () => {
  await using guest = await python.load(`
async def handler(event, context):
    data = event["data"]
    return {"type": event["type"], "data": data if not isinstance(data, bytes) else list(data), "id": context.request_id,
            "params": context.params, "left": context.get_remaining_time_in_millis() > 0}
`);
  assert.deepEqual(await guest.invokeEvent({ a: [1] }), {
    type: 'mayfly.invoke',
    data: { a: [1] },
    id: 'request-1',
    params: {},
    left: true,
  });
  const of = async (datacontenttype: string, body: string | Buffer) =>
    JSON.parse((await guest.invoke({ event: { type: 't', datacontenttype }, body })).body.toString()).data;
  assert.equal(await of('text/plain', 'words'), 'words');
  assert.deepEqual(await of('image/png', Buffer.from([1, 255])), [1, 255]);
  assert.deepEqual(await of('application/cloudevents+json', '{"x":1}'), { x: 1 });
  const answer = await guest.invoke({
    http: {
      method: 'POST',
      headers: ['Content-Type', 'application/json', 'A', '1', 'a', '2'],
      params: { id: '7' },
    },
    body: '{"n":1}',
  });
  const { data, params, type } = JSON.parse(answer.body.toString());
  assert.deepEqual(
    [type, data.method, data.path, data.query, data.headers.a, data.body, params],
    ['mayfly.http', 'POST', '/cart', { x: '1' }, '1, 2', { n: 1 }, { id: '7' }],
  );
  assert.equal((await guest.invoke({ event: { type: 't' }, body: '{' })).failure?.name, 'JSONDecodeError');
});

test('a result that JSON cannot express is an invalid response', async () => {
  await using guest = await python.load('def handler(event, context):\n    return eval(event["data"])');
  for (const bad of ['object()', '{1j: 2}', 'float("nan")']) {
    await assert.rejects(guest.invokeEvent(bad), { code: 'RESPONSE_INVALID' }, bad);
  }
  assert.equal(await guest.invokeEvent('None'), null);
  assert.equal(await guest.invokeEvent('"\\ud800"'), '\ud800');
});

test('calls at a time run beside each other, each with its own context', async () => {
  await using guest = await python.load(`
import asyncio, threading
from contextvars import ContextVar
meeting = threading.Barrier(4)
mine = ContextVar("mine")

def handler(event, context):
    mine.set(context.request_id)
    meeting.wait(5)
    print("met")
    return [mine.get(), context.request_id]
`);
  const answers = await Promise.all(Array.from({ length: 4 }, () => guest.invoke()));
  for (const [at, { body }] of answers.entries())
    assert.deepEqual(JSON.parse(body.toString()), [`request-${at + 1}`, `request-${at + 1}`]);
  const ids = guest.logs.map(({ requestId }) => requestId).sort();
  assert.deepEqual(ids, ['request-1', 'request-2', 'request-3', 'request-4']);
});

test('one call’s end of the process is told to the others', async () => {
  await using guest = await python.load(`
import os, threading
def handler(event, context):
    if event["data"] == "wait":
        print("waiting")
        threading.Event().wait()
    os._exit(9)
`);
  const event = { type: 't', datacontenttype: 'text/plain' };
  const waiting = guest.call({ event, body: 'wait' });
  await guest.log(({ message }) => message === 'waiting');
  const ending = await guest.invoke({ event, body: 'end' });
  assert.deepEqual(
    [ending.failure?.code, ending.failure?.message],
    ['FUNCTION_EXITED', 'The code called os._exit(9).'],
  );
  const other = (await waiting.answer).failure;
  assert.deepEqual([other?.code, other?.name, other?.fatal], ['FUNCTION_EXITED', 'InstanceEnded', true]);
  assert.deepEqual(await guest.exit(), { code: 9, signal: null });
});

test('processes of the author’s, forked or spawned, are no guests', async () => {
  await using guest = await python.load({
    'index.py': `
import multiprocessing, work

def handler(event, context):
    results = []
    for method in ("fork", "spawn"):
        queue = multiprocessing.get_context(method).SimpleQueue()
        child = multiprocessing.get_context(method).Process(target=work.square, args=(7, queue))
        child.start()
        results.append(queue.get())
        child.join()
        results.append(child.exitcode)
    return results
`,
    'work.py': 'def square(n, queue):\n    queue.put(n * n)\n',
  });
  assert.deepEqual(await guest.invokeEvent(null), [49, 0, 49, 0]);
  assert.deepEqual(await guest.invokeEvent(null), [49, 0, 49, 0]);
});

test('a drained process runs what waits for its end', async () => {
  await using guest = await python.load(`
import atexit, signal
atexit.register(lambda: print("at exit"))
signal.signal(signal.SIGTERM, lambda *_: print("told to go"))
def handler(event, context): return 1
`);
  await guest.invoke();
  guest.drain();
  assert.deepEqual(await guest.exit(), { code: 0, signal: null });
  assert.deepEqual(
    guest.logs.map(({ message }) => message),
    ['told to go', 'at exit'],
  );
});

test('causes of an error are told, without frames of the guest', async () => {
  await using guest = await python.load(`
def inner():
    raise ValueError("deep")

def handler(event, context):
    try:
        inner()
    except ValueError as error:
        raise RuntimeError("outer") from error
`);
  const { failure } = await guest.invoke();
  assert.deepEqual([failure?.name, failure?.message], ['RuntimeError', 'outer']);
  assert.match(failure!.stack, /ValueError: deep[\s\S]+direct cause[\s\S]+RuntimeError: outer$/);
  assert.doesNotMatch(failure!.stack, /mayfly_guest/);
});

test('calls of the own app carry the pin, and no others do', async () => {
  const seen: [string | undefined, unknown, unknown][] = [];
  const server = createServer((request, response) => {
    seen.push([request.url, request.headers['x-mayfly-release'], request.headers.traceparent]);
    response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await using guest = await python.load(
    `
import urllib.request
def handler(event, context):
    for path in ("/@shop/a?b", "/@shop", "/@other/a", "/a", "/@shopping"):
        urllib.request.urlopen("${origin}" + path).read()
    urllib.request.urlopen(urllib.request.Request("${origin}/@shop/own", headers={"traceparent": "mine", "X-Mayfly-Release": "canary"}))
    urllib.request.urlopen(urllib.request.Request("${origin}/@shop/host", headers={"Host": "elsewhere"}))
`,
    { own: { url: `${origin}/@shop`, name: 'shop', gateways: [origin], hosts: [] } },
  );
  assert.equal((await guest.invoke({ pin: 'the-pin' })).failure, null);
  const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  assert.deepEqual(seen, [
    ['/@shop/a?b', 'the-pin', trace],
    ['/@shop', 'the-pin', trace],
    ['/@other/a', undefined, undefined],
    ['/a', undefined, undefined],
    ['/@shopping', undefined, undefined],
    ['/@shop/own', 'canary', 'mine'],
    ['/@shop/host', undefined, undefined],
  ]);
});

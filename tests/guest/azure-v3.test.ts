import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';
import { type Answer, headerValues } from './pending-call.ts';

after(() => GuestDriver.clean());

const load = (code: string, bindings?: readonly object[]) =>
  GuestDriver.load(
    { 'index.cjs': code },
    {
      dialect: 'azure',
      handler: { file: 'index.cjs', export: 'default' },
      env: bindings === undefined ? {} : { MAYFLY_AZURE_BINDINGS: JSON.stringify(bindings) },
    },
  );
const json = (answer: Answer) => JSON.parse(answer.body.toString());
const HTTP = { type: 'httpTrigger', direction: 'in', name: 'req' };

test('(context, req): the ways of answering', async () => {
  await using guest = await load(`module.exports = function (context, req) {
    context.log('plain', req.query.way);
    context.log.error('bad');
    switch (req.query.way) {
      case 'res': context.res = { status: 201, headers: { 'X-One': ['a', 'b'] }, cookies: [{ name: 'c', value: '1' }], body: { body: req.body, raw: req.rawBody, get: req.get('X-Two'), id: context.invocationId, fn: context.executionContext.functionName, param: context.bindingData.id, same: context.req === req && context.bindings.req === req } }; return Promise.resolve();
      case 'fields': context.res.status = 202; context.res.body = 'text'; return Promise.resolve();
      case 'methods': context.res.status(203).set('x-one', 'm').json({ a: 1 }); return;
      case 'done': context.res = { body: Buffer.from([0, 255]) }; setTimeout(() => context.done(), 1); return;
      case 'outputs': context.done(null, { res: { status: 206, body: 'out' } }); return;
      case 'nothing': return Promise.resolve();
      case 'returned': return Promise.resolve({ status: 207, body: 'returned' });
      case 'fail': context.done(new Error('failed')); return;
      case 'throw': throw new Error('thrown');
    }
  };`);
  const way = (name: string) =>
    guest.invoke({
      http: {
        method: 'POST',
        url: `http://shop.localhost/x?way=${name}`,
        headers: ['Content-Type', 'application/json', 'x-two', '2'],
        params: { id: '7' },
      },
      body: '{"n":1}',
    });
  const res = await way('res');
  assert.equal(res.status, 201);
  assert.deepEqual(headerValues(res, 'x-one'), ['a', 'b']);
  assert.deepEqual(headerValues(res, 'set-cookie'), ['c=1']);
  assert.deepEqual(json(res), {
    body: { n: 1 },
    raw: '{"n":1}',
    get: '2',
    id: 'request-1',
    fn: 'cart',
    param: '7',
    same: true,
  });
  await guest.log((line) => line.level === 'info' && line.message === 'plain res');
  await guest.log((line) => line.level === 'error' && line.message === 'bad');
  const told = async (name: string) => {
    const answer = await way(name);
    return [answer.status, answer.body.toString('latin1'), headerValues(answer, 'content-type').join()];
  };
  assert.deepEqual(await told('fields'), [202, 'text', 'text/plain; charset=utf-8']);
  assert.deepEqual(await told('methods'), [203, '{"a":1}', 'application/json']);
  assert.deepEqual(await told('done'), [200, '\0\xff', 'application/octet-stream']);
  assert.deepEqual(await told('outputs'), [206, 'out', 'text/plain; charset=utf-8']);
  assert.deepEqual(await told('returned'), [207, 'returned', 'text/plain; charset=utf-8']);
  assert.equal((await way('fail')).failure?.message, 'failed');
  assert.equal((await way('throw')).failure?.message, 'thrown');
});

test('bindings: the response is what is returned; other triggers; what is wrong', async () => {
  await using http = await load(
    'exports.run = async (context, request) => ({ status: 200, body: [request.method, context.bindingDefinitions] });',
    [
      { ...HTTP, name: 'request' },
      { type: 'http', direction: 'out', name: '$return' },
    ],
  );
  assert.deepEqual(json(await http.invoke()), [
    'GET',
    [
      { name: 'request', type: 'httpTrigger', direction: 'in' },
      { name: '$return', type: 'http', direction: 'out' },
    ],
  ]);
  await using queue = await load('module.exports = async (context, item) => [item, context.bindings.item];', [
    { type: 'queueTrigger', direction: 'in', name: 'item', queueName: 'q' },
  ]);
  assert.deepEqual(await queue.invokeEvent({ a: 1 }), [{ a: 1 }, { a: 1 }]);
  const batch = { queue: 'q', messages: [{ id: '1', body: 'x' }] };
  assert.deepEqual(await queue.invokeEvent(batch, { type: 'mayfly.queue' }), { retry: [] });
  const failure = async (bindings: readonly object[]) =>
    load('module.exports = () => 1;', bindings).then(
      () => null,
      (error: Error) => error.message,
    );
  assert.match((await failure([]))!, /no trigger/);
});

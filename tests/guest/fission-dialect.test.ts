import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';
import { headerValues } from './pending-call.ts';
import { brief, failureOf, jsonOf, request } from './vendor-call.ts';

after(() => GuestDriver.clean());

const load = (code: string, name = 'default') =>
  GuestDriver.load({ 'index.js': code }, { dialect: 'fission', handler: { file: 'index', export: name } });

const PNG = Buffer.from([0x89, 0x50, 0, 255]);

test("the context has Express' request, with the body by its type and Fission's headers", async () => {
  await using guest = await load(`module.exports = async ({ request }) => ({ status: 200, body: {
    body: request.body, bytes: Buffer.isBuffer(request.body), method: request.method, path: request.path, url: request.url,
    query: request.query, many: request.get('X-Many'), params: request.params,
    fission: [request.headers['x-fission-params-id'], request.get('X-Fission-Full-Url'), request.get('X-Fission-Function-Name')] } });`);
  const given = async (type: string | null, body?: string | Buffer) =>
    jsonOf(await guest.invoke(request(type, body)));
  const json = await given('application/json', '{"n":[1]}');
  assert.deepEqual(json, {
    body: { n: [1] },
    bytes: false,
    method: 'POST',
    path: '/users/7',
    url: '/users/7?tag=a&tag=b&q=x%20y',
    query: { tag: ['a', 'b'], q: 'x y' },
    many: '1, 2',
    params: { id: '7' },
    fission: ['7', '/users/7?tag=a&tag=b&q=x%20y', 'cart'],
  });
  assert.deepEqual((await given('application/x-www-form-urlencoded', 'a=1&b=x+y')).body, {
    a: '1',
    b: 'x y',
  });
  assert.equal((await given('text/plain', 'words')).body, 'words');
  assert.equal((await given('application/octet-stream', PNG)).bytes, true);
  assert.deepEqual((await given(null)).body, {});
  const wrong = await guest.invoke(request('application/json', '{"n"'));
  assert.deepEqual([wrong.status, wrong.failure], [400, null]);
});

test('a promise, a value, a callback or the response give the answer', async () => {
  await using returned = await load(`module.exports = (context) => {
    switch (context.request.body) {
      case 'promise': return Promise.resolve({ status: 201, body: 'made', headers: { 'Content-Type': 'text/csv', 'Set-Cookie': ['a=1', 'b=2'] } });
      case 'value': return { status: 200, body: { a: 1 } };
      case 'no status': return { body: Buffer.from([0, 255]) };
      case 'response': return void context.response.status(202).set('X-One', '1').send('sent');
      case 'both': context.response.set('X-One', '1'); return { status: 203, body: 'both' };
      case 'stream': context.response.write('one,'); return void setTimeout(() => context.response.end('two'), 2);
    }
  };`);
  const give = (how: string) => returned.invoke(request('text/plain', how));
  const made = await give('promise');
  assert.deepEqual(brief(made), [201, 'text/csv; charset=utf-8', 'made']);
  assert.deepEqual(headerValues(made, 'set-cookie'), ['a=1', 'b=2']);
  assert.deepEqual(brief(await give('value')), [200, 'application/json; charset=utf-8', '{"a":1}']);
  assert.deepEqual((await give('no status')).body, Buffer.from([0, 255]));
  const sent = await give('response');
  assert.deepEqual(brief(sent), [202, 'text/html; charset=utf-8', 'sent']);
  assert.deepEqual(headerValues(sent, 'x-one'), ['1']);
  const both = await give('both');
  assert.deepEqual([both.status, both.body.toString(), headerValues(both, 'x-one')], [203, 'both', ['1']]);
  assert.equal((await give('stream')).body.toString(), 'one,two');
  assert.equal((await give('nothing')).failure?.code, 'RESPONSE_INVALID');

  await using called = await load(
    `exports.hello = (context, callback) => {
    const how = context.request.body;
    if (how === 'response') return void context.response.json({ sent: true });
    setTimeout(() => callback(200, { how }, { 'X-One': 1 }), 1);
  };`,
    'hello',
  );
  const answer = await called.invoke(request('text/plain', 'callback'));
  assert.deepEqual(brief(answer), [200, 'application/json; charset=utf-8', '{"how":"callback"}']);
  assert.deepEqual(headerValues(answer, 'x-one'), ['1']);
  assert.deepEqual(jsonOf(await called.invoke(request('text/plain', 'response'))), { sent: true });
});

test('what is thrown, rejected or never called back fails the call', async () => {
  await using guest = await load(`module.exports = async ({ request }) => {
    if (request.body.how === 'status') return { status: 503, body: 'busy' };
    throw new RangeError('far');
  };`);
  assert.deepEqual(await failureOf(guest, {}), ['FUNCTION_THREW', 'RangeError', 'far']);
  assert.equal((await guest.invoke(request('application/json', '{"how":"status"}'))).status, 503);
  assert.deepEqual(await failureOf(guest, { how: 'status' }), [
    'FUNCTION_THREW',
    'EventRefused',
    'The function answered the event with status 503: busy',
  ]);
  await using silent = await load('module.exports = (context, callback) => {};');
  assert.equal((await silent.invoke(request(null))).failure?.code, 'RESPONSE_INVALID');
  await assert.rejects(load('module.exports = { no: "function" };'), /is no function/);
});

test('an event arrives as a POST', async () => {
  await using guest = await load(
    'module.exports = async ({ request }) => ({ status: 200, body: [request.method, request.body, request.get("ce-type")] });',
  );
  assert.deepEqual(await guest.invokeEvent({ n: 1 }, { type: 'a.b' }), ['POST', { n: 1 }, 'a.b']);
});

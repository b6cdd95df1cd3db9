import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';
import { type Answer, headerValues } from './pending-call.ts';

after(() => GuestDriver.clean());

const load = (code: string, env: Record<string, string> = {}) =>
  GuestDriver.load(
    { 'index.cjs': code },
    { dialect: 'webtask', handler: { file: 'index.cjs', export: 'default' }, env },
  );
const json = (answer: Answer) => JSON.parse(answer.body.toString());

test('(callback): a result is JSON, an error a 400', async () => {
  await using guest = await load(`let calls = 0;
    module.exports = function (cb) {
      calls += 1;
      if (calls === 1) return cb(null, { i_am: 'done' });
      if (calls === 2) return setTimeout(() => cb(new TypeError('no')), 1);
      if (calls === 3) return cb(Object.assign(new Error('gone'), { statusCode: 410 }));
      if (calls === 4) return cb('text');
      if (calls === 5) return cb();
      throw new Error('thrown');
    };`);
  const first = await guest.invoke();
  assert.deepEqual([first.status, json(first)], [200, { i_am: 'done' }]);
  assert.deepEqual(headerValues(first, 'content-type'), ['application/json']);
  const error = await guest.invoke();
  assert.deepEqual(
    [error.status, json(error)],
    [
      400,
      {
        code: 400,
        error: 'Script returned an error.',
        details: 'TypeError: no',
        name: 'TypeError',
        message: 'no',
      },
    ],
  );
  assert.equal((await guest.invoke()).status, 410);
  assert.equal(json(await guest.invoke()).details, 'text');
  const nothing = await guest.invoke();
  assert.deepEqual([nothing.status, nothing.body.length], [200, 0]);
  assert.deepEqual([(await guest.invoke()).failure?.code], ['FUNCTION_THREW']);
});

test('(context, callback): query, secrets and body, apart and in one', async () => {
  await using guest = await load('module.exports = (ctx, cb) => cb(null, ctx);', { SECRET: 's' });
  const post = (type: string, body: string) =>
    guest.invoke({
      http: {
        method: 'POST',
        url: 'http://shop.localhost/x?a=1&b=2',
        headers: ['Content-Type', type, 'X-One', '1'],
      },
      body,
    });
  const context = json(await post('application/json', '{"b":3}'));
  assert.deepEqual(context.data, { a: '1', b: 3, SECRET: 's' });
  assert.deepEqual(
    [context.query, context.secrets, context.body],
    [{ a: '1', b: '2' }, { SECRET: 's' }, { b: 3 }],
  );
  assert.deepEqual([context.headers['x-one'], context.meta.name], ['1', 'cart']);
  assert.deepEqual(json(await post('application/x-www-form-urlencoded', 'c=4')).body, { c: '4' });
  assert.equal('body' in json(await post('text/plain', 'x')), false);
  assert.deepEqual(((await guest.invokeEvent({ n: 1 })) as { data: object }).data, { n: 1, SECRET: 's' });

  await using storage = await load(
    'module.exports = (ctx, cb) => ctx.storage.get((error) => ctx.storage.set({}, (again) => cb(null, [error.message, again.code])));',
  );
  const [message, code] = json(await storage.invoke());
  assert.match(message, /not provided/);
  assert.equal(code, 501);
});

test('(context, request, response): full control', async () => {
  await using guest = await load(`module.exports = function (context, req, res) {
    if (context.query.fail) return Promise.reject(new Error('broke'));
    let body = '';
    req.setEncoding('utf8').on('data', (part) => { body += part; }).on('end', () => {
      res.writeHead(207, { 'Content-Type': 'text/html', 'Set-Cookie': ['a=1', 'b=2'] });
      res.write(req.method + ' ' + req.url + ' ');
      res.end(body);
    });
  };`);
  const answer = await guest.invoke({
    http: { method: 'PUT', url: 'http://shop.localhost/a?b' },
    body: 'sent',
  });
  assert.deepEqual([answer.status, answer.body.toString()], [207, 'PUT /a?b sent']);
  assert.deepEqual(headerValues(answer, 'set-cookie'), ['a=1', 'b=2']);
  const failed = await guest.invoke({ http: { url: 'http://shop.localhost/?fail=1' } });
  assert.equal(failed.failure?.message, 'broke');
});

test('any other number of parameters is none of the three', async () => {
  await assert.rejects(load('module.exports = () => 1;'), /one, two or three parameters.*this has 0/);
  await assert.rejects(load('module.exports = {};'), /not a function/);
});

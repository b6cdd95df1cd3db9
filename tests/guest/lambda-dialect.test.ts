import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';

after(() => GuestDriver.clean());

const LAMBDA = { dialect: 'lambda', handler: { file: 'index.mjs', export: 'handler' } } as const;
const load = (code: string, env: Record<string, string> = {}) => GuestDriver.load(code, { ...LAMBDA, env });

/** Rejects with what the function reported. */
const failure = async (
  running: Promise<unknown>,
): Promise<{ name: string; message: string; code: string }> => {
  try {
    await running;
  } catch (thrown) {
    return thrown as { name: string; message: string; code: string };
  }
  throw new Error('the call did not fail');
};

test('an async handler gets the data as it is and gives JSON', async () => {
  await using guest = await load('export const handler = async (event) => ({ got: event });');
  assert.deepEqual(await guest.invokeEvent({ a: [1] }), { got: { a: [1] } });
  assert.deepEqual(await guest.invokeEvent('text'), { got: 'text' });
  const empty = await guest.invoke({ event: { type: 'mayfly.invoke' } });
  assert.equal(empty.body.toString(), '{"got":{}}');
});

test('a handler file is found without its extension, a handler in an object, a CommonJS module, a TypeScript file', async () => {
  const files = {
    'a.js': 'exports.handler = async () => "js";',
    'b.cjs': 'exports.api = { deep: { handler: async () => "cjs" } };',
    'c.mjs': 'export default { handler: async () => "mjs" };',
    'd.ts':
      'export const handler = async (event: { n: number }): Promise<string> => "ts " + (event.n satisfies number);',
  };
  const cases = [
    ['a', 'handler', 'js'],
    ['b.cjs', 'api.deep.handler', 'cjs'],
    ['c', 'handler', 'mjs'],
    ['d', 'handler', 'ts 4'],
  ] as const;
  for (const [file, name, expected] of cases) {
    await using guest = await GuestDriver.load(files, { dialect: 'lambda', handler: { file, export: name } });
    assert.equal(await guest.invokeEvent({ n: 4 }), expected);
  }
});

test('callback, done, succeed and fail end a call, the first of them only', async () => {
  await using guest = await load(`export const handler = (event, context, callback) => {
    switch (event) {
      case 'callback': callback(null, 'c'); callback(null, 'again'); return;
      case 'callback error': return callback(new TypeError('no'));
      case 'callback text': return callback('just text');
      case 'done': context.done(null, 'd'); context.fail(new Error('late')); return;
      case 'done error': return context.done(new Error('de'));
      case 'succeed': setTimeout(() => context.succeed('s'), 5); return;
      case 'fail': return context.fail(new RangeError('f'));
      case 'fail nothing': return context.fail();
      case 'throw': throw new SyntaxError('t');
      case 'nothing': return;
      case 'returned': return 'a value without a promise';
      case 'never': return new Promise(() => undefined);
    }
  };`);
  assert.equal(await guest.invokeEvent('callback'), 'c');
  assert.equal(await guest.invokeEvent('done'), 'd');
  assert.equal(await guest.invokeEvent('succeed'), 's');
  assert.equal(await guest.invokeEvent('nothing'), null);
  assert.equal(await guest.invokeEvent('returned'), null);
  assert.equal(await guest.invokeEvent('never'), null);
  const failed = async (event: string) => {
    const { code, name, message } = await failure(guest.invokeEvent(event));
    assert.equal(code, 'FUNCTION_THREW');
    return [name, message];
  };
  assert.deepEqual(await failed('callback error'), ['TypeError', 'no']);
  assert.deepEqual(await failed('callback text'), ['string', 'just text']);
  assert.deepEqual(await failed('done error'), ['Error', 'de']);
  assert.deepEqual(await failed('fail'), ['RangeError', 'f']);
  assert.deepEqual(await failed('fail nothing'), ['string', 'handled']);
  assert.deepEqual(await failed('throw'), ['SyntaxError', 't']);
  assert.equal(await guest.invokeEvent('callback'), 'c');
});

test('a callback waits for the empty event loop, unless told not to', async () => {
  await using guest = await load(`
    const order = [];
    let stop = () => {};
    export const handler = (event, context, callback) => {
      if (event.stop) { stop(); callback(null, order); return; }
      context.callbackWaitsForEmptyEventLoop = event.wait;
      if (event.wait) setTimeout(() => setTimeout(() => order.push('timers'), 20), 20);
      else { const timer = setInterval(() => {}, 5); stop = () => clearInterval(timer); }
      order.push('callback');
      callback(null, [...order]);
    };`);
  assert.deepEqual(await guest.invokeEvent({ wait: true }), ['callback']);
  assert.deepEqual(await guest.invokeEvent({ wait: false }), ['callback', 'timers', 'callback']);
  assert.deepEqual(await guest.invokeEvent({ stop: true }), ['callback', 'timers', 'callback']);
});

test('while a callback waits, other calls are served', async () => {
  await using guest = await load(`
    let release;
    export const handler = (event, context, callback) => {
      if (event === 'ping') return Promise.resolve('pong');
      if (event === 'release') { clearInterval(release); return Promise.resolve('released'); }
      release = setInterval(() => {}, 1000);
      callback(null, 'held');
    };`);
  const held = guest.call({ event: { type: 'mayfly.invoke' }, body: '"hold"' });
  let settled = false;
  void held.answer.then(() => {
    settled = true;
  });
  assert.equal(await guest.invokeEvent('ping'), 'pong');
  assert.equal(settled, false);
  assert.equal(await guest.invokeEvent('release'), 'released');
  assert.equal((await held.answer).body.toString(), '"held"');
});

test("the context and the environment are AWS's", async () => {
  await using guest = await load(
    `export const handler = async (event, context) => ({
      functions: ['getRemainingTimeInMillis', 'done', 'succeed', 'fail'].map((name) => typeof context[name]),
      remaining: context.getRemainingTimeInMillis(), waits: context.callbackWaitsForEmptyEventLoop,
      name: context.functionName, version: context.functionVersion, arn: context.invokedFunctionArn,
      memory: context.memoryLimitInMB, id: context.awsRequestId, group: context.logGroupName,
      stream: context.logStreamName, client: context.clientContext, identity: context.identity ?? null,
      env: process.env, cwd: process.cwd() });`,
    { AWS_REGION: 'eu-central-1' },
  );
  const told = (await guest.invokeEvent({}, { clientcontext: '{"custom":{"a":1}}' })) as Record<
    string,
    unknown
  >;
  const env = told.env as Record<string, string>;
  assert.deepEqual(told.functions, ['function', 'function', 'function', 'function']);
  assert.ok((told.remaining as number) > 0);
  assert.equal(told.waits, true);
  assert.equal(told.name, 'cart');
  assert.equal(told.version, '0123456789abcdef');
  assert.equal(told.arn, 'arn:aws:lambda:eu-central-1:000000000000:function:cart');
  assert.equal(told.memory, '256');
  assert.equal(told.id, 'request-1');
  assert.equal(told.group, '/aws/lambda/cart');
  assert.match(told.stream as string, /^\d{4}\/\d\d\/\d\d\/\[0123456789abcdef\]/);
  assert.deepEqual(told.client, { custom: { a: 1 } });
  assert.equal(told.identity, null);
  assert.equal(told.cwd, guest.folder);
  assert.equal(env._HANDLER, 'index.handler');
  assert.equal(env.AWS_REGION, 'eu-central-1');
  assert.equal(env.AWS_LAMBDA_FUNCTION_NAME, 'cart');
  assert.equal(env.AWS_LAMBDA_FUNCTION_VERSION, '0123456789abcdef');
  assert.equal(env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE, '256');
  assert.equal(env.AWS_EXECUTION_ENV, 'AWS_Lambda_nodejs24.x');
  assert.equal(env.LAMBDA_TASK_ROOT, guest.folder);
  assert.equal(
    env._X_AMZN_TRACE_ID,
    'Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1',
  );
});

test('a result that JSON can not express is an invalid response', async () => {
  await using guest = await load('export const handler = async () => ({ n: 1n });');
  assert.equal((await failure(guest.invokeEvent({}))).code, 'RESPONSE_INVALID');
});

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';
import { eventually } from './patience.ts';

after(() => GuestDriver.clean());

const at = (path: string) => ({ http: { url: `http://shop.localhost/${path}` } });

test('whatever is thrown is described', async () => {
  await using guest = await GuestDriver.load(`
    class Custom extends TypeError { get name() { return 'CustomName'; } }
    const trap = new Proxy({}, { get() { throw new Error('trap'); }, getPrototypeOf() { throw new Error('trap'); } });
    const things = {
      error: () => new Error('plain'), custom: () => new Custom('c'), text: () => 'words', none: () => undefined, nil: () => null,
      number: () => 42, symbol: () => Symbol('s'), object: () => ({ a: 1 }), frozen: () => Object.freeze({}), trap: () => trap,
      getters: () => ({ get message() { throw 1; }, get stack() { throw 2; }, get name() { throw 3; } }),
      cause: () => new Error('outer', { cause: new RangeError('inner') }), huge: () => new Error('x'.repeat(1e6)),
    };
    export default async (request) => { throw things[new URL(request.url).pathname.slice(1)](); };`);
  const thrown = async (path: string) => {
    const { failure } = await guest.invoke(at(path));
    assert.deepEqual([failure?.code, failure?.fatal], ['FUNCTION_THREW', false], path);
    return failure!;
  };
  assert.deepEqual([(await thrown('error')).name, (await thrown('error')).message], ['Error', 'plain']);
  assert.equal((await thrown('custom')).name, 'CustomName');
  assert.deepEqual([(await thrown('text')).name, (await thrown('text')).message], ['string', 'words']);
  assert.deepEqual([(await thrown('none')).name, (await thrown('none')).message], ['undefined', 'undefined']);
  assert.deepEqual([(await thrown('nil')).name, (await thrown('nil')).message], ['null', 'null']);
  assert.equal((await thrown('number')).message, '42');
  assert.equal((await thrown('symbol')).message, 'Symbol(s)');
  assert.equal((await thrown('object')).message, '{ a: 1 }');
  await thrown('frozen');
  await thrown('trap');
  await thrown('getters');
  assert.match((await thrown('cause')).stack, /outer[\s\S]*Caused by: RangeError: inner/);
  assert.ok((await thrown('huge')).message.length <= 8 * 1024);
});

test('guest frames stay out of stacks', async () => {
  await using guest = await GuestDriver.load('export default () => { throw new Error("here"); };');
  const { stack } = (await guest.invoke()).failure!;
  assert.match(stack, /index\.mjs:1:/);
  assert.doesNotMatch(stack, /node\.cjs|node:internal/);
});

for (const [how, code, exit] of [
  ['process.exit', 'process.exit(7)', { code: 7, signal: null }],
  [
    'process.exit in a timer',
    'setTimeout(() => process.exit(8), 1); return new Promise(() => {});',
    { code: 8, signal: null },
  ],
  ['process.reallyExit', 'process.reallyExit(9)', { code: 9, signal: null }],
  ['process.kill', 'process.kill(process.pid, "SIGKILL")', { code: null, signal: 'SIGKILL' }],
  ['process.abort', 'process.abort()', { code: null, signal: 'SIGABRT' }],
] as const) {
  test(`${how} fails every running call before the process ends`, async () => {
    await using guest = await GuestDriver.load(`export default (request) => {
      if (request.url.endsWith('/wait')) return new Promise(() => {});
      console.log('last words');
      ${code};
    };`);
    const waiting = guest.call(at('wait'));
    const ending = guest.call(at('end'));
    for (const call of [waiting, ending]) {
      const { failure } = await call.answer;
      assert.deepEqual(
        [failure?.code, failure?.fatal, failure?.name],
        ['FUNCTION_EXITED', true, 'ProcessExit'],
      );
      assert.match(failure!.message, /process\./);
    }
    assert.deepEqual(await guest.exit(), exit);
    assert.ok(guest.logs.some(({ message }) => message === 'last words'));
  });
}

for (const [how, code] of [
  ['an uncaught exception', 'setTimeout(() => { throw new TypeError("loose"); }, 1)'],
  [
    'an uncaught exception of an emitter',
    'setTimeout(() => new (process.getBuiltinModule("events"))().emit("error", new TypeError("loose")), 1)',
  ],
  ['an unhandled rejection', 'Promise.reject(new TypeError("loose"))'],
  ['an unhandled rejection, later', 'setTimeout(() => Promise.reject(new TypeError("loose")), 1)'],
] as const) {
  test(`${how} fails the call it belongs to and ends the instance`, async () => {
    await using guest = await GuestDriver.load(`export default (request) => {
      if (request.url.endsWith('/loose')) ${code};
      return new Promise(() => {});
    };`);
    const innocent = guest.call(at('wait'));
    const culprit = guest.call(at('loose'));
    const { failure } = await culprit.answer;
    assert.deepEqual(
      [failure?.code, failure?.name, failure?.message, failure?.fatal],
      ['FUNCTION_THREW', 'TypeError', 'loose', true],
    );
    assert.match(failure!.stack, /index\.mjs/);
    const other = (await innocent.answer).failure;
    assert.deepEqual([other?.code, other?.fatal], ['FUNCTION_EXITED', true]);
    assert.deepEqual(await guest.exit(), { code: 1, signal: null });
  });
}

test('an uncaught exception between calls is logged and ends the instance', async () => {
  await using guest = await GuestDriver.load(
    'export default () => { setTimeout(() => { throw new Error("afterwards"); }, 20); return "x"; };',
  );
  assert.equal((await guest.invoke()).body.toString(), 'x');
  assert.deepEqual(await guest.exit(), { code: 1, signal: null });
  await eventually(
    () => guest.logs.some(({ level, message }) => level === 'error' && /afterwards/.test(message)),
    'the log line',
  );
});

test('listeners of the author see an uncaught exception too', async () => {
  await using guest = await GuestDriver.load(`
    process.on('uncaughtException', (error) => console.log('tracked', error.message));
    export default () => { setTimeout(() => { throw new Error('loose'); }, 1); return new Promise(() => {}); };`);
  assert.equal((await guest.invoke()).failure?.message, 'loose');
  await guest.exit();
  assert.ok(guest.logs.some(({ message }) => message === 'tracked loose'));
});

test('the protocol descriptor is closed to node:fs', async () => {
  await using guest = await GuestDriver.load(`
    import fs, { writeSync } from 'node:fs';
    import { promisify } from 'node:util';
    const code = async (run) => { try { return await run() ?? 'nothing'; } catch (error) { return error.code; } };
    export default async () => [
      await code(() => fs.writeSync(3, 'junk')), await code(() => writeSync(3, Buffer.alloc(100))), await code(() => fs.writevSync(3, [Buffer.from('x')])),
      await code(() => fs.readSync(3, Buffer.alloc(4))), await code(() => fs.closeSync(3)), await code(() => fs.close(3)),
      await code(() => promisify(fs.write)(3, Buffer.from('x'))), await code(() => promisify(fs.close)(3)),
      await code(() => new Promise((resolve, reject) => fs.createWriteStream('', { fd: 3 }).on('error', reject).end('junk'))),
      await code(() => { for (let fd = 3; fd < 6; fd += 1) try { fs.closeSync(fd); } catch {} }),
    ];`);
  const told = JSON.parse((await guest.invoke()).body.toString());
  assert.deepEqual(told, [...Array(9).fill('EBADF'), 'nothing']);
  assert.equal((await guest.invoke()).status, 200);
});

const REPLACED = `
  const broken = () => { throw 'a broken global was used'; };
  JSON.parse = JSON.stringify = broken;
  Math.max = Math.min = Math.round = Date.now = performance.now = broken;
  for (const name of ['setTimeout', 'setImmediate', 'clearTimeout', 'clearImmediate', 'Response', 'Request', 'Headers'])
    globalThis[name] = broken;
  process.cpuUsage = process.hrtime = process.on = broken;
`;

/** Node's own web classes use these; without them only dialects that need none of those classes can work. */
const REPLACED_MORE = `
  Buffer.concat = Buffer.alloc = Buffer.allocUnsafe = Buffer.byteLength = Buffer.isBuffer = broken;
  Buffer.from = Promise.prototype.then = Promise.prototype.catch = broken;
  Reflect.apply = Number.isInteger = Array.isArray = broken;
  Promise.resolve = Promise.reject = Promise.all = Promise.race = broken;
  Object.keys = Object.assign = Object.defineProperty = Object.freeze = Object.entries = broken;
  for (const name of ['push', 'shift', 'unshift', 'concat', 'join', 'map', 'forEach', 'filter', 'slice', 'splice',
    'includes', 'indexOf', 'reduce']) Array.prototype[name] = broken;
  for (const name of ['get', 'set', 'has', 'delete', 'forEach', 'values', 'entries']) Map.prototype[name] = broken;
  for (const name of ['queueMicrotask', 'ReadableStream', 'AbortController', 'URL', 'Uint8Array', 'Error', 'TypeError',
    'Promise']) globalThis[name] = broken;
`;

test('replaced globals do not reach the guest', async () => {
  await using guest = await GuestDriver.load(`
    const { Response: RealResponse } = globalThis;
    ${REPLACED}
    export default async (request) => {
      console.log('still', 'logging');
      if (request.url.endsWith('/throw')) throw 'thrown';
      if (request.url.endsWith('/body')) return new RealResponse(await request.text());
      return { ok: true };
    };`);
  const plain = await guest.invoke();
  assert.deepEqual([plain.failure, plain.body.toString()], [null, '{"ok":true}']);
  const post = { method: 'POST', url: 'http://shop.localhost/body' };
  assert.equal((await guest.invoke({ http: post, body: 'echo' })).body.toString(), 'echo');
  assert.equal((await guest.invoke(at('throw'))).failure?.message, 'thrown');
  await guest.log(({ message }) => message === 'still logging');
  const large = guest.call({ http: post, body: 'a', end: false });
  large.chunk('b'.repeat(60_000));
  large.chunk('c', true);
  assert.equal((await large.answer).body.length, 60_002);
  guest.drain();
  assert.deepEqual(await guest.exit(), { code: 0, signal: null });
});

test('replaced methods of arrays and maps do not reach the guest', async () => {
  await using guest = await GuestDriver.load(
    `${REPLACED} ${REPLACED_MORE}
    export default async (event) => { console.log('still', 'logging'); if (event.data === 'throw') throw 'thrown'; return event.data; };`,
    { dialect: 'event' },
  );
  assert.deepEqual(await guest.invokeEvent({ a: [1] }), { a: [1] });
  await assert.rejects(guest.invokeEvent('throw'), { code: 'FUNCTION_THREW', message: 'thrown' });
  const pieces = guest.call({ event: { type: 't' }, body: '"', end: false });
  pieces.chunk('x'.repeat(60_000));
  pieces.chunk('"', true);
  assert.equal((await pieces.answer).body.length, 60_002);
  await guest.log(({ message }) => message === 'still logging');
  guest.drain();
  assert.deepEqual(await guest.exit(), { code: 0, signal: null });
});

/** Handlers that answer `{"n":1}` to it, by dialect. */
const VENDORS = {
  fission: 'export default async () => ({ status: 200, body: { n: 1 } });',
  fn: 'import fdk from "@fnproject/fdk"; fdk.handle(async (input) => input);',
  knative: 'export default async (context, body) => body;',
  kubeless: 'export default async (event) => event.data;',
  nuclio: 'export default (context, event) => context.callback({ n: 1 });',
  openfaas: 'export default async (event) => event.body;',
  openwhisk: 'export default async ({ n }) => ({ body: { n } });',
  tencent: 'export default async (event) => ({ n: event.body.length - 6 });',
} as const;

test("replaced globals do not reach the vendors' dialects", async () => {
  const call = { http: { method: 'POST', headers: ['content-type', 'application/json'] }, body: '{"n":1}' };
  for (const [dialect, code] of Object.entries(VENDORS)) {
    await using guest = await GuestDriver.load(`${code} ${REPLACED} ${REPLACED_MORE}`, { dialect });
    for (const _ of [1, 2]) {
      const answer = await guest.invoke(call);
      assert.deepEqual([dialect, answer.failure, answer.body.toString()], [dialect, null, '{"n":1}']);
    }
  }
});

test('a frozen world does not stop the guest', async () => {
  await using guest = await GuestDriver.load(`
    for (const name of ['Array', 'Object', 'Promise', 'Map', 'Uint8Array', 'Function', 'Error']) { Object.freeze(globalThis[name].prototype); }
    export default async (request) => ({ body: await request.text() });`);
  const answer = await guest.invoke({ http: { method: 'POST' }, body: 'x' });
  assert.deepEqual([answer.failure, answer.body.toString()], [null, '{"body":"x"}']);
});

test('CPU time is that of the call', async () => {
  await using guest = await GuestDriver.load(`export default (request) => {
    if (request.url.endsWith('/busy')) { const until = process.cpuUsage().user + 60_000; while (process.cpuUsage().user < until); }
    return 'x';
  };`);
  const busy = await guest.invoke(at('busy'));
  const idle = await guest.invoke(at('idle'));
  assert.ok(busy.cpuUs >= 60_000, `${busy.cpuUs} µs for 60 ms of work`);
  assert.ok(idle.cpuUs < busy.cpuUs / 2, `${idle.cpuUs} µs for nothing`);
});

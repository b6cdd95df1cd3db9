import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';
import { eventually } from './patience.ts';
import { headerValues } from './pending-call.ts';
import { brief, failureOf, jsonOf, request } from './vendor-call.ts';

after(() => GuestDriver.clean());

const load = (code: string, env: Record<string, string> = {}) =>
  GuestDriver.load(
    { 'func.js': `const fdk = require('@fnproject/fdk');\n${code}` },
    { dialect: 'fn', handler: { file: 'func.js', export: 'default' }, env },
  );

const PNG = Buffer.from([0x89, 0x50, 0, 255]);

test('the input is JSON, or what is no JSON as text; with other modes text or bytes', async () => {
  await using json = await load('fdk.handle((input) => ({ got: input }));');
  assert.deepEqual(await json.invokeEvent({ n: 1 }), { got: { n: 1 } });
  assert.deepEqual(jsonOf(await json.invoke(request('text/plain', 'words'))), { got: 'words' });
  assert.deepEqual(jsonOf(await json.invoke(request(null))), { got: '' });
  await using text = await load('fdk.handle((input) => input, { inputMode: "string" });');
  assert.deepEqual(brief(await text.invoke(request('application/json', '{"n":1}'))), [
    200,
    'application/json',
    '"{\\"n\\":1}"',
  ]);
  await using bytes = await load(
    'fdk.handle(async (input, ctx) => { ctx.responseContentType = "image/png"; return input; }, { inputMode: "buffer" });',
  );
  const answer = await bytes.invoke(request('image/png', PNG));
  assert.deepEqual([answer.body, headerValues(answer, 'content-type')], [PNG, ['image/png']]);
});

test("the context tells the call, the function and Fn's gateway", async () => {
  await using guest = await load(
    `fdk.handle((input, ctx) => ({
      call: ctx.callID, app: ctx.appName, appID: ctx.appID, fn: ctx.fnName, fnID: ctx.fnID, memory: ctx.memory,
      colour: [ctx.config.COLOUR, ctx.getConfig('COLOUR')], due: ctx.deadline.getTime() - Date.now() > 0,
      type: ctx.contentType, body: ctx.body, none: ctx.getHeader('X-None'), trace: [ctx.tracingContext.isEnabled, ctx.tracingContext.traceId, ctx.tracingContext.serviceName],
      gateway: { method: ctx.httpGateway.method, url: ctx.httpGateway.requestURL, headers: ctx.httpGateway.headers,
        one: ctx.httpGateway.getHeader('x-many'), all: ctx.httpGateway.getAllHeaderValues('X-MANY') },
      prefixed: ctx.getAllHeaderValues('Fn-Http-H-X-Many') }));`,
    { COLOUR: 'red' },
  );
  const told = jsonOf(await guest.invoke(request('application/json', '{"n":1}')));
  assert.deepEqual(told, {
    call: 'request-1',
    app: 'shop',
    appID: 'shop',
    fn: 'cart',
    fnID: 'cart',
    memory: 256,
    colour: ['red', 'red'],
    due: true,
    type: 'application/json',
    body: { n: 1 },
    none: null,
    trace: [false, '0af7651916cd43dd8448eb211c80319c', 'shop::cart'],
    gateway: {
      method: 'POST',
      url: 'http://shop.localhost:8080/users/7?tag=a&tag=b&q=x%20y',
      headers: {
        Host: ['shop.localhost:8080'],
        'X-Many': ['1', '2'],
        Cookie: ['a=1; b=2'],
        'Content-Type': ['application/json'],
      },
      one: '1',
      all: ['1', '2'],
    },
    prefixed: ['1', '2'],
  });
  const event = (await guest.invokeEvent({}, { type: 'a.b' })) as Record<string, Record<string, unknown>>;
  assert.deepEqual([event.gateway?.method, event.gateway?.url], [null, null]);
});

test('results are JSON, raw or streamed, with status and headers for the gateway', async () => {
  await using guest = await load(`
    const { Readable } = require('node:stream');
    let more;
    fdk.handle((input, ctx) => {
      const http = ctx.httpGateway;
      switch (input.how ?? input) {
        case 'head':
          http.statusCode = 201;
          http.setResponseHeader('X-One', 1);
          http.addResponseHeader('Set-Cookie', 'a=1');
          http.addResponseHeader('Set-Cookie', 'b=2');
          http.setResponseHeader('content-type', 'text/csv');
          return 'a,b';
        case 'raw': ctx.responseContentType = 'image/png'; return fdk.rawResult(Buffer.from([0, 255]));
        case 'stream':
          ctx.responseContentType = 'text/plain';
          return fdk.streamResult(Readable.from((async function* () {
            yield 'one,'; await new Promise((resolve) => { more = resolve; }); yield Buffer.from('two'); })()));
        case 'more': more(); return 'released';
        case 'null': return null;
        default: return [1];
      }
    });`);
  const give = (how: string) => guest.invoke(request('text/plain', how));
  const head = await give('head');
  assert.deepEqual(brief(head), [201, 'text/csv', 'a,b']);
  assert.deepEqual(headerValues(head, 'x-one'), ['1']);
  assert.deepEqual(headerValues(head, 'set-cookie'), ['a=1', 'b=2']);
  const raw = await give('raw');
  assert.deepEqual(raw.body, Buffer.from([0, 255]));
  const streaming = guest.call(request('text/plain', 'stream'));
  await eventually(() => streaming.body.toString() === 'one,', 'the first part');
  await give('more');
  assert.deepEqual(brief(await streaming.answer), [200, 'text/plain', 'one,two']);
  assert.equal((await give('null')).body.length, 0);
  assert.deepEqual(brief(await give('list')), [200, 'application/json', '[1]']);
  const event = await guest.invoke({ event: { type: 'mayfly.invoke' }, body: '{"how":"head"}' });
  assert.deepEqual(brief(event), [200, 'text/csv', 'a,b']);
});

test('what is thrown or rejected fails the call', async () => {
  await using guest = await load(`fdk.handle(({ how }) => {
    if (how === 'throw') throw new TypeError('thrown');
    return Promise.reject(new RangeError('rejected'));
  });`);
  assert.deepEqual(await failureOf(guest, { how: 'throw' }), ['FUNCTION_THREW', 'TypeError', 'thrown']);
  assert.deepEqual(await failureOf(guest, { how: 'x' }), ['FUNCTION_THREW', 'RangeError', 'rejected']);
});

test('the module is there for import too; a file without a function fails loading', async () => {
  await using guest = await GuestDriver.load(
    `import fdk, { handle, rawResult } from '@fnproject/fdk';
    handle(() => [typeof fdk.handle, typeof rawResult, process.env.FN_FORMAT]);`,
    { dialect: 'fn' },
  );
  assert.deepEqual(await guest.invokeEvent({}), ['function', 'function', 'http-stream']);
  await assert.rejects(load('fdk.handle(() => 1, { inputMode: "xml" });'), /Unknown input mode/);
  await assert.rejects(load('exports.x = 1;'), /neither calls fdk.handle nor exports a function/);
});

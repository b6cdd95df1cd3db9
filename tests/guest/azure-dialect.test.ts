import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GuestDriver } from './guest-driver.ts';
import { eventually } from './patience.ts';
import { type Answer, headerValues } from './pending-call.ts';

after(() => GuestDriver.clean());

const load = (code: string, name = 'list', env: Record<string, string> = {}) =>
  GuestDriver.load(
    `import { app, input, output, HttpResponse, HttpRequest, InvocationContext } from '@azure/functions';\n${code}`,
    {
      dialect: 'azure',
      handler: { file: 'index.mjs', export: name },
      env,
    },
  );
const json = (answer: Answer) => JSON.parse(answer.body.toString());
const HTTP = {
  method: 'POST',
  url: 'http://shop.localhost:8080/api/items/7/a/b?tag=x&tag=y',
  headers: ['Content-Type', 'application/json', 'X-Many', '1', 'x-many', '2'],
  route: '/api/items/:id/*',
  params: { id: '7', '*': 'a/b' },
};

test('an HTTP function: request, context, and the ways of answering', async () => {
  await using guest = await load(`
    app.http('list', { methods: ['POST'], route: 'items/{id}/{*rest}', handler: async (request, context) => {
      const body = await request.clone().json();
      context.warn('seen %s', body.want, { deep: { er: 1 } });
      switch (body.want) {
        case 'all': return { status: 201, headers: { 'X-One': 'a' }, cookies: [{ name: 'c', value: '1', httpOnly: true, sameSite: 'lax' }, { name: 'd', value: '2' }],
          jsonBody: { method: request.method, url: request.url, tags: request.query.getAll('tag'), params: request.params, many: request.headers.get('x-many'),
            id: context.invocationId, name: context.functionName, trace: context.traceContext.traceParent, metadata: context.triggerMetadata,
            trigger: context.options.trigger.type, user: request.user, worker: process.env.FUNCTIONS_WORKER_RUNTIME, site: process.env.WEBSITE_SITE_NAME } };
        case 'text': return { body: 'täxt' };
        case 'bytes': return { body: new Uint8Array([0, 255]), status: '206' };
        case 'nothing': return;
        case 'empty': return { status: 204, body: 'dropped' };
        case 'response': return new HttpResponse({ status: 202, headers: [['set-cookie', 'a=1'], ['set-cookie', 'b=2']], jsonBody: [1], cookies: [{ name: 'c', value: '3' }] });
        case 'stream': return { body: new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('one,')); c.enqueue(new TextEncoder().encode('two')); c.close(); } }) };
        case 'echo': return { body: request.body };
        case 'string': return 'text';
        case 'cycle': { const a = {}; a.a = a; return { jsonBody: a }; }
        case 'throw': throw new TypeError('broke');
      }
    } });`);
  const want = (what: string) => guest.invoke({ http: HTTP, body: JSON.stringify({ want: what }) });
  const all = await want('all');
  assert.equal(all.status, 201);
  assert.deepEqual(headerValues(all, 'x-one'), ['a']);
  assert.deepEqual(headerValues(all, 'set-cookie'), ['c=1; HttpOnly; SameSite=Lax', 'd=2']);
  assert.deepEqual(headerValues(all, 'content-type'), ['application/json']);
  assert.deepEqual(json(all), {
    method: 'POST',
    url: HTTP.url,
    tags: ['x', 'y'],
    params: { id: '7', rest: 'a/b' },
    many: '1, 2',
    id: 'request-1',
    name: 'list',
    trace: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    trigger: 'httpTrigger',
    user: null,
    worker: 'node',
    site: 'shop',
  });
  const line = await guest.log((entry) => entry.message.startsWith('seen all'));
  assert.deepEqual(
    [line.level, line.requestId, line.message],
    ['warn', 'request-1', 'seen all { deep: { er: 1 } }'],
  );
  const told = async (what: string) => {
    const answer = await want(what);
    return [answer.status, answer.body.toString('latin1'), headerValues(answer, 'content-type').join()];
  };
  assert.deepEqual(await told('text'), [200, 'tÃ¤xt', 'text/plain;charset=UTF-8']);
  assert.deepEqual(await told('bytes'), [206, '\0\xff', '']);
  assert.deepEqual(await told('nothing'), [204, '', '']);
  assert.deepEqual(await told('empty'), [204, '', '']);
  assert.deepEqual(await told('stream'), [200, 'one,two', '']);
  assert.deepEqual(await told('echo'), [200, '{"want":"echo"}', '']);
  const response = await want('response');
  assert.deepEqual([response.status, json(response)], [202, [1]]);
  assert.deepEqual(headerValues(response, 'set-cookie'), ['a=1', 'b=2', 'c=3']);
  assert.equal((await want('string')).failure?.code, 'RESPONSE_INVALID');
  assert.equal((await want('cycle')).failure?.code, 'RESPONSE_INVALID');
  const { failure } = await want('throw');
  assert.deepEqual(
    [failure?.code, failure?.name, failure?.message],
    ['FUNCTION_THREW', 'TypeError', 'broke'],
  );
});

test('a direct invocation of an HTTP function is a POST; a method of its own; keys', async () => {
  await using guest = await load(
    `app.post('list', { authLevel: 'function', handler: async (request) => ({ jsonBody: [request.method, await request.json()] }) });`,
    'list',
    { MAYFLY_AZURE_KEYS: 'one, two' },
  );
  assert.deepEqual(await guest.invokeEvent({ a: 1 }), ['POST', { a: 1 }]);
  const ask = (query: string, headers: string[] = []) =>
    guest.invoke({ http: { method: 'POST', url: `http://shop.localhost/${query}`, headers }, body: '1' });
  assert.equal((await ask('')).status, 401);
  assert.equal((await ask('?code=three')).status, 401);
  assert.equal((await ask('?code=two')).status, 200);
  assert.equal((await ask('', ['X-Functions-Key', 'one'])).status, 200);
});

test('a timer, a queue, a blob and events start functions', async () => {
  const code = `
    const told = (input, context) => ({ input: Buffer.isBuffer(input) ? input.toString('latin1') : input, metadata: context.triggerMetadata, retry: context.retryContext });
    app.timer('timer', { schedule: '0 */5 * * * *', handler: told });
    app.storageQueue('queue', { queueName: 'q', connection: 'c', handler: (item, context) => { if (item.fail) throw new Error('no'); globalThis.last = told(item, context); } });
    app.storageBlob('blob', { path: 'samples/{folder}/{name}.png', connection: 'c', handler: told });
    app.eventGrid('grid', { handler: told });
    app.serviceBusQueue('many', { queueName: 'q', connection: 'c', cardinality: 'many', handler: (items) => { console.log('got ' + JSON.stringify(items)); } });
    app.generic('odd', { trigger: { type: 'odd', name: 'o' }, handler: told });`;
  await using timer = await load(code, 'timer');
  const at = '2026-01-02T03:04:05.000Z';
  const run = await timer.invokeEvent({ cron: '* * * * *' }, { type: 'mayfly.schedule', time: at });
  assert.deepEqual(run, {
    input: {
      schedule: { adjustForDST: true },
      isPastDue: false,
      scheduleStatus: { last: at, next: at, lastUpdated: at },
      cron: '* * * * *',
    },
  });
  assert.equal((await timer.invoke()).status, 404);

  await using queue = await load(code, 'queue');
  const message = (id: string, body: unknown) => ({ id, timestamp: at, attempts: 2, body });
  const batch = { queue: 'q', messages: [message('1', { fail: true }), message('2', '{"ok":true}')] };
  assert.deepEqual(await queue.invokeEvent(batch, { type: 'mayfly.queue' }), { retry: [{ id: '1' }] });
  assert.deepEqual(
    await queue.invokeEvent({ queue: 'q', messages: [message('3', 'text')] }, { type: 'mayfly.queue' }),
    {
      retry: [],
    },
  );
  await assert.rejects(
    queue.invokeEvent({ queue: 'q', messages: [message('4', { fail: true })] }, { type: 'mayfly.queue' }),
    /no/,
  );

  await using blob = await load(code, 'blob');
  const picture = await blob.invoke({
    event: {
      id: 'e',
      source: '/objects',
      type: 'object.created',
      subject: 'samples/a/b.png',
      datacontenttype: 'image/png',
    },
    body: Buffer.from([0, 255]),
  });
  const { input, metadata } = json(picture);
  assert.deepEqual(
    [input, metadata.name, metadata.folder, metadata.blobTrigger],
    ['\0\xff', 'b', 'a', 'samples/a/b.png'],
  );

  await using grid = await load(code, 'grid');
  const seen = (await grid.invokeEvent({ a: 1 }, { type: 'thing.happened', subject: 's' })) as {
    input: object;
  };
  assert.deepEqual(seen.input, {
    specversion: '1.0',
    id: 'e1',
    source: 'test',
    type: 'thing.happened',
    subject: 's',
    datacontenttype: 'application/json',
    data: { a: 1 },
  });
  await using many = await load(code, 'many');
  await many.invokeEvent(
    { queue: 'q', messages: [message('1', 'a'), message('2', 'b')] },
    { type: 'mayfly.queue' },
  );
  await many.log((line) => line.message === 'got ["a","b"]');
  await using odd = await load(code, 'odd');
  assert.deepEqual(((await odd.invokeEvent([1])) as { input: unknown }).input, [1]);
});

test('hooks run around invocations and at both ends; bindings that go nowhere are told', async () => {
  await using guest = await load(`
    const steps = [];
    app.setup({ enableHttpStream: true });
    app.hook.appStart(async () => { await null; steps.push('start'); });
    app.hook.appTerminate(() => console.log('terminated'));
    app.hook.preInvocation((context) => { context.hookData.n = 1; context.inputs = ['changed']; steps.push(context.invocationContext.functionName); });
    app.hook.postInvocation((context) => { steps.push(context.hookData.n); if (context.error) { context.error = null; context.result = { body: 'saved' }; } });
    const gone = app.hook.preInvocation(() => steps.push('never'));
    gone.dispose();
    app.hook.log((line) => { line.message = '[' + line.level + '] ' + line.message; });
    const blob = input.storageBlob({ path: 'a/b' });
    const queue = output.storageQueue({ queueName: 'q' });
    app.http('list', { extraInputs: [blob], extraOutputs: [queue], handler: (given, context) => {
      context.log('line');
      context.extraOutputs.set(queue, 1);
      if (steps.length > 4) throw new Error('lost');
      return { jsonBody: [given, [...steps], context.extraInputs.get(blob) === undefined, context.extraOutputs.get(queue)] };
    } });`);
  assert.deepEqual(json(await guest.invoke()), ['changed', ['start', 'list'], true, 1]);
  await guest.invoke();
  assert.equal((await guest.invoke()).body.toString(), 'saved');
  await guest.log((line) => line.message === '[information] line');
  await guest.log(
    (line) => line.level === 'warn' && /input of type "blob", which is not provided/.test(line.message),
  );
  await guest.log(
    (line) => line.level === 'warn' && /output of type "queue", which goes nowhere/.test(line.message),
  );
  guest.drain();
  assert.equal((await guest.exit()).code, 0);
  await eventually(() => guest.logs.find((line) => line.message === 'terminated'), 'the hook at the end');
});

test('classes can be made for tests; wrong registrations say so', async () => {
  await using guest = await load(`
    app.get('list', async () => {
      const request = new HttpRequest({ url: 'http://x/?a=b', method: 'POST', body: { string: '{"n":1}' }, headers: { 'x-ms-client-principal': btoa('{"identityProvider":"p","userId":"u"}') }, params: { p: '1' } });
      const lines = [];
      const context = new InvocationContext({ functionName: 'f', logHandler: (level, ...args) => lines.push([level, args]) });
      context.debug('x', 1);
      return { jsonBody: [await request.json(), request.query.get('a'), request.user.id, request.params.p, context.functionName, lines] };
    });`);
  assert.deepEqual(json(await guest.invoke()), [{ n: 1 }, 'b', 'u', '1', 'f', [['debug', ['x', 1]]]]);
  const failure = async (code: string) =>
    load(code).then(
      () => null,
      (error: Error) => error.message,
    );
  assert.match((await failure(`app.http('list', {});`))!, /registered without a handler/);
  assert.match(
    (await failure(`app.get('list', () => 1); app.get('list', () => 1);`))!,
    /already been registered/,
  );
  assert.match((await failure(`app.get('a', () => 1);`))!, /neither registered nor exported.*registers a/);
});

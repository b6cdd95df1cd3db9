import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { GuestDriver } from '../guest/guest-driver.ts';
import { eventually } from '../guest/patience.ts';
import { echo, extension, javascript } from './bootstraps.ts';
import { cleanSupervisor, failedStart, supervise } from './supervised.ts';

after(cleanSupervisor);

const WATCHER = '.opt/extensions/watcher';

/** What the extension noted. */
async function seenBy(guest: GuestDriver): Promise<unknown[][]> {
  const text = await readFile(join(guest.folder, 'seen'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown[]);
}

test('an extension is told of each call and of the end', async () => {
  await using guest = await supervise({
    bootstrap: echo('event.n'),
    [WATCHER]: extension(`
      const { status, id, json } = await register(['INVOKE', 'SHUTDOWN'], undefined, { 'Lambda-Extension-Accept-Feature': 'accountId' });
      note('registered', status, typeof id, json);
      for (;;) {
        const told = await event();
        note(told.eventType, told.requestId ?? told.shutdownReason, told.deadlineMs > Date.now(), told.tracing);
        if (told.eventType === 'SHUTDOWN') process.exit(0);
      }`),
  });
  assert.deepEqual([await guest.invokeEvent({ n: 1 }), await guest.invokeEvent({ n: 2 })], [1, 2]);
  guest.drain();
  assert.equal((await guest.exit()).code, 0);
  const tracing = {
    type: 'X-Amzn-Trace-Id',
    value: 'Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1',
  };
  assert.deepEqual(await seenBy(guest), [
    [
      'registered',
      200,
      'string',
      {
        functionName: 'cart',
        functionVersion: '0123456789abcdef',
        handler: 'index.handler',
        accountId: '000000000000',
      },
    ],
    ['INVOKE', 'request-1', true, tracing],
    ['INVOKE', 'request-2', true, tracing],
    ['SHUTDOWN', 'spindown', true, null],
  ]);
});

test('a call is over when the extensions are done with it, and its answer is not held back', async () => {
  await using guest = await supervise({
    bootstrap: echo('event.n'),
    [WATCHER]: extension(`
      await register(['INVOKE']);
      for (;;) {
        await event();
        const gate = process.env.LAMBDA_TASK_ROOT + '/gate';
        while (!require('node:fs').existsSync(gate)) await new Promise((done) => setTimeout(done, 2));
      }`),
  });
  const call = guest.call({ event: { type: 'mayfly.invoke' }, body: '{"n":1}' });
  await call.headSeen;
  assert.equal(call.receivedBytes, 1);
  const { writeFile } = await import('node:fs/promises');
  await writeFile(join(guest.folder, 'gate'), '');
  assert.equal((await call.answer).failure, null);
});

test('an internal extension is a part of the runtime, and only told of calls', async () => {
  const script = `
    const headers = { 'Lambda-Extension-Name': 'inside' };
    const ask = (events) => post('/2020-01-01/extension/register', JSON.stringify({ events }), headers);
    const told = [(await ask(['SHUTDOWN'])).json.errorType];
    const { headers: answered } = await ask(['INVOKE']);
    told.push((await ask(['INVOKE'])).json.errorType);
    const id = { 'Lambda-Extension-Identifier': answered['lambda-extension-identifier'] };
    const events = async () => { for (;;) told.push((await call('GET', '/2020-01-01/extension/event/next', undefined, id)).json.eventType); };
    void events();
    for (;;) {
      const one = await next();
      while (told.length < 3) await new Promise((done) => setTimeout(done, 2));
      const late = await post('/2020-01-01/extension/register', '{}', { 'Lambda-Extension-Name': 'late' });
      await post('invocation/' + one.id + '/response', JSON.stringify([...told, late.json.errorType]));
    }`;
  await using guest = await supervise(javascript(script));
  assert.deepEqual(await guest.invokeEvent({}), [
    'Extension.InvalidEventType',
    'Extension.InvalidExtensionState',
    'INVOKE',
    'Extension.RegistrationClosed',
  ]);
});

test('wrong uses of the Extensions API are refused as AWS refuses them', async () => {
  const script = `
    const told = [];
    const note = async (asked) => { const { status, json } = await asked; told.push(status + ' ' + json.errorType); };
    const path = '/2020-01-01/extension/';
    await note(post(path + 'register', '{}'));
    await note(post(path + 'register', 'x', { 'Lambda-Extension-Name': 'a' }));
    await note(post(path + 'register', '{"events":["OTHER"]}', { 'Lambda-Extension-Name': 'a' }));
    await note(call('GET', path + 'event/next'));
    await note(call('GET', path + 'event/next', undefined, { 'Lambda-Extension-Identifier': 'x' }));
    await note(post(path + 'exit/error', '{}', { 'Lambda-Extension-Identifier': 'x' }));
    const { headers } = await post(path + 'register', '{}', { 'Lambda-Extension-Name': 'b' });
    const own = { 'Lambda-Extension-Identifier': headers['lambda-extension-identifier'] };
    await note(post(path + 'init/error', '{}', own));
    await note(call('PUT', '/2022-07-01/telemetry', '{}', own));
    await note(call('PUT', '/2022-07-01/telemetry', '{"schemaVersion":"2022-12-13","types":["platform"],"destination":{"protocol":"HTTP","URI":"http://x/"}}', own));
    void call('GET', path + 'event/next', undefined, own);
    for (;;) { const { id } = await next(); await post('invocation/' + id + '/response', JSON.stringify(told)); }`;
  await using guest = await supervise(javascript(script));
  assert.deepEqual(await guest.invokeEvent({}), [
    '403 Extension.InvalidExtensionName',
    '403 InvalidRequestFormat',
    '403 Extension.InvalidEventType',
    '403 Extension.MissingExtensionIdentifier',
    '403 Extension.UnknownExtensionIdentifier',
    '403 Extension.UnknownExtensionIdentifier',
    '403 Extension.MissingHeader',
    '400 ValidationError',
    '400 ValidationError',
  ]);
});

test('an extension that fails or dies takes the instance with it', async () => {
  const dead = await failedStart({
    bootstrap: echo(),
    [WATCHER]: '#!/bin/sh\necho no licence >&2\nexit 2\n',
  });
  assert.deepEqual([dead.code, dead.name], ['FUNCTION_INIT_FAILED', 'Extension.Crash']);
  assert.match(dead.message, /extension watcher ended with exit status 2\. It said last: no licence/);

  const failed = await failedStart({
    bootstrap: echo(),
    [WATCHER]: extension(`await register([]);
      await post('/2020-01-01/extension/init/error', '{"errorMessage":"no key"}', {
        'Lambda-Extension-Identifier': own, 'Lambda-Extension-Function-Error-Type': 'Watcher.Key' });
      await event();`),
  });
  assert.match(failed.message, /extension watcher failed \(Watcher\.Key\): no key/);

  await using guest = await supervise({
    bootstrap: javascript('await next(); await new Promise(() => setInterval(() => {}, 1000));'),
    [WATCHER]: extension(`await register(['INVOKE']); await event(); process.exit(4);`),
  });
  const { failure } = await guest.invoke({ event: { type: 'x' }, body: '{}' });
  assert.deepEqual([failure?.code, failure?.name], ['FUNCTION_EXITED', 'Extension.Crash']);
});

test('telemetry tells an extension what happens and what is printed, from the start on', async () => {
  await using guest = await supervise({
    bootstrap: `#!/usr/bin/env node
console.log('before the first call');
${echo(`(console.log('hello', event.n), event.n)`).split('\n').slice(1).join('\n')}`,
    [WATCHER]: extension(`
      const server = http.createServer((req, res) => {
        let text = '';
        req.on('data', (part) => { text += part; }).on('end', () => { for (const one of JSON.parse(text)) note(one.type, one.record, one.time); res.end(); });
      });
      await new Promise((done) => server.listen(0, '127.0.0.1', done));
      await register(['INVOKE', 'SHUTDOWN']);
      console.log('the extension speaks');
      const { status, text } = await call('PUT', '/2022-07-01/telemetry', JSON.stringify({
        schemaVersion: '2022-12-13', types: ['platform', 'function', 'extension'], buffering: { timeoutMs: 25 },
        destination: { protocol: 'HTTP', URI: 'http://sandbox.localdomain:' + server.address().port + '/batch' } }),
        { 'Lambda-Extension-Identifier': own });
      note('subscribed', status, text);
      while ((await event()).eventType !== 'SHUTDOWN');
      await new Promise((done) => setTimeout(done, 50));
      process.exit(0);`),
  });
  await guest.invokeEvent({ n: 7 });
  const seen = await eventually(async () => {
    const all = await seenBy(guest);
    return all.some(([type]) => type === 'platform.report') && all;
  }, 'the report');
  const of = (type: string) =>
    seen.filter((one) => one[0] === type).map(([, record]) => record as Record<string, unknown>);
  assert.deepEqual(of('subscribed'), [200]);
  assert.deepEqual(of('platform.initStart')[0]?.functionName, 'cart');
  assert.deepEqual(of('function'), ['before the first call', 'hello 7']);
  assert.deepEqual(of('extension'), ['the extension speaks']);
  assert.equal(of('platform.initRuntimeDone')[0]?.status, 'success');
  assert.deepEqual(of('platform.telemetrySubscription')[0]?.name, 'watcher');
  assert.deepEqual(of('platform.extension')[0], {
    name: 'watcher',
    state: 'Ready',
    events: ['INVOKE', 'SHUTDOWN'],
  });
  assert.equal(of('platform.start')[0]?.requestId, 'request-1');
  const [report] = of('platform.report') as [{ metrics: Record<string, number>; status: string }];
  assert.equal(report.status, 'success');
  assert.equal(report.metrics.memorySizeMB, 256);
  assert.ok(report.metrics.durationMs! > 0 && report.metrics.billedDurationMs! >= report.metrics.durationMs!);
  const [done] = of('platform.runtimeDone') as [{ metrics: Record<string, number> }];
  assert.equal(done.metrics.producedBytes, 1);
  assert.ok(
    seen.slice(1).every(([type, , time]) => type === 'subscribed' || !Number.isNaN(Date.parse(String(time)))),
  );
  assert.ok(guest.logs.some(({ message }) => message === 'the extension speaks'));
  guest.drain();
  await guest.exit();
});

test('who answers telemetry without end is cut off, and gets the next batch', async () => {
  await using guest = await supervise({
    bootstrap: echo(`(console.log('hello', event.n), event.n)`),
    [WATCHER]: extension(`
      let batches = 0;
      const server = http.createServer((req, res) => {
        res.on('error', () => {});
        req.resume();
        batches += 1;
        note('batch', batches);
        if (batches === 1) setInterval(() => res.write('x'), 50);
        else res.end();
      });
      await new Promise((done) => server.listen(0, '127.0.0.1', done));
      await register(['INVOKE']);
      await call('PUT', '/2022-07-01/telemetry', JSON.stringify({
        schemaVersion: '2022-12-13', types: ['function'], buffering: { timeoutMs: 25 },
        destination: { protocol: 'HTTP', URI: 'http://127.0.0.1:' + server.address().port + '/' } }),
        { 'Lambda-Extension-Identifier': own });
      while ((await event()).eventType !== 'SHUTDOWN');`),
  });
  const seen = async (batch: number) =>
    (await seenBy(guest)).some(([what, number]) => what === 'batch' && number === batch);
  await guest.invokeEvent({ n: 1 });
  await eventually(() => seen(1), 'the first batch');
  await guest.invokeEvent({ n: 2 });
  await eventually(() => seen(2), 'the second batch');
});

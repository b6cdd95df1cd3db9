import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { headerValues } from '../guest/pending-call.ts';
import { bash, echo, javascript } from './bootstraps.ts';
import { cleanSupervisor, failedStart, supervise } from './supervised.ts';

after(cleanSupervisor);

const HTTP = {
  method: 'POST',
  url: 'http://shop.localhost:8080/users/7?tag=a&tag=b',
  headers: ['Host', 'shop.localhost:8080', 'Cookie', 'a=1; b=2', 'Content-Type', 'text/plain'],
  remoteAddress: '192.0.2.7',
  route: '/users/:id',
  params: { id: '7' },
};

test('a runtime in bash serves call after call, and what it prints belongs to them', async () => {
  await using guest = await supervise(bash(`  echo "id $2 got $1" >&2; printf '{"seen":%s}' "$1"`));
  assert.deepEqual(await guest.invokeEvent({ n: 1 }), { seen: { n: 1 } });
  assert.deepEqual(await guest.invokeEvent({ n: 2 }), { seen: { n: 2 } });
  for (const stream of [1, 2]) {
    const id = `request-${stream}`;
    const { level, message } = await guest.log(({ requestId }) => requestId === id);
    assert.deepEqual([level, message], ['error', `id ${id} got {"n":${stream}}`]);
  }
});

test('a runtime that is a script of sh has the sh of Amazon Linux, which is bash', async () => {
  const script = bash(`  list=("$0" "$1"); printf '["%s",%s]' "\${list[@]}"`).replace(
    'bash',
    'sh\nset -euo pipefail',
  );
  await using guest = await supervise(script);
  assert.deepEqual(await guest.invokeEvent({ n: 1 }), [`${guest.folder}/bootstrap`, { n: 1 }]);
});

test('the environment and the headers of a call are those of AWS', async () => {
  const env = { GREETING: 'hi', AWS_REGION: 'eu-west-1' };
  await using guest = await supervise(echo('({ headers, env: process.env, cwd: process.cwd() })'), { env });
  const event = { clientcontext: '{"client":{"id":"c"}}', cognitoidentity: '{"cognitoIdentityId":"i"}' };
  const seen = (await guest.invokeEvent({}, event)) as Record<string, Record<string, string>>;
  const { headers: h, env: e } = seen as { headers: Record<string, string>; env: Record<string, string> };
  assert.equal(seen.cwd as unknown, guest.folder);
  assert.equal(h['lambda-runtime-aws-request-id'], 'request-1');
  assert.ok(Number(h['lambda-runtime-deadline-ms']) > Date.now());
  assert.equal(
    h['lambda-runtime-invoked-function-arn'],
    'arn:aws:lambda:eu-west-1:000000000000:function:cart',
  );
  assert.equal(
    h['lambda-runtime-trace-id'],
    'Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1',
  );
  assert.equal(h['lambda-runtime-client-context'], event.clientcontext);
  assert.equal(h['lambda-runtime-cognito-identity'], event.cognitoidentity);
  assert.deepEqual(
    [
      e.GREETING,
      e._HANDLER,
      e.LAMBDA_TASK_ROOT,
      e.AWS_LAMBDA_FUNCTION_NAME,
      e.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    ],
    ['hi', 'index.handler', guest.folder, 'cart', '256'],
  );
  assert.deepEqual(
    [e.AWS_REGION, e.AWS_DEFAULT_REGION, e.AWS_EXECUTION_ENV, e.AWS_LAMBDA_INITIALIZATION_TYPE],
    ['eu-west-1', 'eu-west-1', 'AWS_Lambda_provided.al2023', 'on-demand'],
  );
  assert.match(e.AWS_LAMBDA_RUNTIME_API!, /^127\.0\.0\.1:\d+$/);
  assert.match(e.PATH!, /:\/opt\/bin$/);
});

test('HTTP calls are events of payload format 2.0, and results become answers', async () => {
  await using guest = await supervise(
    echo(`event.version === undefined ? event : {
      statusCode: 201, cookies: ['x=1', 'y=2'], headers: { 'x-path': event.rawPath },
      body: Buffer.from(JSON.stringify(event)).toString('base64'), isBase64Encoded: true }`),
  );
  const answer = await guest.invoke({ http: HTTP, body: 'text' });
  assert.equal(answer.status, 201);
  assert.deepEqual(headerValues(answer, 'set-cookie'), ['x=1', 'y=2']);
  const event = JSON.parse(answer.body.toString());
  assert.deepEqual(
    [event.version, event.routeKey, event.cookies, event.body, event.pathParameters, event.rawQueryString],
    ['2.0', 'POST /users/{id}', ['a=1', 'b=2'], 'text', { id: '7' }, 'tag=a&tag=b'],
  );
  const text = await guest.invoke({ event: { type: 'x', datacontenttype: 'text/plain' }, body: 'words' });
  assert.equal(text.body.toString(), '"words"');
  assert.deepEqual(headerValues(text, 'content-type'), ['application/json']);
});

test('a response is streamed, with the prelude of an HTTP integration as its head', async () => {
  const stream = `for (;;) {
    const { id, event } = await next();
    const headers = { 'Lambda-Runtime-Function-Response-Mode': 'streaming', 'Transfer-Encoding': 'chunked',
      Trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body',
      'Content-Type': event.plain ? 'text/x-plain' : 'application/vnd.awslambda.http-integration-response' };
    await post('invocation/' + id + '/response', async (req) => {
      const prelude = JSON.stringify({ statusCode: 418, headers: { 'x-a': 'b' }, cookies: ['c=d'] });
      req.write(prelude + '\\0\\0\\0');
      req.write('\\0\\0\\0\\0\\0one');
      if (event.body === 'wait') await new Promise((done) => require('fs').watch('.', done));
      if (event.body === 'break') req.addTrailers({ 'Lambda-Runtime-Function-Error-Type': 'My.Error',
        'Lambda-Runtime-Function-Error-Body': Buffer.from('{"errorMessage":"late"}').toString('base64') });
      req.end('two');
    }, headers);
  }`;
  await using guest = await supervise(javascript(stream));
  const { status, headers, body, failure } = await guest.invoke({ http: HTTP, body: 'go' });
  assert.deepEqual([status, body.toString(), failure], [418, 'onetwo', null]);
  assert.deepEqual(headers.slice(0, 4), ['x-a', 'b', 'set-cookie', 'c=d']);

  const raw = await guest.invoke({ event: { type: 'mayfly.invoke' }, body: '{"plain":true}' });
  assert.deepEqual(headerValues(raw, 'content-type'), ['text/x-plain']);
  assert.match(raw.body.toString(), /^\{"statusCode":418.*\0{8}onetwo$/);

  const broken = await guest.invoke({ http: HTTP, body: 'break' });
  assert.deepEqual([broken.status, broken.body.toString()], [418, 'onetwo']);
  assert.deepEqual(
    [broken.failure?.code, broken.failure?.name, broken.failure?.message],
    ['FUNCTION_THREW', 'My.Error', 'late'],
  );

  const slow = guest.call({ http: HTTP, body: 'wait' });
  await slow.headSeen;
  const { writeFile } = await import('node:fs/promises');
  await writeFile(`${guest.folder}/go`, '');
  assert.equal((await slow.answer).body.toString(), 'onetwo');
});

test('an error that the runtime reports is the call’s, with its stack', async () => {
  await using guest = await supervise(
    javascript(`for (;;) {
      const { id } = await next();
      const error = { errorType: 'Boom', errorMessage: 'no luck', stackTrace: ['at a (x.rb:1)'] };
      await post('invocation/' + id + '/error', JSON.stringify(error), { 'Lambda-Runtime-Function-Error-Type': 'R.B' });
    }`),
  );
  for (const round of [1, 2]) {
    const { failure } = await guest.invoke({ event: { type: 'x' }, body: String(round) });
    assert.deepEqual(
      [failure?.code, failure?.name, failure?.message, failure?.fatal],
      ['FUNCTION_THREW', 'Boom', 'no luck', false],
    );
    assert.match(failure!.stack, /at a \(x\.rb:1\)/);
  }
});

test('wrong uses of the API are answered as AWS answers them, and the call goes on', async () => {
  const script = `
    const told = [];
    const note = async (what, asked) => { const { status, json } = await asked; told.push([what, status, json && json.errorType]); };
    await note('answer before next', post('invocation/none/response', '{}'));
    const first = await next();
    await note('another id', post('invocation/other/response', '{}'));
    await note('another id, error', post('invocation/other/error', '{}'));
    await note('no id', post('invocation/%zz/response', '{}'));
    await note('next while running', call('GET', 'invocation/next'));
    await note('init error too late', post('init/error', '{}'));
    await note('mode', post('invocation/' + first.id + '/response', '{}', { 'Lambda-Runtime-Function-Response-Mode': 'odd' }));
    await note('path', call('GET', '/2018-06-01/runtime/nothing'));
    await note('method', call('DELETE', 'invocation/next'));
    const ok = await post('invocation/' + first.id + '/response', JSON.stringify(told));
    if (ok.status !== 202 || ok.json.status !== 'OK') process.exit(9);
    await note('twice', post('invocation/' + first.id + '/response', '{}'));
    await note('twice, error', post('invocation/' + first.id + '/error', '{}'));
    const second = await next();
    await note('the last one', post('invocation/' + first.id + '/response', '{}'));
    const large = await post('invocation/' + second.id + '/response', Buffer.alloc(7 * 1024 * 1024, 'x'));
    told.push(['large', large.status, large.json.errorType]);
    const third = await next();
    await post('invocation/' + third.id + '/response', JSON.stringify(told));
    await next();`;
  await using guest = await supervise(javascript(script));
  const refused = [403, 'InvalidStateTransition'];
  assert.deepEqual(await guest.invokeEvent({}), [
    ['answer before next', ...refused],
    ['another id', 400, 'InvalidRequestID'],
    ['another id, error', 400, 'InvalidRequestID'],
    ['no id', 400, 'InvalidRequestID'],
    ['next while running', ...refused],
    ['init error too late', ...refused],
    ['mode', 400, 'InvalidFunctionResponseMode'],
    ['path', 404, 'NotFound'],
    ['method', 404, 'NotFound'],
  ]);
  const { failure } = await guest.invoke({ event: { type: 'x' }, body: '{}' });
  assert.deepEqual([failure?.code, failure?.name], ['RESPONSE_INVALID', 'Function.ResponseSizeTooLarge']);
  assert.deepEqual(((await guest.invokeEvent({})) as unknown[]).slice(9), [
    ['twice', ...refused],
    ['twice, error', ...refused],
    ['the last one', ...refused],
    ['large', 413, 'RequestEntityTooLarge'],
  ]);
});

test('a runtime that dies in init says why', async () => {
  const exit = await failedStart('#!/bin/sh\necho out; echo "no such table" >&2; exit 3\n');
  assert.deepEqual([exit.code, exit.name], ['FUNCTION_INIT_FAILED', 'Runtime.ExitError']);
  assert.match(exit.message, /ended with exit status 3 before it was ready\. It said last: .*no such table/);

  const told = await failedStart(
    javascript(
      `await post('init/error', '{"errorType":"NoDb","errorMessage":"cannot connect"}'); process.exit(1);`,
    ),
  );
  assert.deepEqual([told.code, told.name, told.message], ['FUNCTION_INIT_FAILED', 'NoDb', 'cannot connect']);

  const missing = await failedStart('#!/no/such/interpreter\n');
  assert.equal(missing.name, 'Runtime.InvalidEntrypoint');
  assert.match(missing.message, /what its first line names/);

  const dialect = await failedStart('#!/bin/sh\n', { dialect: 'fetch' });
  assert.match(dialect.message, /does not speak the dialect "fetch"/);
});

test('a runtime that dies in a call takes the call and the instance with it', async () => {
  await using guest = await supervise(
    javascript(`const { id } = await next();
      await post('invocation/' + id + '/response', '1');
      await next();
      console.error('out of luck');
      process.exit(7);`),
  );
  assert.equal(await guest.invokeEvent({}), 1);
  const { failure } = await guest.invoke({ event: { type: 'x' }, body: '{}' });
  assert.deepEqual(
    [failure?.code, failure?.name, failure?.fatal],
    ['FUNCTION_EXITED', 'Runtime.ExitError', true],
  );
  assert.match(failure!.message, /exit status 7\. It said last: out of luck/);
  assert.equal((await guest.exit()).code, 1);
});

test('a runtime that answers and then dies has answered', async () => {
  await using guest = await supervise(
    javascript(`const { id } = await next();
      await post('invocation/' + id + '/response', '"last words"');
      process.exit(0);`),
  );
  assert.equal(await guest.invokeEvent({}), 'last words');
  await guest.exit();
});

test('a killed runtime ends the instance in a way that the platform can ask the kernel about', async () => {
  await using guest = await supervise(javascript(`await next(); process.kill(process.pid, 'SIGKILL');`));
  guest.call({ event: { type: 'x' }, body: '{}' });
  assert.equal((await guest.exit()).code, 137);
});

test('several calls run at a time when the runtime asks for several', async () => {
  const script = `
    const held = [];
    const loop = async () => { for (;;) {
      const { id } = await next();
      held.push(id);
      if (held.length === 2) for (const one of held.splice(0).reverse())
        await post('invocation/' + one + '/response', JSON.stringify([one, process.env.AWS_LAMBDA_MAX_CONCURRENCY]));
    } };
    loop(); loop();`;
  await using guest = await supervise(javascript(script), { perInstance: 2 });
  assert.deepEqual(await Promise.all([guest.invokeEvent({}), guest.invokeEvent({})]), [
    ['request-1', '2'],
    ['request-2', '2'],
  ]);
});

test('drained, it ends at once', async () => {
  await using guest = await supervise(bash('  printf 1'));
  assert.equal(await guest.invokeEvent({}), 1);
  guest.drain();
  assert.equal((await guest.exit()).code, 0);
});

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { headerValues } from '../guest/pending-call.ts';
import { PythonGuest } from './python-guest.ts';

const python = new PythonGuest();
after(() => python.clean());

const load = (code: string, env: Record<string, string> = {}) =>
  python.load(code, { dialect: 'lambda', env });
const ECHO = 'def handler(event, context):\n    return event';

const HTTP = {
  method: 'POST',
  url: 'http://shop.localhost:8080/users/7?tag=a&tag=b&q=x%20y',
  headers: ['Host', 'shop.localhost:8080', 'X-Many', '1', 'x-many', '2'].concat([
    'Cookie',
    'a=1; b=2',
    'Content-Type',
    'application/json',
  ]),
  remoteAddress: '192.0.2.7',
  route: '/users/:id',
  params: { id: '7' },
};

test('HTTP arrives as payload format 2.0', async () => {
  await using guest = await load(ECHO);
  const ask = async (http: object, body: string | Buffer) =>
    JSON.parse((await guest.invoke({ http: { ...HTTP, ...http }, body })).body.toString());
  const event = await ask({}, '{"n":1}');
  const { requestContext, headers, ...rest } = event;
  assert.deepEqual(rest, {
    version: '2.0',
    routeKey: 'POST /users/{id}',
    rawPath: '/users/7',
    rawQueryString: 'tag=a&tag=b&q=x%20y',
    cookies: ['a=1', 'b=2'],
    queryStringParameters: { tag: 'a,b', q: 'x y' },
    pathParameters: { id: '7' },
    body: '{"n":1}',
    isBase64Encoded: false,
  });
  assert.equal(headers['x-many'], '1,2');
  const { http, requestId, time, timeEpoch } = requestContext;
  assert.deepEqual(
    [http.method, http.path, http.sourceIp, requestId],
    ['POST', '/users/7', '192.0.2.7', 'request-1'],
  );
  assert.match(time, /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
  assert.equal(typeof timeEpoch, 'number');
  const bare = await ask({ url: 'http://x.localhost/', headers: [], params: {}, route: '/*' }, '');
  for (const name of ['body', 'cookies', 'pathParameters', 'queryStringParameters'])
    assert.equal(name in bare, false);
  assert.equal(bare.routeKey, '$default');
  const binary = await ask({ headers: ['content-type', 'image/png'] }, Buffer.from([0, 255]));
  assert.deepEqual([binary.body, binary.isBase64Encoded], ['AP8=', true]);
});

test('HTTP arrives as payload format 1.0 when the environment says so', async () => {
  await using guest = await load(ECHO, { MAYFLY_LAMBDA_PAYLOAD: '1.0' });
  const event = JSON.parse((await guest.invoke({ http: HTTP, body: '{"n":1}' })).body.toString());
  assert.deepEqual(
    [event.version, event.resource, event.path, event.httpMethod],
    ['1.0', '/users/{id}', '/users/7', 'POST'],
  );
  assert.equal(event.headers['X-Many'], '2');
  assert.deepEqual(event.multiValueHeaders['X-Many'], ['1', '2']);
  assert.deepEqual(event.queryStringParameters, { tag: 'b', q: 'x y' });
  assert.deepEqual(event.multiValueQueryStringParameters, { tag: ['a', 'b'], q: ['x y'] });
  assert.deepEqual([event.stageVariables, event.body], [null, '{"n":1}']);
});

test('a proxy result becomes a response, anything else a 200', async () => {
  await using guest = await load(
    'import json\ndef handler(event, context):\n    return json.loads(event["body"])',
  );
  const give = async (result: unknown) => {
    const answer = await guest.invoke({
      http: { method: 'POST', headers: ['content-type', 'text/plain'] },
      body: JSON.stringify(result),
    });
    return { ...answer, text: answer.body.toString('latin1'), type: headerValues(answer, 'content-type') };
  };
  const full = await give({
    statusCode: 201,
    headers: { 'X-One': 1, 'x-two': 'single', 'Content-Type': 'text/html' },
    multiValueHeaders: { 'X-Two': ['a', 'b'] },
    cookies: ['c=1', 'd=2'],
    body: '<p>',
  });
  assert.deepEqual([full.status, full.text, full.type], [201, '<p>', ['text/html']]);
  assert.deepEqual(headerValues(full, 'x-one'), ['1']);
  assert.deepEqual(headerValues(full, 'x-two'), ['a', 'b']);
  assert.deepEqual(headerValues(full, 'set-cookie'), ['c=1', 'd=2']);
  const binary = await give({ statusCode: '200', body: 'AP8=', isBase64Encoded: true });
  assert.deepEqual([binary.status, binary.text], [200, '\x00\xff']);
  const object = await give({ hello: 'world' });
  assert.deepEqual(
    [object.status, JSON.parse(object.text), object.type],
    [200, { hello: 'world' }, ['application/json']],
  );
  assert.equal((await give({ statusCode: 200, body: 17.5 })).text, '17.5');
  assert.equal((await give({ statusCode: 200, body: false })).text, 'false');
  assert.equal((await give('text')).text, 'text');
  assert.equal((await give(null)).text, 'null');
  for (const bad of [{ statusCode: 200, body: {} }, { statusCode: 'x' }, { statusCode: 99 }]) {
    assert.equal((await give(bad)).failure?.code, 'RESPONSE_INVALID', JSON.stringify(bad));
  }
});

test('the context and the variables are those of AWS', async () => {
  await using guest = await load(
    `
import logging, os
logging.getLogger().setLevel(logging.INFO)
def handler(event, context):
    logging.info("hello from %s", context.function_name)
    return {"context": {name: getattr(context, name) for name in (
        "aws_request_id", "function_name", "function_version", "memory_limit_in_mb", "invoked_function_arn",
        "log_group_name")}, "left": context.get_remaining_time_in_millis(), "client": context.client_context.custom,
        "identity": context.identity.cognito_identity_id,
        "env": {name: os.environ.get(name) for name in ("_HANDLER", "AWS_REGION", "LAMBDA_TASK_ROOT", "_X_AMZN_TRACE_ID",
        "AWS_EXECUTION_ENV")}}
`,
    { AWS_REGION: 'eu-west-1' },
  );
  const told = (await guest.invokeEvent(
    {},
    {
      clientcontext: '{"custom":{"a":1}}',
      cognitoidentity: '{"cognitoIdentityId":"me"}',
    },
  )) as Record<string, Record<string, string>>;
  assert.deepEqual(told.context, {
    aws_request_id: 'request-1',
    function_name: 'cart',
    function_version: '0123456789abcdef',
    memory_limit_in_mb: '256',
    invoked_function_arn: 'arn:aws:lambda:eu-west-1:000000000000:function:cart',
    log_group_name: '/aws/lambda/cart',
  });
  assert.ok(Number(told.left) > 0 && Number(told.left) <= 5_000);
  assert.deepEqual([told.client, told.identity], [{ a: 1 }, 'me']);
  const { env } = told;
  assert.equal(env?._HANDLER, 'index.handler');
  assert.equal(env?.LAMBDA_TASK_ROOT, guest.folder);
  assert.equal(
    env?._X_AMZN_TRACE_ID,
    'Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1',
  );
  assert.match(env!.AWS_EXECUTION_ENV!, /^AWS_Lambda_python3\.\d+$/);
  const line = guest.logs.find(({ message }) => message === 'hello from cart');
  assert.deepEqual([line?.level, line?.requestId], ['info', 'request-1']);
});

test('an error is told by its class; a result without JSON is invalid', async () => {
  await using guest = await load(`
from decimal import Decimal
class OutOfStock(Exception): pass
def handler(event, context):
    if event.get("raise"): raise OutOfStock("none left")
    return {"price": Decimal("1.5")} if event.get("decimal") else object()
`);
  await assert.rejects(guest.invokeEvent({ raise: 1 }), {
    code: 'FUNCTION_THREW',
    name: 'OutOfStock',
    message: 'none left',
  });
  assert.deepEqual(await guest.invokeEvent({ decimal: 1 }), { price: 1.5 });
  await assert.rejects(guest.invokeEvent({}), { code: 'RESPONSE_INVALID' });
});

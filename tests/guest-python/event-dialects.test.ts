import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { SpecialiseMessage } from '../../src/contract/guest-messages.ts';
import { headerValues } from '../guest/pending-call.ts';
import { brief, failureOf, jsonOf, request } from '../guest/vendor-call.ts';
import { PythonGuest } from './python-guest.ts';

/** Vendors whose functions take an event and a context. */
const python = new PythonGuest();
after(() => python.clean());

const loader =
  (dialect: string, name: string) =>
  (code: string, env: Record<string, string> = {}, more: Partial<SpecialiseMessage> = {}) =>
    python.load(code, { dialect, handler: { file: 'index.py', export: name }, env, ...more });
const ask = (query: string, more: object = {}) => ({
  http: { method: 'GET', url: `http://shop.localhost/a/b?${query}`, ...more },
});

describe('openwhisk', () => {
  const load = loader('openwhisk', 'main');
  const WAYS = `
import os
def main(args):
    way = args.get("way")
    if way == "web": return {"statusCode": "201", "headers": {"X-One": ["a", "b"], "content-type": "text/css"}, "body": "p {}"}
    if way == "bytes": return {"headers": {"content-type": "image/png"}, "body": "AP8="}
    if way == "object": return {"body": {"a": 1}}
    if way == "error": return {"error": "bad"}
    if way == "own error": return {"error": {"statusCode": 404, "body": "none"}}
    if way == "text": return "text"
    if way == "nothing": return None
    if way == "list": return [1]
    if way == "raise": raise ValueError("broke")
    if way == "not base64": return {"headers": {"content-type": "image/png"}, "body": "*"}
    return {"args": args, "name": os.environ["__OW_ACTION_NAME"], "id": os.environ["__OW_ACTIVATION_ID"]}
`;

  test('what follows the name of a web action says which part of its result is asked for, and as what', async () => {
    await using guest = await load(
      'def main(args):\n  return {"body": "made", "html": "<p>", "deep": {"n": 2}, "text": 3}\n',
    );
    const said = async (end: string) => {
      const route = `/api/v1/web/:namespace/shop/cart${end.replace(/\/.*/, '/*')}`;
      const rest: Record<string, string> = end.includes('/') ? { '*': end.slice(end.indexOf('/') + 1) } : {};
      const params = { namespace: 'guest', ...rest };
      return brief(
        await guest.invoke(request(null, undefined, { url: 'http://shop.localhost/', route, params })),
      );
    };
    assert.deepEqual((await said('.http'))[2], 'made');
    assert.deepEqual(await said('.json/deep'), [200, 'application/json', '{"n":2}']);
    assert.equal((await said('.json/deep/n'))[0], 400);
    assert.equal((await said('.json/gone'))[0], 404);
    assert.deepEqual(await said('.html'), [200, 'text/html; charset=utf-8', '<p>']);
    assert.deepEqual(await said('.text'), [200, 'text/plain; charset=utf-8', '3']);
  });

  test('a web action: what it gets, and the ways of answering', async () => {
    await using guest = await load(WAYS);
    const seen = jsonOf(
      await guest.invoke(
        request('application/json', '{"n":1}', {
          params: { '*': 'more' },
          headers: ['X-Many', '1', 'x-many', '2'],
        }),
      ),
    );
    assert.deepEqual(seen.args, {
      __ow_method: 'post',
      __ow_headers: { 'x-many': '1, 2', 'content-type': 'application/json' },
      __ow_path: '/more',
      tag: 'b',
      q: 'x y',
      n: 1,
    });
    assert.equal(seen.id, 'request-1');
    const form = jsonOf(await guest.invoke(request('application/x-www-form-urlencoded', 'a=1&a=2')));
    assert.equal((form.args as { a: string }).a, '2');
    const binary = jsonOf(await guest.invoke(request('image/png', Buffer.from([0, 255]))));
    assert.equal((binary.args as { __ow_body: string }).__ow_body, 'AP8=');

    const web = await guest.invoke(ask('way=web'));
    assert.deepEqual(brief(web), [201, 'text/css', 'p {}']);
    assert.deepEqual(headerValues(web, 'x-one'), ['a', 'b']);
    assert.deepEqual(headerValues(web, 'access-control-allow-origin'), ['*']);
    assert.deepEqual((await guest.invoke(ask('way=bytes'))).body, Buffer.from([0, 255]));
    assert.deepEqual(brief(await guest.invoke(ask('way=object'))), [200, 'application/json', '{"a":1}']);
    assert.deepEqual(brief(await guest.invoke(ask('way=error'))), [
      400,
      'application/json',
      '{"error":"bad"}',
    ]);
    assert.deepEqual(brief(await guest.invoke(ask('way=own+error'))), [
      404,
      'text/html; charset=utf-8',
      'none',
    ]);
    assert.deepEqual(brief(await guest.invoke(ask('way=list'))), [200, 'application/json', '[1]']);
    for (const way of ['text', 'nothing', 'not+base64'])
      assert.equal((await guest.invoke(ask(`way=${way}`))).failure?.code, 'RESPONSE_INVALID');
    assert.equal((await guest.invoke(ask('way=raise'))).failure?.code, 'FUNCTION_THREW');
    assert.equal((await guest.invoke({ http: { method: 'OPTIONS' } })).status, 200);
    assert.equal((await guest.invoke(ask('__ow_user=me'))).status, 400);
    assert.equal((await guest.invoke(request('application/json', '{'))).status, 400);
  });

  test('events are parameters; own parameters are final for requests; raw', async () => {
    await using guest = await load(WAYS, { MAYFLY_OPENWHISK_PARAMETERS: '{"own":1}' });
    const { args } = (await guest.invokeEvent({ own: 2, n: 1 })) as { args: object };
    assert.deepEqual(args, { own: 2, n: 1 });
    assert.deepEqual(await guest.invokeEvent({ way: 'error' }), { error: 'bad' });
    assert.deepEqual(await failureOf(guest, { way: 'raise' }), ['FUNCTION_THREW', 'ValueError', 'broke']);
    assert.equal((await guest.invoke(ask('own=3'))).status, 400);
    await using raw = await load(WAYS, { MAYFLY_OPENWHISK_RAW: 'true' });
    const told = jsonOf(await raw.invoke(request('text/plain', 'text'))).args as Record<string, unknown>;
    assert.deepEqual([told.__ow_query, told.__ow_body], ['tag=a&tag=b&q=x%20y', 'text']);
  });
});

describe('tencent', () => {
  const load = loader('tencent', 'main_handler');

  test('API Gateway, timers, plain invocations, context', async () => {
    await using guest = await load(
      `
import logging, os
def main_handler(event, context):
    way = event.get("queryString", {}).get("way") if "requestContext" in event else event.get("way")
    logging.getLogger().info("seen %s", way)
    if way == "answer": return {"isBase64Encoded": False, "statusCode": 201, "headers": {"Key": ["a", "b"]}, "body": "{}"}
    if way == "bytes": return {"isBase64Encoded": True, "statusCode": 200, "headers": {"content-type": "image/png"}, "body": "AP8="}
    if way == "text": return "words"
    if way == "wrong": return {"statusCode": 200, "body": {"a": 1}}
    if way == "raise": raise KeyError("no")
    return {"event": event, "context": context, "env": os.environ["SCF_FUNCTIONNAME"], "runtime": os.environ["SCF_RUNTIME"]}
`,
      { COLOUR: 'blue' },
    );
    const { event, context, env, runtime } = jsonOf(
      await guest.invoke(request('application/json', '{"n":1}')),
    ) as Record<string, Record<string, unknown>>;
    assert.deepEqual(event!.queryString, { tag: ['a', 'b'], q: 'x y' });
    assert.deepEqual(
      [event!.path, event!.httpMethod, event!.body, event!.isBase64Encoded, event!.pathParameters],
      ['/users/7', 'POST', '{"n":1}', false, { id: '7' }],
    );
    assert.equal((event!.requestContext as Record<string, unknown>).path, '/users/{id}');
    assert.deepEqual(
      [context!.request_id, context!.memory_limit_in_mb, context!.namespace, context!.environ],
      ['request-1', 256, 'default', 'SCF_NAMESPACE=default;COLOUR=blue'],
    );
    assert.equal(env, 'cart');
    assert.match(String(runtime), /^Python3\./);
    const binary = jsonOf(await guest.invoke(request('image/png', Buffer.from([0, 255])))).event;
    assert.deepEqual(
      [(binary as { body: string }).body, (binary as { isBase64Encoded: boolean }).isBase64Encoded],
      ['AP8=', true],
    );
    const answer = await guest.invoke(ask('way=answer'));
    assert.deepEqual(brief(answer), [201, 'application/json', '{}']);
    assert.deepEqual(headerValues(answer, 'key'), ['a', 'b']);
    assert.deepEqual((await guest.invoke(ask('way=bytes'))).body, Buffer.from([0, 255]));
    assert.deepEqual(brief(await guest.invoke(ask('way=text'))), [200, 'text/plain; charset=utf-8', 'words']);
    assert.equal((await guest.invoke(ask('way=wrong'))).failure?.code, 'RESPONSE_INVALID');
    assert.equal((await guest.invoke(ask('way=raise'))).failure?.name, 'KeyError');
    await guest.log((line) => line.message === 'seen raise' && line.level === 'info');
    const at = '2026-01-02T03:04:05.000Z';
    const timer = (await guest.invokeEvent(
      { a: 1 },
      { type: 'mayfly.schedule', time: at, subject: 'tick' },
    )) as {
      event: object;
    };
    assert.deepEqual(timer.event, {
      Type: 'Timer',
      TriggerName: 'tick',
      Time: '2026-01-02T03:04:05Z',
      Message: '{"a":1}',
    });
    assert.deepEqual(((await guest.invokeEvent({ a: 1 })) as { event: object }).event, { a: 1 });
  });
});

describe('alibaba', () => {
  const load = loader('alibaba', 'handler');

  test('events are bytes; HTTP of version 3.0; context, initialiser, hook before the end', async () => {
    await using guest = await load(`
import json
ready = []
def initialize(context): ready.append(context.function.name)
def pre_stop(context): print("stopped")
def handler(event, context):
    assert isinstance(event, bytes)
    told = json.loads(event) if event else None
    way = told.get("way") or told.get("queryParameters", {}).get("way")
    context.logger.info("seen")
    if way == "bytes": return b"\\x00\\xff"
    if way == "dict": return {"a": 1}
    if way == "nothing": return None
    if way == "answer": return {"statusCode": "201", "headers": {"X-One": ["a", "b"]}, "body": {"a": 1}}
    if way == "json text": return '{"statusCode": 202, "body": "AP8=", "isBase64Encoded": true}'
    if way == "raise": raise RuntimeError("broke")
    return json.dumps({"event": told, "ready": ready, "id": context.request_id, "memory": context.function.memory,
        "service": context.service.name, "region": context.region, "key": context.credentials.access_key_id, "told": context.to_json()})
`);
    const seen = (await guest.invokeEvent({ n: 1 })) as Record<string, unknown>;
    const { told: _told, ...rest } = seen;
    assert.deepEqual(rest, {
      event: { n: 1 },
      ready: ['cart'],
      id: 'request-1',
      memory: 256,
      service: 'shop',
      region: 'cn-hangzhou',
      key: '',
    });
    const http = jsonOf(await guest.invoke(request('application/json', '{"n":1}'))).event as Record<
      string,
      unknown
    >;
    assert.deepEqual(
      [http.version, http.rawPath, http.queryParameters, http.body, http.isBase64Encoded],
      ['v1', '/users/7', { tag: 'a,b', q: 'x y' }, '{"n":1}', false],
    );
    const answer = await guest.invoke(ask('way=answer'));
    assert.deepEqual(brief(answer), [201, 'application/json', '{"a":1}']);
    assert.deepEqual(headerValues(answer, 'x-one'), ['a', 'b']);
    const text = await guest.invoke(ask('way=json+text'));
    assert.deepEqual([text.status, text.body], [202, Buffer.from([0, 255])]);
    assert.equal((await guest.invoke(ask('way=raise'))).failure?.code, 'FUNCTION_THREW');
    const raw = await guest.invoke({
      event: { id: 'e', source: 's', type: 'mayfly.invoke' },
      body: '{"way":"bytes"}',
    });
    assert.deepEqual(raw.body, Buffer.from([0, 255]));
    assert.deepEqual(await guest.invokeEvent({ way: 'dict' }), { a: 1 });
    await guest.log((line) => line.message === 'seen');
    guest.drain();
    await guest.log((line) => line.message === 'stopped');
  });

  test('HTTP of version 2.0 is a WSGI application', async () => {
    await using guest = await load(`
def handler(environ, start_response):
    context = environ["fc.context"]
    start_response("201 Created", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    return [environ["fc.request_uri"].encode(), b" ", context.request_id.encode(), b" ", environ["wsgi.input"].read()]
`);
    const answer = await guest.invoke(request('text/plain', 'words'));
    assert.deepEqual(brief(answer), [201, undefined, '/users/7?tag=a&tag=b&q=x%20y request-1 words']);
    assert.deepEqual(headerValues(answer, 'set-cookie'), ['a=1', 'b=2']);
  });
});

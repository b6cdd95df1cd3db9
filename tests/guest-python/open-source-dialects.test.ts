import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { SpecialiseMessage } from '../../src/contract/guest-messages.ts';
import { headerValues } from '../guest/pending-call.ts';
import { brief, jsonOf, request } from '../guest/vendor-call.ts';
import { lacks, PythonGuest } from './python-guest.ts';

/** Platforms that anybody can run, whose functions take an event and a context. */
const python = new PythonGuest();
after(() => python.clean());

const loader =
  (dialect: string, name: string) =>
  (code: string, env: Record<string, string> = {}, more: Partial<SpecialiseMessage> = {}) =>
    python.load(code, { dialect, handler: { file: 'index.py', export: name }, env, ...more });
const ask = (query: string, more: object = {}) => ({
  http: { method: 'GET', url: `http://shop.localhost/a/b?${query}`, ...more },
});

describe('nuclio', () => {
  test('event, context, and the ways of answering', async () => {
    await using guest = await loader(
      'nuclio',
      'handler',
    )(`
import nuclio_sdk
def init_context(context):
    context.user_data.ready = True
async def handler(context, event):
    way = event.fields.get("way")
    context.logger.info_with("seen", way=way, name=1)
    if way == "tuple": return 201, {"a": 1}
    if way == "tuple text": return (202, "words")
    if way == "list": return [1]
    if way == "bytes": return b"\\x00\\xff"
    if way == "nothing": return None
    if way == "response": return context.Response(body="red", headers={"x-one": "a"}, content_type="text/css", status_code=203)
    if way == "sdk": return nuclio_sdk.Response(body={"a": 1}, status_code=204 + 2)
    if way == "raise": raise ValueError("broke")
    return {"body": event.body.decode() if isinstance(event.body, bytes) else event.body, "method": event.method, "path": event.path, "type": event.content_type,
        "many": event.get_header("x-many"), "headers": sorted(event.headers), "kind": event.trigger.kind, "id": event.id, "ready": context.user_data.ready, "fields": event.fields}
`);
    const seen = jsonOf(await guest.invoke(request('application/json', '{"n":1}')));
    assert.deepEqual(seen, {
      body: { n: 1 },
      method: 'POST',
      path: '/users/7',
      type: 'application/json',
      many: '2',
      headers: ['Content-Type', 'Cookie', 'Host', 'X-Many'],
      kind: 'http',
      id: 'request-1',
      ready: true,
      fields: { tag: 'b', q: 'x y' },
    });
    const way = async (name: string) => brief(await guest.invoke(ask(`way=${name}`)));
    assert.deepEqual(await way('tuple'), [201, 'application/json', '{"a":1}']);
    assert.deepEqual(await way('tuple+text'), [202, 'text/plain', 'words']);
    assert.deepEqual(await way('list'), [200, 'application/json', '[1]']);
    assert.deepEqual((await guest.invoke(ask('way=bytes'))).body, Buffer.from([0, 255]));
    assert.deepEqual(await way('nothing'), [200, 'text/plain', '']);
    const response = await guest.invoke(ask('way=response'));
    assert.deepEqual(brief(response), [203, 'text/css', 'red']);
    assert.deepEqual(headerValues(response, 'x-one'), ['a']);
    assert.deepEqual(await way('sdk'), [206, 'application/json', '{"a":1}']);
    assert.equal((await guest.invoke(ask('way=raise'))).failure?.code, 'FUNCTION_THREW');
    const line = await guest.log((entry) => entry.fields?.way === 'raise');
    assert.deepEqual([line.level, line.message], ['info', 'seen']);
    const event = (await guest.invokeEvent({ n: 2 }, { type: 'mayfly.schedule' })) as Record<string, unknown>;
    assert.deepEqual([event.body, event.kind], [{ n: 2 }, 'cron']);
  });
});

describe('fn', () => {
  test('ctx, data, responses, the gateway', async () => {
    await using guest = await loader('fn', 'handler')(
      `
import io, json, logging
from fdk import response
async def handler(ctx, data: io.BytesIO = None):
    body = data.getvalue()
    logging.getLogger().info("inside")
    way = (ctx.RequestURL() or "").partition("way=")[2]
    if way == "text": return "words"
    if way == "dict": return {"a": 1}
    if way == "raw": return response.Response(ctx, response_data=b"\\x00\\xff", headers={"Content-Type": "image/png", "Set-Cookie": ["a=1", "b=2"]}, status_code=201)
    if way == "raise": raise ValueError("broke")
    told = {"body": body.decode(), "id": ctx.CallID(), "app": ctx.AppName(), "fn": ctx.FnName(), "method": ctx.Method(), "url": ctx.RequestURL(),
        "format": ctx.Format(), "many": ctx.HTTPHeaders().get("x-many"), "type": ctx.Headers().get("content-type"), "colour": ctx.Config().get("COLOUR"), "deadline": ctx.Deadline()[-1]}
    return response.Response(ctx, response_data=json.dumps(told), headers={"Content-Type": "application/json"})
`,
      { COLOUR: 'blue' },
    );
    assert.deepEqual(jsonOf(await guest.invoke(request('text/plain', 'words'))), {
      body: 'words',
      id: 'request-1',
      app: 'shop',
      fn: 'cart',
      method: 'POST',
      url: 'http://shop.localhost:8080/users/7?tag=a&tag=b&q=x%20y',
      format: 'http-stream',
      many: ['1', '2'],
      type: 'text/plain',
      colour: 'blue',
      deadline: 'Z',
    });
    assert.deepEqual(brief(await guest.invoke(ask('way=text'))), [200, 'text/plain; charset=utf-8', 'words']);
    assert.deepEqual(brief(await guest.invoke(ask('way=dict')))[2], '{"a":1}');
    const raw = await guest.invoke(ask('way=raw'));
    assert.deepEqual([raw.status, raw.body], [201, Buffer.from([0, 255])]);
    assert.deepEqual(headerValues(raw, 'set-cookie'), ['a=1', 'b=2']);
    assert.deepEqual(headerValues(raw, 'content-type'), ['image/png']);
    assert.equal((await guest.invoke(ask('way=raise'))).failure?.code, 'FUNCTION_THREW');
    assert.equal(((await guest.invokeEvent({ n: 1 })) as { body: string }).body, '{"n":1}');
    await guest.log((line) => line.message === 'inside' && line.level === 'info');
  });
});

describe('kubeless', async () => {
  test('event, context, and what Bottle makes of results', async () => {
    await using guest = await loader(
      'kubeless',
      'handler',
    )(`
from bottle import HTTPResponse, abort
def handler(event, context):
    request = event["extensions"]["request"]
    way = request.query.get("way")
    if way == "text": return "words"
    if way == "bytes": return b"\\x00\\xff"
    if way == "parts": return ["a", "b"]
    if way == "nothing": return None
    if way == "response": return HTTPResponse(body={"a": 1}, status=202, headers={"X-One": "a"})
    if way == "abort": abort(404, "none")
    if way == "wrong": return 7
    if way == "raise": raise ValueError("broke")
    data = event["data"]
    return {"data": data.decode() if isinstance(data, bytes) else data, "id": event["event-id"], "type": event["event-type"], "namespace": event["event-namespace"],
        "method": request.method, "many": request.get_header("x-many"), "forms": dict(request.forms.items()), "params": dict(request.params.items()), "name": context["function-name"], "memory": context["memory-limit"]}
`);
    const seen = jsonOf(
      await guest.invoke(
        request('application/json', '{"n":1}', { headers: ['event-id', 'e7', 'X-Many', '1', 'x-many', '2'] }),
      ),
    );
    assert.deepEqual(seen, {
      data: { n: 1 },
      id: 'e7',
      type: null,
      namespace: null,
      method: 'POST',
      many: '1,2',
      forms: {},
      params: { tag: 'a', q: 'x y' },
      name: 'handler',
      memory: '256Mi',
    });
    const form = jsonOf(await guest.invoke(request('application/x-www-form-urlencoded', 'a=1')));
    assert.deepEqual([form.data, form.forms], ['a=1', { a: '1' }]);
    const way = async (name: string) => brief(await guest.invoke(ask(`way=${name}`)));
    assert.deepEqual(await way('text'), [200, 'text/html; charset=UTF-8', 'words']);
    assert.deepEqual((await guest.invoke(ask('way=bytes'))).body, Buffer.from([0, 255]));
    assert.deepEqual((await way('parts'))[2], 'ab');
    assert.deepEqual(await way('nothing'), [200, undefined, '']);
    assert.deepEqual(await way('response'), [202, 'application/json', '{"a":1}']);
    assert.deepEqual(await way('abort'), [404, 'text/html; charset=UTF-8', 'none']);
    assert.equal((await guest.invoke(ask('way=wrong'))).failure?.code, 'RESPONSE_INVALID');
    assert.equal((await guest.invoke(ask('way=raise'))).failure?.code, 'FUNCTION_THREW');
    assert.equal((await guest.invoke({ http: { method: 'PUT' } })).status, 405);
    assert.equal((await guest.invoke(request('application/json', '{'))).status, 400);
    const event = (await guest.invokeEvent({ n: 2 }, { type: 'thing.happened' })) as Record<string, unknown>;
    assert.deepEqual(
      [event.data, event.id, event.type, event.namespace],
      [{ n: 2 }, 'e1', 'thing.happened', 'test'],
    );
  });

  test('with Bottle itself, which the function imports', { skip: await lacks('bottle') }, async () => {
    await using guest = await loader(
      'kubeless',
      'handler',
    )(`
import bottle
def handler(event, context):
    if event["data"] == b"raise": raise ValueError("broke")
    bottle.response.content_type = "text/css"
    return event["data"]
`);
    assert.deepEqual(brief(await guest.invoke(request('text/plain', 'p {}'))), [200, 'text/css', 'p {}']);
    assert.equal((await guest.invoke(request('text/plain', 'raise'))).failure?.name, 'ValueError');
    assert.equal((await guest.invoke(request('application/json', '{'))).status, 400);
  });
});

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { headerValues } from '../guest/pending-call.ts';
import { brief, jsonOf, request } from '../guest/vendor-call.ts';
import { lacks, PythonGuest } from './python-guest.ts';

/** Vendors whose functions are views of Flask's, with Flask and without. */
const python = new PythonGuest();
after(() => python.clean());

const WITHOUT_PACKAGES = 'import sys\nsys.path[:] = [path for path in sys.path if "packages" not in path]\n';
const ask = (query: string, more: object = {}) => ({
  http: { method: 'GET', url: `http://shop.localhost/a%20b?${query}`, ...more },
});

const FISSION = `
from flask import request, current_app, jsonify, make_response, abort, redirect, Response
def main():
    way = request.args.get("way")
    current_app.logger.info("seen %s", way)
    if way == "tuple": return "words", 201, {"X-One": "a"}
    if way == "status": return {"a": 1}, 202
    if way == "pairs": return "x", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    if way == "bytes": return b"\\x00\\xff"
    if way == "list": return [1]
    if way == "jsonify": return jsonify(a=1)
    if way == "response":
        response = make_response("red", 203)
        response.headers["Content-Type"] = "text/css"
        response.set_cookie("c", "1", httponly=True)
        return response
    if way == "stream": return Response((part for part in ["one,", "two"]), mimetype="text/plain")
    if way == "abort": abort(404)
    if way == "redirect": return redirect("/there")
    if way == "missing": return request.args["none"]
    if way == "nothing": return None
    if way == "raise": raise ValueError("broke")
    if way == "file": return request.files["f"].filename + ":" + request.files["f"].read().decode() + ":" + request.form["t"]
    return {"method": request.method, "url": request.url, "path": request.path, "tags": request.args.getlist("tag"), "many": request.headers.get("X-Many"),
        "json": request.get_json(silent=True), "data": request.get_data(as_text=True), "form": request.form.to_dict(flat=False), "cookies": dict(request.cookies),
        "param": request.headers.get("X-Fission-Params-id"), "name": request.headers["x-fission-function-name"], "addr": request.remote_addr,
        "number": request.args.get("n", type=int), "host": request.host, "values": request.values.get("q"), "type": request.mimetype}
`;

for (const [kind, prelude, skip] of [
  ['Flask', 'import flask\n', await lacks('flask')],
  ['no Flask', WITHOUT_PACKAGES, false],
] as const) {
  test(`fission with ${kind}: the request, and what views may return`, { skip }, async () => {
    await using guest = await python.load(prelude + FISSION, {
      dialect: 'fission',
      handler: { file: 'index.py', export: 'main' },
    });
    const json = jsonOf(await guest.invoke(request('application/json', '{"n":1}')));
    assert.deepEqual(json, {
      method: 'POST',
      url: 'http://shop.localhost:8080/users/7?tag=a&tag=b&q=x%20y',
      path: '/users/7',
      tags: ['a', 'b'],
      many: '1,2',
      json: { n: 1 },
      data: '{"n":1}',
      form: {},
      cookies: { a: '1', b: '2' },
      param: '7',
      name: 'cart',
      addr: '192.0.2.7',
      number: null,
      host: 'shop.localhost:8080',
      values: 'x y',
      type: 'application/json',
    });
    const form = jsonOf(await guest.invoke(request('application/x-www-form-urlencoded', 'a=1&a=2')));
    assert.deepEqual([form.form, form.json], [{ a: ['1', '2'] }, null]);
    const way = async (name: string) => brief(await guest.invoke(ask(`way=${name}`)));
    const tuple = await guest.invoke(ask('way=tuple'));
    assert.deepEqual(brief(tuple), [201, 'text/html; charset=utf-8', 'words']);
    assert.deepEqual(headerValues(tuple, 'x-one'), ['a']);
    const [status, type, text] = await way('status');
    assert.deepEqual([status, type, JSON.parse(text)], [202, 'application/json', { a: 1 }]);
    const pairs = await guest.invoke(ask('way=pairs'));
    assert.deepEqual(headerValues(pairs, 'set-cookie'), ['a=1', 'b=2']);
    assert.deepEqual((await guest.invoke(ask('way=bytes'))).body, Buffer.from([0, 255]));
    assert.deepEqual(JSON.parse((await way('list'))[2]), [1]);
    assert.deepEqual(JSON.parse((await way('jsonify'))[2]), { a: 1 });
    const response = await guest.invoke(ask('way=response'));
    assert.deepEqual(brief(response), [203, 'text/css', 'red']);
    assert.deepEqual(headerValues(response, 'set-cookie'), ['c=1; HttpOnly; Path=/']);
    assert.deepEqual(await way('stream'), [200, 'text/plain; charset=utf-8', 'one,two']);
    const [notFound, page, body] = await way('abort');
    assert.deepEqual([notFound, page], [404, 'text/html; charset=utf-8']);
    assert.match(body, /<title>404 Not Found<\/title>/);
    assert.deepEqual(headerValues(await guest.invoke(ask('way=redirect')), 'location'), ['/there']);
    assert.equal((await way('missing'))[0], 400);
    assert.equal(
      (await guest.invoke(ask('way=nothing'))).failure?.name,
      kind === 'Flask' ? 'TypeError' : 'InvalidResponse',
    );
    const { failure } = await guest.invoke(ask('way=raise'));
    assert.deepEqual([failure?.code, failure?.message], ['FUNCTION_THREW', 'broke']);
    const multipart = [
      '--b\r\ncontent-disposition: form-data; name="t"\r\n\r\nwords\r\n',
      '--b\r\ncontent-disposition: form-data; name="f"; filename="a.txt"\r\ncontent-type: text/plain\r\n\r\nin it\r\n--b--\r\n',
    ].join('');
    const file = await guest.invoke({
      http: {
        method: 'POST',
        url: 'http://x/?way=file',
        headers: ['content-type', 'multipart/form-data; boundary=b'],
      },
      body: multipart,
    });
    assert.equal(file.body.toString(), 'a.txt:in it:words');
    const event = (await guest.invokeEvent({ n: 2 })) as Record<string, unknown>;
    assert.deepEqual([event.method, event.json], ['POST', { n: 2 }]);
    await guest.log((line) => line.message === 'seen tuple' && line.level === 'info');
  });
}

describe('openfaas', () => {
  test('python3-http: event, context, results', async () => {
    await using guest = await python.load(
      {
        'handler.py': `
def handle(event, context):
    way = event.query.get("way")
    if way == "all": return {"statusCode": 201, "body": {"a": 1}, "headers": {"X-One": "a"}}
    if way == "pairs": return {"body": 7, "headers": [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]}
    if way == "text": return "words"
    if way == "nothing": return None
    if way == "raise": raise ValueError("broke")
    return {"body": {"body": event.body.decode(), "method": event.method, "path": event.path, "many": event.headers.get("X-Many"), "tags": event.query.getlist("tag"), "host": context.hostname}}
`,
      },
      { dialect: 'openfaas', handler: { file: 'handler.py', export: 'handle' } },
    );
    assert.deepEqual(
      jsonOf(
        await guest.invoke(request('text/plain', 'words', { url: 'http://x/function/cart/a?tag=1&tag=2' })),
      ),
      {
        body: 'words',
        method: 'POST',
        path: '/a',
        many: '1,2',
        tags: ['1', '2'],
        host: 'localhost',
      },
    );
    const all = await guest.invoke(ask('way=all'));
    assert.deepEqual(brief(all), [201, 'application/json', '{"a":1}']);
    assert.deepEqual(headerValues(all, 'x-one'), ['a']);
    const pairs = await guest.invoke(ask('way=pairs'));
    assert.deepEqual([pairs.body.toString(), headerValues(pairs, 'set-cookie')], ['7', ['a=1', 'b=2']]);
    assert.deepEqual(brief(await guest.invoke(ask('way=text'))), [200, 'text/html; charset=utf-8', 'words']);
    assert.deepEqual(brief(await guest.invoke(ask('way=nothing')))[2], '');
    assert.equal((await guest.invoke(ask('way=raise'))).failure?.code, 'FUNCTION_THREW');
    assert.equal(((await guest.invokeEvent({ n: 1 })) as { body: string }).body, '{"n":1}');
  });

  test('python3 and python3-flask: the body alone', async () => {
    const code = (wanted: string) => ({
      'handler.py': `import os
def handle(req):
    assert isinstance(req, ${wanted})
    text = req if isinstance(req, str) else req.decode()
    return {"raise": lambda: 1 / 0, "object": lambda: {"a": 1}}.get(text, lambda: text.upper() + os.environ.get("Http_Method", "") + os.environ.get("Http_X_Many", ""))()
`,
    });
    const handler = { file: 'handler.py', export: 'handle' };
    const options = (template: string) => ({
      dialect: 'openfaas',
      handler,
      env: { MAYFLY_OPENFAAS_TEMPLATE: template },
    });
    await using classic = await python.load(code('str'), options('python3'));
    assert.deepEqual(brief(await classic.invoke(request('text/plain', 'words'))), [
      200,
      'text/plain; charset=utf-8',
      'WORDSPOST2',
    ]);
    assert.deepEqual(brief(await classic.invoke(request('text/plain', 'object')))[2], '{"a":1}');
    assert.equal((await classic.invoke(request('text/plain', 'raise'))).failure?.name, 'ZeroDivisionError');
    await using flask = await python.load(code('bytes'), options('python3-flask'));
    assert.deepEqual(brief(await flask.invoke(request('text/plain', 'words'))), [
      200,
      'text/html; charset=utf-8',
      'WORDS',
    ]);
  });
});

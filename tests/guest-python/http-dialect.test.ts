import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { eventually } from '../guest/patience.ts';
import { headerValues } from '../guest/pending-call.ts';
import { lacks, PythonGuest } from './python-guest.ts';

const python = new PythonGuest();
after(() => python.clean());

const load = (code: string) =>
  python.load(code, { dialect: 'http', handler: { file: 'index.py', export: 'app' } });

const REQUEST = {
  method: 'POST',
  url: 'http://shop.localhost:8080/a%20b/%C3%BC?x=1&y=%20',
  headers: [
    'Host',
    'shop.localhost:8080',
    'Content-Type',
    'text/plain',
    'X-Many',
    '1',
    'x-many',
    '2',
    'X_Many',
    '3',
  ].concat(['Cookie', 'a=1', 'cookie', 'b=2']),
};

test('a WSGI application gets the environment that PEP 3333 describes', async () => {
  await using guest = await load(`
import json
from wsgiref.validate import validator

def inner(environ, start_response):
    body = environ["wsgi.input"].read(100).decode()
    told = {name: value for name, value in environ.items() if isinstance(value, str)}
    start_response("201 Created", [("Content-Type", "application/json"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    return [json.dumps({**told, "body": body, "id": environ["mayfly.context"].request_id}).encode()]

app = validator(inner)
`);
  const answer = await guest.invoke({ http: REQUEST, body: 'the body' });
  assert.equal(answer.failure, null, JSON.stringify(answer.failure));
  assert.equal(answer.status, 201);
  assert.deepEqual(headerValues(answer, 'set-cookie'), ['a=1', 'b=2']);
  const told = JSON.parse(answer.body.toString());
  assert.equal(told.PATH_INFO, Buffer.from('/a b/ü').toString('latin1'));
  assert.deepEqual(
    [
      told.REQUEST_METHOD,
      told.QUERY_STRING,
      told.CONTENT_TYPE,
      told.HTTP_X_MANY,
      told.HTTP_COOKIE,
      told.body,
      told.id,
    ],
    ['POST', 'x=1&y=%20', 'text/plain', '1,2', 'a=1; b=2', 'the body', 'request-1'],
  );
  assert.deepEqual(
    [told.SERVER_NAME, told.SERVER_PORT, told['wsgi.url_scheme']],
    ['shop.localhost', '8080', 'http'],
  );
});

test('a WSGI answer streams part by part, and is closed when it ends or its client goes', async () => {
  await using guest = await load(`
import itertools

class Parts:
    def __init__(self, environ):
        self.body, self.endless = environ["wsgi.input"], environ["PATH_INFO"] == "/endless"
    def __iter__(self):
        yield b"first "
        if self.endless:
            yield from itertools.repeat(b"x" * 65536)
        yield self.body.read()
    def close(self):
        print("closed")

def app(environ, start_response):
    start_response("200 OK", [])
    return Parts(environ)
`);
  const call = guest.call({ http: { method: 'POST' }, end: false });
  await eventually(() => call.body.toString() === 'first ', 'the first part');
  call.chunk('second', true);
  assert.equal((await call.answer).body.toString(), 'first second');
  const endless = guest.call({ http: { url: 'http://shop.localhost/endless' } });
  endless.consuming = false;
  await endless.headSeen;
  endless.cancel();
  assert.equal((await endless.answer).failure, null);
  assert.equal(guest.logs.filter(({ message }) => message === 'closed').length, 2);
});

test('a WSGI application that breaks the rules gives an invalid response', async () => {
  await using guest = await load(`
def app(environ, start_response):
    case = environ["PATH_INFO"][1:]
    if case != "silent":
        start_response({"status": "many", "text": "200 OK", "header": "200 OK"}[case], [("a", "b\\n")] if case == "header" else [])
    return ["text"] if case == "text" else [b"x"]
`);
  for (const path of ['silent', 'status', 'text', 'header']) {
    const { failure } = await guest.invoke({ http: { url: `http://shop.localhost/${path}` } });
    assert.equal(failure?.code, 'RESPONSE_INVALID', path);
  }
});

const ASGI = `
import asyncio, json
events = []

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            step = (await receive())["type"].split(".")[1]
            print("lifespan " + step)
            scope["state"]["pool"] = 7
            await send({"type": "lifespan." + step + ".complete"})
            if step == "shutdown":
                return
    path = scope["path"]
    if path == "/wait":
        print((await receive())["type"])
        print((await receive())["type"])
        return
    body = b""
    if path != "/stream":
        while True:
            message = await receive()
            body += message["body"]
            if not message["more_body"]:
                break
    await send({"type": "http.response.start", "status": 202, "headers": [(b"x-one", b"1"), (b"X-One", b"2")]})
    if path == "/stream":
        while True:
            message = await receive()
            await send({"type": "http.response.body", "body": message["body"], "more_body": message["more_body"]})
            if not message["more_body"]:
                break
        return
    told = {"path": path, "query": scope["query_string"].decode(), "method": scope["method"], "state": scope["state"],
            "headers": [[n.decode(), v.decode()] for n, v in scope["headers"]], "body": body.decode()}
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})
    if path == "/background":
        await asyncio.sleep(0.01)
        print("afterwards")
`;

test('an ASGI application gets scope, body and lifespan', async () => {
  await using guest = await load(ASGI);
  const answer = await guest.invoke({ http: REQUEST, body: 'the body' });
  assert.deepEqual([answer.failure, answer.status], [null, 202]);
  assert.deepEqual(headerValues(answer, 'x-one'), ['1', '2']);
  const told = JSON.parse(answer.body.toString());
  assert.deepEqual(
    [told.path, told.query, told.method, told.body, told.state],
    ['/a b/ü', 'x=1&y=%20', 'POST', 'the body', { pool: 7 }],
  );
  assert.ok(told.headers.some(([name, value]: string[]) => name === 'x-many' && value === '2'));
  assert.deepEqual(answer.frames, ['HEAD+END+DONE']);
  const background = await guest.invoke({ http: { url: 'http://shop.localhost/background' } });
  assert.deepEqual(background.frames, ['HEAD+END', 'DONE']);
  const afterwards = guest.logs.find(({ message }) => message === 'afterwards');
  assert.equal(afterwards?.requestId, 'request-2');
  guest.drain();
  assert.deepEqual(await guest.exit(), { code: 0, signal: null });
  assert.deepEqual(
    guest.logs.map(({ message }) => message).filter((message) => message.startsWith('lifespan')),
    ['lifespan startup', 'lifespan shutdown'],
  );
});

test('an ASGI application streams both ways at the client’s pace, and learns that it has gone', async () => {
  await using guest = await load(ASGI);
  const call = guest.call({
    http: { method: 'POST', url: 'http://shop.localhost/stream' },
    body: 'a',
    end: false,
  });
  await eventually(() => call.body.toString() === 'a', 'the first part');
  call.consuming = false;
  const size = 512 * 1024;
  for (let sent = 0; sent < size; sent += 65_536)
    call.chunk(Buffer.alloc(65_536, 98), sent + 65_536 === size);
  await eventually(() => call.receivedBytes >= 256 * 1024, 'a full window');
  call.consuming = true;
  call.consume();
  assert.equal((await call.answer).body.length, size + 1);
  const waiting = guest.call({ http: { url: 'http://shop.localhost/wait' } });
  await guest.log(({ message }) => message === 'http.request');
  waiting.cancel();
  assert.equal((await waiting.answer).failure, null);
  await guest.log(({ message }) => message === 'http.disconnect');
});

test('an ASGI application whose startup fails does not load; one without a lifespan does', async () => {
  await assert.rejects(
    load(`
async def app(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})
`),
    /startup failed: no database/,
  );
  await using guest = await load(`
async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"x"})
`);
  assert.equal((await guest.invoke()).body.toString(), 'x');
});

test('a Flask application answers', { skip: await lacks('flask') }, async () => {
  await using guest = await load(`
from flask import Flask, jsonify, request, Response, stream_with_context
app = Flask(__name__)

@app.route("/items/<name>", methods=["POST"])
def item(name):
    app.logger.warning("asked for %s", name)
    return jsonify(name=name, query=request.args, json=request.get_json(), cookie=request.cookies.get("a")), 201

@app.route("/upload", methods=["POST"])
def upload():
    return str(sum(len(part) for part in iter(lambda: request.stream.read(1000), b"")))

@app.route("/stream")
def stream():
    return Response(stream_with_context(f"{n}\\n" for n in range(3)))

@app.route("/fails")
def fails():
    raise RuntimeError("broken")
`);
  const answer = await guest.invoke({
    http: {
      method: 'POST',
      url: 'http://shop.localhost/items/pen?x=1',
      headers: ['content-type', 'application/json', 'cookie', 'a=1', 'content-length', '7'],
    },
    body: '{"n":1}',
  });
  assert.equal(answer.status, 201);
  assert.deepEqual(JSON.parse(answer.body.toString()), {
    name: 'pen',
    query: { x: '1' },
    json: { n: 1 },
    cookie: '1',
  });
  assert.ok(guest.logs.some(({ message, level }) => message.includes('asked for pen') && level === 'warn'));
  const upload = guest.call({ http: { method: 'POST', url: 'http://shop.localhost/upload' }, end: false });
  upload.chunk('a'.repeat(5_000));
  upload.chunk('b'.repeat(70_000), true);
  assert.equal((await upload.answer).body.toString(), '75000');
  const at = (path: string) => guest.invoke({ http: { url: `http://shop.localhost${path}` } });
  assert.equal((await at('/stream')).body.toString(), '0\n1\n2\n');
  assert.equal((await at('/nowhere')).status, 404);
  assert.equal((await at('/fails')).status, 500);
  assert.ok(guest.logs.some(({ message }) => message.includes('RuntimeError: broken')));
});

test('an application has no place for events', async () => {
  await using guest = await load('def app(environ, start_response): ...');
  const { failure } = await guest.invoke({ event: { type: 't' }, body: '1' });
  assert.match(failure!.message, /serves requests only/);
});

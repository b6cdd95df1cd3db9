import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { headerValues } from '../guest/pending-call.ts';
import { brief, failureOf, jsonOf, request } from '../guest/vendor-call.ts';
import { PythonGuest } from './python-guest.ts';

const python = new PythonGuest();
after(() => python.clean());

const FILE = 'function_app.py';
const load = (code: string, name: string, env: Record<string, string> = {}) =>
  python.load(
    { [FILE]: `import azure.functions as func, json, logging\n${code}` },
    { dialect: 'azure', handler: { file: FILE, export: name }, env },
  );
const ask = (query: string, more: object = {}) => ({
  http: { method: 'GET', url: `http://shop.localhost/x${query}`, ...more },
});

test('v2: an HTTP function, its request, context, and the ways of answering', async () => {
  await using guest = await load(
    `
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
@app.function_name("list")
@app.route(route="items/{id}/{*rest}", methods=["POST"])
@app.queue_output(arg_name="out", queue_name="q", connection="c")
async def list_items(req: func.HttpRequest, out: func.Out[str], context: func.Context) -> func.HttpResponse:
    way = req.params.get("way")
    logging.info("seen %s", way)
    out.set("kept")
    if way == "text": return "words"
    if way == "bytes": return func.HttpResponse(b"\\x00\\xff", status_code=206, mimetype="image/png")
    if way == "headers":
        response = func.HttpResponse("x", headers={"X-One": "a"}, status_code=201)
        response.headers.add("Set-Cookie", "a=1")
        response.headers.add("Set-Cookie", "b=2")
        return response
    if way == "nothing": return None
    if way == "wrong": return {"a": 1}
    if way == "json": return func.HttpResponse(str(req.get_json()))
    if way == "raise": raise TypeError("broke")
    if way == "form": return req.form["a"]
    return func.HttpResponse(json.dumps({"method": req.method, "url": req.url, "tags": req.params.get("tag"), "params": dict(req.route_params), "many": req.headers["X-Many"],
        "body": req.get_json(), "id": context.invocation_id, "name": context.function_name, "trace": context.trace_context.Traceparent, "out": out.get()}), mimetype="application/json")
`,
    'list',
  );
  const all = await guest.invoke(
    request('application/json', '{"n":1}', { params: { id: '7', '*': 'a/b' }, route: '/api/items/:id/*' }),
  );
  assert.deepEqual([all.status, headerValues(all, 'content-type')], [200, ['application/json']]);
  assert.deepEqual(jsonOf(all), {
    method: 'POST',
    url: 'http://shop.localhost:8080/users/7?tag=a&tag=b&q=x%20y',
    tags: 'a,b',
    params: { id: '7', rest: 'a/b' },
    many: '1, 2',
    body: { n: 1 },
    id: 'request-1',
    name: 'list',
    trace: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    out: 'kept',
  });
  const way = async (name: string) => brief(await guest.invoke(ask(`?way=${name}`)));
  assert.deepEqual(await way('text'), [200, 'text/plain; charset=utf-8', 'words']);
  const bytes = await guest.invoke(ask('?way=bytes'));
  assert.deepEqual(
    [bytes.status, bytes.body, headerValues(bytes, 'content-type')],
    [206, Buffer.from([0, 255]), ['image/png']],
  );
  const headers = await guest.invoke(ask('?way=headers'));
  assert.deepEqual(
    [headers.status, headerValues(headers, 'x-one'), headerValues(headers, 'set-cookie')],
    [201, ['a'], ['a=1', 'b=2']],
  );
  assert.deepEqual(await way('nothing'), [204, undefined, '']);
  assert.equal((await guest.invoke(ask('?way=wrong'))).failure?.code, 'RESPONSE_INVALID');
  assert.equal((await guest.invoke(ask('?way=json'))).failure?.name, 'ValueError');
  const { failure } = await guest.invoke(ask('?way=raise'));
  assert.deepEqual(
    [failure?.code, failure?.name, failure?.message],
    ['FUNCTION_THREW', 'TypeError', 'broke'],
  );
  const form = request('application/x-www-form-urlencoded', 'a=1', { url: 'http://x/?way=form' });
  assert.equal((await guest.invoke(form)).body.toString(), '1');
  await guest.log((line) => line.message === 'seen text' && line.level === 'info' && line.requestId !== null);
  await guest.log((line) => line.message.includes('an output of type "queue", which goes nowhere'));
});

test('keys; a direct invocation of an HTTP function is a POST; a web application', async () => {
  const code = `
app = func.FunctionApp()
@app.route()
def kept(req: func.HttpRequest): return json.dumps([req.method, req.get_json()])

def wsgi(environ, start_response):
    start_response("201 Created", [("X-One", "a"), ("content-type", "text/plain")])
    return [environ["PATH_INFO"].encode(), b" ", environ["wsgi.input"].read()]
web = func.WsgiFunctionApp(app=wsgi, http_auth_level=func.AuthLevel.ANONYMOUS)

async def asgi(scope, receive, send):
    body = (await receive())["body"]
    await send({"type": "http.response.start", "status": 202, "headers": [(b"x-one", b"b")]})
    await send({"type": "http.response.body", "body": scope["path"].encode() + b" " + body})
fast = func.AsgiFunctionApp(app=asgi, http_auth_level=func.AuthLevel.ANONYMOUS)
`;
  await using guest = await load(code, 'kept', { MAYFLY_AZURE_KEYS: 'one, two' });
  assert.equal((await guest.invoke(ask(''))).status, 401);
  assert.equal((await guest.invoke(ask('?code=three'))).status, 401);
  const json = { method: 'POST', body: '1' };
  assert.equal((await guest.invoke({ ...ask('?code=two'), ...json })).status, 200);
  assert.equal(
    (await guest.invoke({ ...ask('', { headers: ['X-Functions-Key', 'one'] }), ...json })).status,
    200,
  );
  const told = await guest.invoke({
    event: { id: 'e', source: 's', type: 'mayfly.invoke' },
    body: '{"a":1}',
  });
  assert.deepEqual(jsonOf(told), ['POST', { a: 1 }]);
  await using web = await load(code, 'web');
  const answer = await web.invoke(request('text/plain', 'words'));
  assert.deepEqual(
    [answer.status, answer.body.toString(), headerValues(answer, 'x-one')],
    [201, '/users/7 words', ['a']],
  );
  await using fast = await load(code, 'fast');
  const fastAnswer = await fast.invoke(request('text/plain', 'words'));
  assert.deepEqual([fastAnswer.status, fastAnswer.body.toString()], [202, '/users/7 words']);
});

const TRIGGERS = `
app = func.FunctionApp()
bp = func.Blueprint()
@app.timer_trigger(schedule="0 */5 * * * *", arg_name="timer", run_on_startup=False)
def tick(timer: func.TimerRequest, context: func.Context): return [timer.past_due, timer.schedule_status["Last"], context.function_name]

@app.queue_trigger(arg_name="msg", queue_name="q", connection="c")
def queue(msg: func.QueueMessage, context):
    body = msg.get_body().decode()
    if body == "fail": raise ValueError("no")
    logging.info("got %s %s %s %s", msg.id, body, msg.dequeue_count, context.retry_context.retry_count)

@bp.blob_trigger(arg_name="blob", path="samples/{name}.png", connection="c")
def blob(blob: func.InputStream): return [blob.name, blob.length, blob.read().decode("latin-1")]

@app.event_grid_trigger(arg_name="event")
def grid(event: func.EventGridEvent): return [event.id, event.subject, event.event_type, event.get_json()]

@app.service_bus_queue_trigger(arg_name="items", queue_name="q", connection="c", cardinality=func.Cardinality.MANY)
def many(items): logging.info("many %s", [item.get_body().decode() for item in items])

@app.cosmos_db_trigger(arg_name="docs", database_name="d", container_name="c", connection="c")
def docs(docs: func.DocumentList): return [doc["id"] for doc in docs]

@app.generic_trigger(arg_name="odd", type="odd")
def odd(odd: str): return odd
`;

test('v2: a timer, queues, a blob and events start functions', async () => {
  const at = '2026-01-02T03:04:05.000Z';
  await using timer = await load(TRIGGERS, 'tick');
  assert.deepEqual(await timer.invokeEvent({}, { type: 'mayfly.schedule', time: at }), [false, at, 'tick']);
  assert.equal((await timer.invoke()).status, 404);

  await using queue = await load(TRIGGERS, 'queue');
  const message = (id: string, body: unknown) => ({ id, timestamp: at, attempts: 2, body });
  const batch = (...messages: object[]) =>
    queue.invokeEvent({ queue: 'q', messages }, { type: 'mayfly.queue' });
  assert.deepEqual(await batch(message('1', 'fail'), message('2', { ok: true })), { retry: [{ id: '1' }] });
  await queue.log((line) => line.message === 'got 2 {"ok":true} 2 1');
  await queue.log((line) => line.level === 'error' && /ValueError: no/.test(line.message));
  assert.deepEqual(await batch(message('3', 'text')), { retry: [] });
  await assert.rejects(batch(message('4', 'fail')), /no/);

  await using blob = await load(TRIGGERS, 'blob');
  const picture = await blob.invoke({
    event: {
      id: 'e',
      source: '/objects',
      type: 'object.created',
      subject: 'samples/a.png',
      datacontenttype: 'image/png',
    },
    body: Buffer.from([0, 255]),
  });
  assert.deepEqual(JSON.parse(picture.body.toString()), ['samples/a.png', 2, '\0\xff']);

  await using grid = await load(TRIGGERS, 'grid');
  const event = { type: 'thing.happened', subject: 's' };
  assert.deepEqual(await grid.invokeEvent({ a: 1 }, event), ['e1', 's', 'thing.happened', { a: 1 }]);

  await using many = await load(TRIGGERS, 'many');
  const both = { queue: 'q', messages: [message('1', 'a'), message('2', 'b')] };
  assert.deepEqual(await many.invokeEvent(both, { type: 'mayfly.queue' }), { retry: [] });
  await many.log((line) => line.message === "many ['a', 'b']");

  await using docs = await load(TRIGGERS, 'docs');
  assert.deepEqual(await docs.invokeEvent([{ id: 'a' }, { id: 'b' }]), ['a', 'b']);
  await using odd = await load(TRIGGERS, 'odd');
  assert.equal(await odd.invokeEvent([1]), '[1]');
});

test('v1: main with the bindings of its function.json; what is wrong', async () => {
  await using plain = await load(
    'def main(req: func.HttpRequest) -> func.HttpResponse: return func.HttpResponse(req.method)',
    'main',
  );
  assert.deepEqual(brief(await plain.invoke(ask(''))), [200, 'text/plain; charset=utf-8', 'GET']);

  const bindings = (list: readonly object[]) => ({ MAYFLY_AZURE_BINDINGS: JSON.stringify(list) });
  await using queue = await load(
    'def main(msg: func.QueueMessage, row: func.Out[str]):\n    row.set("x")\n    if msg.get_json() == 1: raise ValueError("one")\n    return msg.get_json()',
    'main',
    bindings([
      { type: 'queueTrigger', direction: 'in', name: 'msg', queueName: 'q' },
      { type: 'table', direction: 'out', name: 'row' },
    ]),
  );
  assert.deepEqual(await queue.invokeEvent({ a: 1 }), { a: 1 });
  assert.deepEqual(await failureOf(queue, 1), ['FUNCTION_THREW', 'ValueError', 'one']);

  await using named = await load(
    'def main(request, res: func.Out[func.HttpResponse]): res.set(func.HttpResponse("out", status_code=201))',
    'main',
    bindings([
      { type: 'httpTrigger', direction: 'in', name: 'request', authLevel: 'anonymous' },
      { type: 'http', direction: 'out', name: 'res' },
    ]),
  );
  assert.deepEqual(brief(await named.invoke(ask('')))[2], 'out');

  await using folder = await python.load(
    {
      'Hello/__init__.py':
        'from ..shared import words\nfrom . import mark\nfrom __app__.shared import words as same\ndef main(req): return mark.add(words.HI) if same is words else ""',
      'Hello/mark.py': 'add = lambda text: text + "!"',
      'shared/words.py': 'HI = "hi"',
    },
    {
      dialect: 'azure',
      handler: { file: 'Hello/__init__.py', export: 'main' },
      env: bindings([
        { type: 'httpTrigger', direction: 'in', name: 'req' },
        { type: 'http', direction: 'out', name: '$return' },
      ]),
    },
  );
  assert.equal(brief(await folder.invoke(ask('')))[2], 'hi!');

  const failure = async (code: string, name: string, env: Record<string, string> = {}) =>
    load(code, name, env).then(
      () => null,
      (error: Error) => error.message,
    );
  assert.match((await failure('def main(req): ...', 'main', bindings([])))!, /no trigger/);
  assert.match(
    (await failure(TRIGGERS, 'none'))!,
    /neither registered nor defined in function_app\.py: it registers tick, queue/,
  );
  assert.match(
    (await failure('def main(a, b): ...', 'main', bindings([{ type: 'httpTrigger', name: 'req' }])))!,
    /no parameter "req"/,
  );
  assert.match((await failure('func.Nothing', 'main'))!, /"azure\.functions" has no "Nothing"/);
});

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { readBackgroundEvent, readCloudEvent } from '../../guest/node/dialects/google/event-request.ts';
import { BACKGROUND, CLOUD, ce, type Posted } from '../guest/google-event-cases.ts';
import type { GuestDriver } from '../guest/guest-driver.ts';
import { brief, failureOf, jsonOf, request } from '../guest/vendor-call.ts';
import { lacks, PythonGuest } from './python-guest.ts';

const python = new PythonGuest();
after(() => python.clean());

const load = (code: string, name: string, env: Record<string, string> = {}) =>
  python.load({ 'main.py': code }, { dialect: 'google', handler: { file: 'main.py', export: name }, env });

const WITHOUT_PACKAGES = 'import sys\nsys.path[:] = [path for path in sys.path if "packages" not in path]\n';
const ask = (query: string, more: object = {}) => ({
  http: { method: 'GET', url: `http://shop.localhost/${query}`, ...more },
});
const posted = ({ headers, body, path }: Posted) => ({
  http: {
    method: 'POST',
    url: `http://shop.localhost${path}`,
    headers: [...Object.entries(headers).flat(), 'content-type', 'application/json'],
  },
  body: JSON.stringify(body),
});

const HTTP = `
import functions_framework, os
@functions_framework.http
def hello(request):
    way = request.args.get("way")
    if way == "raise": raise ValueError("broke")
    if way == "handled": raise LookupError("lost")
    if way == "nothing": return None
    if way == "flask":
        import flask
        return flask.jsonify(flask.request.path)
    body = request.get_json(silent=True) or {}
    return {"name": body.get("name"), "path": request.path, "target": os.environ["FUNCTION_TARGET"], "service": os.environ["K_SERVICE"]}, 201

@functions_framework.errorhandler(LookupError)
def lost(error): return str(error), 418

class Pet:
    def __init__(self, name): self.name = name
    @staticmethod
    def from_dict(told): return Pet(told["name"])
    def to_dict(self): return {"name": self.name}

@functions_framework.typed
def greet(pet: Pet) -> Pet: return Pet(pet.name + "!")

def plain(request): return "plain " + request.method
`;

test('an HTTP function, decorated or plain, and a typed one', async () => {
  await using guest = await load(WITHOUT_PACKAGES + HTTP, 'hello');
  const answer = await guest.invoke(request('application/json', '{"name":"Ada"}'));
  assert.deepEqual(
    [answer.status, jsonOf(answer)],
    [201, { name: 'Ada', path: '/users/7', target: 'hello', service: 'cart' }],
  );
  assert.equal((await guest.invoke(ask('?way=raise'))).failure?.code, 'FUNCTION_THREW');
  assert.deepEqual(brief(await guest.invoke(ask('?way=handled'))), [418, 'text/html; charset=utf-8', 'lost']);
  assert.equal((await guest.invoke(ask('?way=nothing'))).failure?.code, 'RESPONSE_INVALID');
  assert.deepEqual(jsonOf(await guest.invoke(ask('a?way=flask'))), '/a');
  assert.equal((await guest.invoke(ask('favicon.ico'))).status, 404);
  await using typed = await load(HTTP, 'greet');
  assert.deepEqual(jsonOf(await typed.invoke(request('application/json', '{"name":"Rex"}'))), {
    name: 'Rex!',
  });
  assert.equal((await typed.invoke(ask(''))).status, 405);
  await using plain = await load(HTTP, 'plain');
  assert.equal(brief(await plain.invoke(ask('')))[2], 'plain GET');
});

test('with Flask, which the function imports', { skip: await lacks('flask') }, async () => {
  await using guest = await load(`import flask\n${HTTP}`, 'hello');
  assert.deepEqual(jsonOf(await guest.invoke(ask('a/b?way=flask'))), '/a/b');
  assert.equal((await guest.invoke(ask('?way=handled'))).status, 418);
  assert.equal((await guest.invoke(ask('?way=raise'))).failure?.name, 'ValueError');
});

test('CloudEvents, and background events as such', async () => {
  await using guest = await load(
    `
import functions_framework, json
from cloudevents.http import CloudEvent, to_json
@functions_framework.cloud_event
def seen(event: CloudEvent):
    if event.data == "raise": raise ValueError("broke")
    print(json.dumps({**event.get_attributes(), "data": event.data}))
    return to_json(event).decode()[0] + event["type"]
`,
    'seen',
  );
  await told(guest, BACKGROUND, (given) => readCloudEvent(given) as object, ['somebody else’s']);
  const binary = await guest.invoke(posted(CLOUD.storage!));
  assert.deepEqual(brief(binary), [200, 'text/html; charset=utf-8', 'OK']);
  assert.equal((await guest.invoke(ask(''))).status, 405);
  assert.equal((await guest.invoke(request('application/json', '{"a":1}'))).status, 400);
  const database = { ...BACKGROUND.database!, body: { ...BACKGROUND.database!.body, domain: 'x.com' } };
  assert.equal((await guest.invoke(posted(database))).status, 400);
  assert.equal(await guest.invokeEvent({ n: 1 }, { type: 'thing.happened' }), '{thing.happened');
  assert.deepEqual(await failureOf(guest, 'raise'), ['FUNCTION_THREW', 'ValueError', 'broke']);
});

test('functions of the first generation get data and context', async () => {
  await using guest = await load(
    `
import json
def seen(data, context):
    told = {"eventId": context.event_id, "timestamp": context.timestamp, "eventType": context.event_type, "resource": context.resource}
    print(json.dumps({"data": data, "context": told}))
    return context.event_type
`,
    'seen',
    { FUNCTION_SIGNATURE_TYPE: 'event' },
  );
  await told(guest, CLOUD, (given) => readBackgroundEvent(given), ['somebody else’s']);
  await told(guest, { pubsub: BACKGROUND.pubsub! }, (given) => readBackgroundEvent(given), []);
  assert.equal((await guest.invoke(ask(''))).status, 200);
  assert.equal((await guest.invoke(ask('x'))).status, 405);
  const odd = { ...CLOUD.storage!, headers: ce('google.cloud.storage.object.v1.deleted', 'odd') };
  assert.equal((await guest.invoke(posted(odd))).status, 400);
  assert.equal(await guest.invokeEvent({ n: 1 }, { type: 'thing.happened' }), 'thing.happened');
});

/** What a function prints of each event is what the guest for Node.js, which is held against the published framework, makes of it. */
async function told(
  guest: GuestDriver,
  cases: Readonly<Record<string, Posted>>,
  expected: (posted: Posted) => object,
  without: readonly string[],
): Promise<void> {
  for (const [name, given] of Object.entries(cases)) {
    if (without.includes(name)) continue;
    const before = guest.logs.length;
    const answer = await guest.invoke(posted(given));
    assert.equal(answer.status, 200, `${name}: ${answer.body.toString()}`);
    const line = await guest.log((entry) => guest.logs.indexOf(entry) >= before);
    const { datacontenttype: _type, ...rest } = JSON.parse(line.message);
    const { datacontenttype: _expected, ...wanted } = structuredClone(
      expected(structuredClone(given)),
    ) as Record<string, unknown>;
    assert.deepEqual(rest, wanted, name);
  }
}

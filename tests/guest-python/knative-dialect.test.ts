import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { headerValues } from '../guest/pending-call.ts';
import { brief, jsonOf, request } from '../guest/vendor-call.ts';
import { PythonGuest } from './python-guest.ts';

const python = new PythonGuest();
after(() => python.clean());

const load = (code: string, name: string, env: Record<string, string> = {}) =>
  python.load({ 'func.py': code }, { dialect: 'knative', handler: { file: 'func.py', export: name }, env });
const EVENT = ['ce-specversion', '1.0', 'ce-id', 'e1', 'ce-type', 'thing.happened', 'ce-source', '/here'];
const WITHOUT_PACKAGES = 'import sys\nsys.path[:] = [path for path in sys.path if "packages" not in path]\n';

test('main(context): request, CloudEvent, answers', async () => {
  await using guest = await load(
    `${WITHOUT_PACKAGES}
from parliament import Context, event
def main(context: Context):
    way = context.request.args.get("way")
    if way == "event": return answer(context)
    if way == "raise": raise ValueError("broke")
    seen = context.cloud_event
    return {"method": context.request.method, "keys": sorted(context.keys()), "type": seen and seen["type"], "data": seen and seen.data}, 200

@event(event_type="my.type")
def answer(context): return {"message": "Howdy"}
`,
    'main',
  );
  assert.deepEqual(jsonOf(await guest.invoke({ http: { method: 'GET' } })), {
    method: 'GET',
    keys: ['request'],
    type: null,
    data: null,
  });
  assert.deepEqual(jsonOf(await guest.invoke(request('application/json', '{"n":1}', { headers: EVENT }))), {
    method: 'POST',
    keys: ['cloud_event', 'request'],
    type: 'thing.happened',
    data: { n: 1 },
  });
  const answer = await guest.invoke({ http: { method: 'GET', url: 'http://x/?way=event' } });
  assert.deepEqual(brief(answer), [200, 'application/json', '{"message":"Howdy"}']);
  assert.deepEqual(headerValues(answer, 'ce-type'), ['my.type']);
  assert.equal(
    (await guest.invoke({ http: { url: 'http://x/?way=raise' } })).failure?.code,
    'FUNCTION_THREW',
  );
  assert.equal((await guest.invoke({ http: { url: 'http://x/health/liveness' } })).body.toString(), 'OK');
  const event = (await guest.invokeEvent({ n: 2 }, { type: 'thing.happened' })) as Record<string, unknown>;
  assert.deepEqual([event.type, event.data], ['thing.happened', { n: 2 }]);
});

const FUNCTION = `
class Function:
    def start(self, cfg): print("started", cfg["COLOUR"])
    def stop(self): print("stopped")
    def alive(self): return True, "Alive"
    def ready(self): return False, "not yet"
    async def handle(self, scope, receive, send):
        if "event" in scope:
            event = scope["event"]
            event["type"] = "answer"
            await send(event, 201)
            return
        body = (await receive())["body"]
        await send({"type": "http.response.start", "status": 201, "headers": [(b"x-one", b"a"), (b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": scope["method"].encode() + b" " + body})

def new(): return Function()
`;

test('new(): an object with lifecycle methods', async () => {
  await using guest = await load(FUNCTION, 'new', { COLOUR: 'blue' });
  assert.deepEqual(brief(await guest.invoke(request('text/plain', 'words'))), [
    201,
    'text/plain',
    'POST words',
  ]);
  assert.deepEqual(brief(await guest.invoke({ http: { url: 'http://x/health/liveness' } })), [
    200,
    'text/plain',
    'Alive',
  ]);
  assert.equal((await guest.invoke({ http: { url: 'http://x/health/readiness' } })).status, 500);
  await guest.log((line) => line.message === 'started blue');
  guest.drain();
  await guest.log((line) => line.message === 'stopped');
});

test('CloudEvents for new()', async () => {
  await using guest = await load(FUNCTION, 'new', { COLOUR: 'blue', MAYFLY_KNATIVE_INVOKE: 'cloudevent' });
  const answer = await guest.invoke(request('application/json', '{"n":1}', { headers: EVENT }));
  const { type, data, id } = jsonOf(answer);
  assert.deepEqual([answer.status, type, data, id], [201, 'answer', { n: 1 }, 'e1']);
  assert.equal((await guest.invoke(request('application/json', '{"n":1}'))).status, 400);
  const event = (await guest.invokeEvent({ n: 2 }, { type: 'thing.happened' })) as Record<string, unknown>;
  assert.deepEqual([event.type, event.data], ['answer', { n: 2 }]);
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bubblewrapRefusal, lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';
import { TestNode } from '../harness/test-node.ts';

/** Each as its vendor's documentation begins, in one app; what is imported is not installed. */
const APP = {
  'mayfly.yaml': `functions:
  alibaba: {handler: alibaba/index.py, dialect: alibaba}
  azure: {handler: function_app.py#http_trigger, routes: ['/api/http_trigger']}
  clock: {handler: function_app.py#timer_trigger}
  fission: {handler: fission/hello.py, dialect: fission, routes: ['/fission/:who']}
  fn: {handler: fn/func.py}
  google: {handler: google/main.py}
  knative: {handler: knative/func.py}
  kubeless: {handler: kubeless/test.foobar, runtime: python3, dialect: kubeless}
  nuclio: {handler: nuclio/main.handler, runtime: python3, dialect: nuclio}
  openfaas: {handler: openfaas/handler.py, dialect: openfaas}
  openwhisk: {handler: openwhisk/hello.py, dialect: openwhisk}
  tencent: {handler: tencent/index.main_handler, runtime: python3}
`,
  'alibaba/index.py': `import json
def handler(event, context):
    return {"statusCode": 201, "body": json.loads(event)["queryParameters"]["name"] + " " + context.function.name}
`,
  'function_app.py': `import azure.functions as func
import logging

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.route(route="http_trigger")
def http_trigger(req: func.HttpRequest) -> func.HttpResponse:
    name = req.params.get('name')
    if not name:
        try:
            req_body = req.get_json()
        except ValueError:
            pass
        else:
            name = req_body.get('name')
    return func.HttpResponse(f"Hello, {name}.", status_code=200)

@app.timer_trigger(schedule="0 */5 * * * *", arg_name="myTimer", run_on_startup=False, use_monitor=False)
def timer_trigger(myTimer: func.TimerRequest) -> None:
    logging.info('Python timer trigger function executed, %s.', myTimer.past_due)
`,
  'fission/hello.py': `from flask import request
def main(): return "Hello, " + request.headers["X-Fission-Params-Who"], 200, {"X-Vendor": "fission"}
`,
  'fn/func.py': `import io, json
from fdk import response
def handler(ctx, data: io.BytesIO = None):
    name = json.loads(data.getvalue()).get("name")
    return response.Response(ctx, response_data=json.dumps({"message": "Hello {0}".format(name)}), headers={"Content-Type": "application/json"})
`,
  'google/main.py': `import functions_framework
@functions_framework.http
def hello_http(request):
    request_json = request.get_json(silent=True)
    return f"Hello {request_json['name'] if request_json else request.args.get('name', 'World')}!"
`,
  'knative/func.py': `from parliament import Context
def main(context: Context):
    return {"method": context.request.method, "json": context.request.json}, 200
`,
  'kubeless/test.py':
    'def foobar(event, context): return event["data"]["name"] + " " + context["function-name"]\n',
  'nuclio/main.py': `def init_context(context): context.user_data.greeting = "Hello"
def handler(context, event):
    return context.Response(body=context.user_data.greeting + " " + event.fields["name"], headers={"X-Vendor": "nuclio"}, content_type="text/plain", status_code=201)
`,
  'openfaas/handler.py': `def handle(event, context):
    return {"statusCode": 202, "body": event.body.decode(), "headers": {"Content-Type": event.headers["Content-Type"]}}
`,
  'openwhisk/hello.py': 'def main(args): return {"body": "<h3>" + args.get("name", "nobody") + "</h3>"}\n',
  'tencent/index.py': `def main_handler(event, context):
    return {"isBase64Encoded": False, "statusCode": 200, "headers": {"Content-Type": "text/html"}, "body": event["httpMethod"] + " " + event["queryString"]["name"]}
`,
};

const JSON_BODY = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"name":"Jane"}',
};

let node: TestNode;
before(async () => {
  const isolation = (await bubblewrapRefusal(lookAtMachine())) === null ? 'sandbox' : 'process';
  node = await TestNode.start({ isolation });
  await node.deploy('snakes', APP);
});
after(() => node.close());

test("vendors' functions in one app: each answers as at home", async () => {
  const told = async (path: string, options: object = {}) => {
    const { status, text } = await node.ask(`/@snakes/${path}`, options);
    return [status, text];
  };
  assert.deepEqual(await told('alibaba?name=Jane'), [201, 'Jane alibaba']);
  assert.deepEqual(await told('api/http_trigger', JSON_BODY), [200, 'Hello, Jane.']);
  assert.equal((await told('clock'))[0], 404);
  const fission = await node.ask('/@snakes/fission/Jane');
  assert.deepEqual([fission.text, fission.headers['x-vendor']], ['Hello, Jane', 'fission']);
  assert.deepEqual((await node.ask('/@snakes/fn', JSON_BODY)).json, { message: 'Hello Jane' });
  assert.deepEqual(await told('google?name=Joe'), [200, 'Hello Joe!']);
  assert.deepEqual((await node.ask('/@snakes/knative', JSON_BODY)).json, {
    method: 'POST',
    json: { name: 'Jane' },
  });
  assert.deepEqual(await told('kubeless', JSON_BODY), [200, 'Jane foobar']);
  assert.deepEqual(await told('nuclio?name=Jane'), [201, 'Hello Jane']);
  assert.deepEqual(await told('openfaas', JSON_BODY), [202, '{"name":"Jane"}']);
  assert.deepEqual(await told('openwhisk', JSON_BODY), [200, '<h3>Jane</h3>']);
  assert.deepEqual(await told('tencent?name=Jane'), [200, 'GET Jane']);
});

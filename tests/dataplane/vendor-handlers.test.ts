import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestNode } from '../harness/test-node.ts';

/** Each as its vendor's documentation begins, in one app. */
const APP = {
  'mayfly.yaml': `functions:
  fission: {handler: fission/hello.greet, dialect: fission, routes: ['/fission/:who']}
  fn: {handler: fn/func.js}
  knative: {handler: knative/index.js, dialect: knative}
  kubeless: {handler: kubeless/test.foobar, dialect: kubeless}
  nuclio: {handler: nuclio/main.handler, dialect: nuclio}
  openfaas: {handler: openfaas/handler.js, dialect: openfaas}
  openwhisk: {handler: openwhisk/hello.js, dialect: openwhisk, routes: ['/openwhisk', '/openwhisk/*']}
  tencent: {handler: tencent/index.main_handler, dialect: tencent}
`,
  'fission/hello.js': `exports.greet = async (context) => ({
    status: 200, body: 'Hello, ' + context.request.headers['x-fission-params-who'], headers: { 'X-Vendor': 'fission' } });`,
  'fn/func.js': `const fdk = require('@fnproject/fdk');
    fdk.handle(function (input) { return { message: 'Hello ' + (input.name || 'World') }; });`,
  'knative/index.js': `let ready = 'no';
    const handle = async (context, body) => ({ body: { ready, query: context.query, body } });
    module.exports = { handle, init: async () => { ready = 'yes'; } };`,
  'kubeless/test.js': `module.exports = { foobar(event, context) { return event.data.name + ' ' + context['function-name']; } };`,
  'nuclio/main.js': `exports.initContext = async (context) => { context.userData.greeting = 'Hello'; };
    exports.handler = (context, event) => context.callback(new context.Response(
      context.userData.greeting + ' ' + event.fields.name, { 'X-Vendor': 'nuclio' }, 'text/plain', 201));`,
  'openfaas/handler.js': `'use strict'
    module.exports = async (event, context) => {
      const result = { body: JSON.stringify(event.body), 'content-type': event.headers['content-type'] };
      return context.status(200).succeed(result);
    }`,
  'openwhisk/hello.js': `function main({ name, __ow_path }) {
    return { body: '<h3>' + (name || 'nobody') + __ow_path + '</h3>' };
  }`,
  'tencent/index.js': `'use strict';
    exports.main_handler = async (event, context) => ({
      isBase64Encoded: false, statusCode: 200, headers: { 'Content-Type': 'text/html' },
      body: event.httpMethod + ' ' + event.queryString.name + ' ' + context.function_name });`,
};

const JSON_BODY = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"name":"Jane"}',
};

describe("vendors' functions in one app", { concurrency: false }, () => {
  let node: TestNode;
  before(async () => {
    node = await TestNode.start();
    await node.deploy('shop', APP);
  });
  after(() => node.close());

  test('each answers as at home', async () => {
    const fission = await node.ask('/@shop/fission/Jane');
    assert.deepEqual([fission.text, fission.headers['x-vendor']], ['Hello, Jane', 'fission']);
    assert.deepEqual((await node.ask('/@shop/fn', JSON_BODY)).json, { message: 'Hello Jane' });
    const knative = await node.ask('/@shop/knative?a=1&a=2', JSON_BODY);
    assert.deepEqual(knative.json, { ready: 'yes', query: { a: ['1', '2'] }, body: { name: 'Jane' } });
    assert.equal((await node.ask('/@shop/kubeless', JSON_BODY)).text, 'Jane foobar');
    const nuclio = await node.ask('/@shop/nuclio?name=Jane');
    assert.deepEqual([nuclio.status, nuclio.text, nuclio.headers['x-vendor']], [201, 'Hello Jane', 'nuclio']);
    const openfaas = await node.ask('/@shop/openfaas', JSON_BODY);
    assert.deepEqual(openfaas.json, { body: '{"name":"Jane"}', 'content-type': 'application/json' });
    assert.equal((await node.ask('/@shop/openwhisk', JSON_BODY)).text, '<h3>Jane</h3>');
    assert.equal((await node.ask('/@shop/openwhisk/a/b?name=Joe')).text, '<h3>Joe/a/b</h3>');
    const tencent = await node.ask('/@shop/tencent?name=Jane');
    assert.deepEqual([tencent.text, tencent.headers['content-type']], ['GET Jane tencent', 'text/html']);
  });
});

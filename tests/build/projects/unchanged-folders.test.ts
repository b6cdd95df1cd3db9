import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { buildApp } from '../../../src/build/app-builder.ts';
import { loadApp } from '../../../src/build/app-loader.ts';
import type { ProjectOptions } from '../../../src/build/projects/foreign-project.ts';
import { TestNode } from '../../harness/test-node.ts';
import { copyFixture } from './project-reading.ts';

let node: TestNode;
before(async () => {
  node = await TestNode.start();
});
after(() => node.close());

/** What must be taken away before a deploy: functions that no runtime of this machine is sure to run. */
type Cut = readonly [file: string, pattern: RegExp, by: string];

/** Deploys a fixture as it is. @returns the app's name */
async function deploy(
  fixture: string,
  options: ProjectOptions = {},
  cuts: readonly Cut[] = [],
): Promise<string> {
  await using copy = await copyFixture(fixture);
  for (const [file, pattern, by] of cuts) {
    const text = await readFile(join(copy.dir, file), 'utf8');
    assert.match(text, pattern);
    await writeFile(join(copy.dir, file), text.replace(pattern, by));
  }
  const app = await loadApp(copy.dir, options);
  await node.deployBuilt(await buildApp(app));
  return app.name;
}

const post = (type: string, body: string) => ({ method: 'POST', headers: { 'content-type': type }, body });

test('OpenFaaS', async () => {
  const app = await deploy('openfaas', { env: {} }, [
    ['stack.yaml', /lang: node22/, 'lang: node24'],
    ['stack.yaml', /\n {2}count:[\s\S]*$/, '\n'],
  ]);
  const { text } = await node.ask(`/@${app}/function/shout/x`, post('application/json', '{"name":"ada"}'));
  assert.equal(text, 'POST /x hello ADA!');
});

test('Fission', async () => {
  const app = await deploy('fission', {}, [['specs/env-node.yaml', /node-env-22/, 'node-env']]);
  const signed = await node.ask(`/@${app}/book/ada`, post('application/json', '{"text":"thanks"}'));
  assert.deepEqual([signed.status, signed.text], [201, 'thanks from ada']);
  assert.deepEqual((await node.ask(`/@${app}/entries`)).json, ['first', 'second']);
});

test('Fn', async () => {
  const app = await deploy('fn');
  const weighed = await node.ask(`/@${app}/t/parcels/weigh`, post('application/json', '{"grams":1500}'));
  assert.deepEqual(weighed.json, { weight: 1.5, unit: 'kg', depot: 'Lyon' });
  const refused = await node.ask(`/@${app}/invoke/weigh`, post('application/json', '{"grams":0}'));
  assert.equal(refused.status, 422);
  assert.equal((await node.ask(`/@${app}/print`, post('text/plain', 'Ada'))).json, 'to Ada');
});

test('Knative', async () => {
  const app = await deploy('knative', { env: {} });
  const { json } = await node.ask(`/@${app}/?a=b`, post('application/json', '[1]'));
  assert.deepEqual(json, { method: 'POST', colour: 'blue', query: { a: 'b' }, got: [1] });
});

test('Nuclio', async () => {
  const app = await deploy('nuclio');
  assert.equal((await node.ask(`/@${app}/reverse`, post('text/plain', 'abc'))).text, 'c-b-a');
});

test('Azure Functions, by folders and by code', async () => {
  const closed = await deploy('azure-v3');
  assert.equal((await node.ask(`/@${closed}/v1/greet/ada`)).status, 401);
  const open: Cut = ['local.settings.json', /"Values": \{/, '"Values": { "MAYFLY_AZURE_KEYS": "mine",'];
  const byFolders = await deploy('azure-v3', {}, [open]);
  assert.equal((await node.ask(`/@${byFolders}/v1/greet/ada?code=mine`)).text, 'Dear ada');
  assert.equal((await node.ask(`/@${byFolders}/v1/greet?code=mine`)).text, 'Dear stranger');
  const byCode = await deploy('azure-v4');
  assert.deepEqual((await node.ask(`/@${byCode}/api/notes/1`)).json, { note: 'buy milk' });
  const added = await node.ask(`/@${byCode}/api/notes`, post('text/plain', 'new'));
  // It asks for a key, and there are none yet.
  assert.equal(added.status, 401);
});

test('Cloudflare Workers', async () => {
  const app = await deploy('wrangler');
  assert.deepEqual((await node.ask(`/@${app}/a`)).json, { path: '/a', home: 'https://example.org' });
  const plain = await deploy('wrangler-jsonc');
  assert.equal((await node.ask(`/@${plain}/`)).text, 'plain');
});

test('Apache OpenWhisk', async () => {
  const cut: Cut = ['manifest.yaml', /\n {6}tally:[\s\S]*?(?=\n {4}sequences)/, ''];
  const app = await deploy('openwhisk', { env: { CUSTOMER: 'Ada' } }, [cut]);
  const hello = { greeting: 'Hello, Ada', currency: 'EUR', method: 'get' };
  assert.deepEqual((await node.ask(`/@${app}/api/v1/web/guest/shop/greeting`)).json, hello);
  assert.deepEqual((await node.ask(`/@${app}/shop/greet/x`)).json, hello);
  const part = await node.ask(`/@${app}/api/v1/web/guest/shop/greeting.text`);
  assert.deepEqual(
    [part.status, (await node.ask(`/@${app}/api/v1/web/guest/shop/greeting.json/body`)).json],
    [404, hello],
  );
  const cart = await node.ask(`/@${app}/shop/cart?x=1`, post('text/plain', 'four'));
  assert.equal(cart.text, 'raw 4 x=1');
});

test('Alibaba Cloud, both generations', async () => {
  const app = await deploy('alibaba', { env: {} });
  assert.equal((await node.ask(`/@${app}/photo-resize/a`)).text, '/photo-resize/a true info');
  assert.equal((await node.ask(`/@${app}/site`)).text, 'site');
  // As it stands it asks for signatures, and has no route.
  const open: Cut = ['s.yaml', /authType: function/, 'authType: anonymous'];
  const older = await deploy('alibaba-2', {}, [open]);
  assert.equal((await node.ask(`/@${older}/hello`)).text, 'GET /hello');
});

test('Tencent Cloud', async () => {
  const app = await deploy('tencent', { env: { DIARY_TOKEN: 'x' } });
  const { json } = await node.ask(`/@${app}/entries/monday`);
  assert.deepEqual(json, { path: '/entries/monday', day: 'monday', where: 'dev' });
});

test('Google', async () => {
  const app = await deploy('google');
  assert.deepEqual((await node.ask(`/@${app}/x?name=Ada`)).json, { path: '/x', name: 'Ada' });
  const several = await deploy('google-registered');
  assert.match((await node.ask(`/@${several}/hello`)).text, /^hello /);
});

test('Azure, Google and Knative in Python', async () => {
  const azure = await deploy('azure-python', { env: {} });
  assert.equal((await node.ask(`/@${azure}/hello/Ada`)).text, 'Hello Ada');
  const google = await deploy('google-python');
  assert.equal((await node.ask(`/@${google}/hello?name=Ada`)).text, 'Hello Ada');
  const attributes = {
    'ce-specversion': '1.0',
    'ce-id': '1',
    'ce-type': 't',
    'ce-source': '/s',
    'ce-subject': 'x',
  };
  const stored = await node.ask(`/@${google}/stored`, { method: 'POST', headers: attributes, body: '{}' });
  assert.deepEqual([stored.status, stored.text], [200, 'OK']);
  const knative = await deploy('knative-python');
  const parrot = await node.ask(`/@${knative}/`, { method: 'POST', headers: attributes, body: '[1]' });
  assert.deepEqual((parrot.json as { data: unknown }).data, [1]);
});

test('OpenFaaS in Python', async () => {
  const app = await deploy('openfaas', { env: {} }, [
    ['stack.yaml', /lang: node22/, 'lang: node24'],
    ['stack.yaml', /\n {2}report:[\s\S]*?(?=\n {2}classic:)/, '\n'],
  ]);
  assert.equal((await node.ask(`/@${app}/function/reverse`, post('text/plain', 'Ada'))).text, 'adA');
});

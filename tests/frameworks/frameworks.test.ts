import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { buildApp } from '../../src/build/app-builder.ts';
import { loadApp } from '../../src/build/app-loader.ts';
import { eventually, TestNode } from '../harness/test-node.ts';

/** How a function of `app/` is run; all of them are the same small application. */
const FUNCTIONS = {
  express: 'the dialect http',
  fastify: 'the dialect http',
  hono: 'the dialect http',
  'express-lambda': 'serverless-http and the dialect lambda',
  'express-codegenie': '@codegenie/serverless-express and the dialect lambda',
  'fastify-lambda': 'serverless-http and the dialect lambda',
  'hono-lambda': 'serverless-http and the dialect lambda',
  'express-process': 'the runtime http',
  flask: 'the runtime http',
} as const;

const noFlask =
  spawnSync('/usr/bin/python3', ['-c', 'import flask']).status !== 0 && 'Flask is not installed';

describe('applications of frameworks run as they are', () => {
  let node: TestNode;
  before(async () => {
    node = await TestNode.start();
    await node.deployBuilt(await buildApp(await loadApp(join(import.meta.dirname, 'app'))));
  });
  after(() => node.close());

  for (const [name, how] of Object.entries(FUNCTIONS)) {
    test(`${name}: ${how}`, { skip: name === 'flask' && noFlask }, async () => {
      const base = `/@frameworks/${name}`;
      const hello = await node.ask(`${base}/hello/ada%20l?tag=a&tag=b`, {
        headers: { 'x-forwarded-proto': 'https' },
      });
      assert.deepEqual([hello.status, hello.json], [200, { hello: 'ada l', tags: ['a', 'b'], via: 'https' }]);

      const body = JSON.stringify({ text: 'häß', list: [1, 2] });
      const headers = {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
      };
      const echo = await node.ask(`${base}/echo`, { method: 'POST', headers, body });
      assert.deepEqual([echo.status, echo.json], [201, JSON.parse(body)]);

      const cookies = await node.ask(`${base}/cookies`);
      const baked = (cookies.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]);
      assert.deepEqual([cookies.text, baked], ['baked', ['a=1', 'b=2']]);

      const binary = await node.ask(`${base}/binary`);
      assert.equal(binary.headers['content-type'], 'image/png');
      assert.deepEqual([...binary.body], [0x89, 0x50, 0x4e, 0x47, 0, 255]);

      assert.equal((await node.ask(`${base}/fails`)).status, 500);
      assert.equal((await node.ask(`${base}/nothing`)).status, 404);
      const many = await Promise.all(Array.from({ length: 8 }, (_, n) => node.ask(`${base}/hello/${n}`)));
      assert.deepEqual(
        many.map(({ json }) => (json as { hello: string }).hello),
        ['0', '1', '2', '3', '4', '5', '6', '7'],
      );
    });
  }

  test('what a server prints is its log', async () => {
    await eventually(async () => (await node.logs()).find(({ message }) => message === 'listening'));
  });
});

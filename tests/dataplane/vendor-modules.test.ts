import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { TestNode } from '../harness/test-node.ts';

const VENDORS = {
  // One file, two functions; nothing says which vendor's they are but the import.
  'mayfly.yaml': `functions:
  hello: {handler: src/index.js}
  other: {handler: src/index.js#second}
  items: {handler: src/items.ts, routes: ['/api/items/:id']}
`,
  'src/index.js': `
    const functions = require('@google-cloud/functions-framework');
    functions.http('hello', (req, res) => res.status(201).json({ path: req.path, name: req.query.name, body: req.body }));
    functions.http('second', (req, res) => res.send(process.env.FUNCTION_TARGET));
  `,
  'src/items.ts': `
    import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
    export async function items(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
      return { status: 202, jsonBody: { id: request.params.id, name: context.functionName } };
    }
    app.http('items', { methods: ['GET'], route: 'items/{id}', handler: items });
  `,
};

const EXPRESS = {
  ...VENDORS,
  'functions/shop.ts': `
    import { http } from '@google-cloud/functions-framework';
    import express, { type Request, type Response } from 'express';
    const app = express();
    app.use(express.json());
    app.post('/shop/:id', (req: Request, res: Response) => {
      res.cookie('a', '1').cookie('b', '2').status(202).json({ id: req.params.id, body: req.body });
    });
    http('shop', app);
  `,
  'mayfly.yaml': `${VENDORS['mayfly.yaml']}  shop: {routes: ['/shop/*']}\n`,
};

describe("a vendor's module", { concurrency: false }, () => {
  let node: TestNode;
  before(async () => {
    node = await TestNode.start();
    await node.deploy('bare', VENDORS);
    await symlink(join(import.meta.dirname, '../../node_modules'), join(node.folder, 'node_modules'));
    await node.deploy('installed', EXPRESS);
  });
  after(() => node.close());

  for (const app of ['installed', 'bare']) {
    test(`is there: ${app}`, async () => {
      const hello = await node.ask(`/@${app}/hello?name=x`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"n":1}',
      });
      assert.deepEqual([hello.status, hello.json], [201, { path: '/hello', name: 'x', body: { n: 1 } }]);
      const other = await node.ask(`/@${app}/other`);
      assert.deepEqual([other.status, other.text], [200, 'second']);
      const items = await node.ask(`/@${app}/api/items/7`);
      assert.deepEqual([items.status, items.json], [202, { id: '7', name: 'items' }]);
    });
  }

  test('an Express application answers', async () => {
    const answer = await node.ask('/@installed/shop/7', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"n":1}',
    });
    assert.deepEqual([answer.status, answer.json], [202, { id: '7', body: { n: 1 } }]);
    assert.deepEqual(answer.headers['set-cookie'], ['a=1; Path=/', 'b=2; Path=/']);
    assert.equal((await node.ask('/@installed/shop/x/y')).status, 404);
  });
});

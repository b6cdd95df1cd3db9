import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { TestNode } from '../harness/test-node.ts';

const GOOGLE = {
  // One file, two functions; nothing says which vendor's they are but the import.
  'mayfly.yaml': `functions:
  hello: {handler: src/index.js}
  other: {handler: src/index.js#second}
`,
  'src/index.js': `
    const functions = require('@google-cloud/functions-framework');
    functions.http('hello', (req, res) => res.status(201).json({ path: req.path, name: req.query.name, body: req.body }));
    functions.http('second', (req, res) => res.send(process.env.FUNCTION_TARGET));
  `,
};

const EXPRESS = {
  ...GOOGLE,
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
  'mayfly.yaml': `${GOOGLE['mayfly.yaml']}  shop: {routes: ['/shop/*']}\n`,
};

describe("a vendor's module", { concurrency: false }, () => {
  let node: TestNode;
  before(async () => {
    node = await TestNode.start();
    await node.deploy('bare', GOOGLE);
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

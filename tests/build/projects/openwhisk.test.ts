import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFixture } from './project-reading.ts';

test('actions, with what leads to them', async () => {
  const project = await readFixture('openwhisk', { env: { CUSTOMER: 'Ada' } });
  const base = '/api/v1/web/:namespace/shop/greeting';
  assert.deepEqual(project.function('greeting'), {
    handler: 'src/greeting.js',
    runtime: 'nodejs24',
    dialect: 'openwhisk',
    memory: 256,
    timeout: 20_000,
    concurrency: { perInstance: 3 },
    env: { MAYFLY_OPENWHISK_PARAMETERS: '{"currency":"EUR","name":"Ada"}' },
    routes: [
      ...['', '/*', '.http', '.http/*', '.json', '.json/*', '.html', '.svg', '.text'].map(
        (end) => base + end,
      ),
      'GET /shop/greet/:name',
    ],
    triggers: [{ event: 'person-met' }],
  });
  const cart = project.function('cart');
  assert.deepEqual([cart.root, cart.handler], ['src/cart', 'index.js']);
  assert.equal(cart.env?.MAYFLY_OPENWHISK_RAW, 'true');
  // Whoever comes by the API has its key there; the other way asks for one that is not here.
  assert.deepEqual(cart.routes, ['POST /shop/cart']);
  const hidden = project.function('hidden');
  assert.deepEqual([hidden.handler, hidden.routes], ['src/hidden.js#compute', []]);
  assert.deepEqual(hidden.triggers, [
    { schedule: { cron: '0 * * * *', input: { name: 'hourly' } } },
    { stream: { name: 'orders', of: 'table' } },
  ]);
  assert.equal(project.function('tally').runtime, 'python3');
});

test('sequences, foreign feeds and keys are told', async () => {
  const { about } = await readFixture('openwhisk');
  assert.match(about('packages.shop.sequences.order')[0] ?? '', /^later /);
  assert.match(about('packages.shop.triggers.changed.feed')[0] ?? '', /^later .*cloudant/);
  const auth = 'packages.shop.actions.cart.annotations.require-whisk-auth';
  assert.match(about(auth)[0] ?? '', /^later the route is not made/);
  assert.match(about('packages.shop.actions.greeting.runtime')[0] ?? '', /there is no nodejs:20/);
});

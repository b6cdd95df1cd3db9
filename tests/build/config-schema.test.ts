import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import fc from 'fast-check';
import { Check } from 'typebox/value';
import { AppFileSchema } from '../../src/build/config-schema.ts';
import { findMismatches, type Schema } from '../../src/build/schema-mismatch.ts';

test('the published schema is the one that validates', async () => {
  const file = new URL('../../schema/mayfly.schema.json', import.meta.url);
  assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), JSON.parse(JSON.stringify(AppFileSchema)));
});

/** Values near the schema: right keys with right and wrong values, wrong keys, wrong shapes. */
const leaf = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    1,
    -1,
    1.5,
    64,
    20_000,
    '',
    '10s',
    '10',
    '256MB',
    'GET /a',
    'a b',
  ),
  fc.constantFrom<unknown>(
    'fetch',
    'nodejs24',
    'full',
    'none',
    '*',
    '/x/:id',
    'hello',
    'Hello',
    [],
    {},
    ['*'],
    [1],
  ),
);
const mapping = (keys: readonly string[], value: fc.Arbitrary<unknown>) =>
  fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 3 });
const cors = mapping(['origins', 'methods', 'credentials', 'maxAge', 'origin'], leaf);
const route = fc.oneof(leaf, mapping(['path', 'method', 'methods', 'cors', 'pth'], fc.oneof(leaf, cors)));
const inner = fc.oneof(
  { weight: 3, arbitrary: leaf },
  mapping(['perInstance', 'max', 'provisioned', 'timeout', 'KEY', 'k-y'], leaf),
  fc.array(route, { maxLength: 3 }),
  cors,
);
const keys = [
  'memory',
  'timeout',
  'dialect',
  'network',
  'env',
  'concurrency',
  'queue',
  'cors',
  'external',
  'nope',
];
const fn = mapping([...keys, 'handler', 'routes', 'minify'], inner);
const functions = mapping(['hello', 'a1', 'Bad'], fc.oneof(leaf, fn));
const share = fc.oneof(leaf, fc.constantFrom<unknown>('5%', '5% 10m', '5% 10m, 100%', 'off', '5%%'));
const guards = mapping(
  ['errors', 'p99', 'coldStarts', 'metrics', 'calls', 'falseAlarm', 'error'],
  fc.oneof(share, mapping(['orders.lost', '1x'], leaf)),
);
const plan = mapping(
  ['steps', 'key', 'guards', 'step'],
  fc.oneof(share, guards, fc.constantFrom<unknown>('cookie', 'header:x-user', 'header:')),
);
const request = mapping(['request', 'headers', 'body', 'status', 'contains', 'timeout', 'url'], inner);
const resources = mapping(['queues', 'Queues'], fc.oneof(leaf, mapping(['orders', 'Orders'], inner)));
const release = fc.oneof(
  share,
  plan,
  resources,
  fc.array(fc.oneof(share, request, mapping(['weight', 'hold'], share)), { maxLength: 3 }),
);
const app = mapping(
  [...keys, 'name', '$schema', 'runtime', 'functions', 'canary', 'smoke', 'resources'],
  fc.oneof(inner, functions, release),
);

test('the words about a value agree with the schema on whether it is right', () => {
  let right = 0;
  fc.assert(
    fc.property(app, (value) => {
      const valid = Check(AppFileSchema, value);
      if (valid) right += 1;
      const mismatches = findMismatches(AppFileSchema as Schema, value);
      assert.equal(mismatches.length === 0, valid, JSON.stringify({ value, mismatches }));
    }),
    { numRuns: 3_000 },
  );
  assert.ok(right > 100, `only ${right} of the values were right: the generator tests nothing`);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseHandler } from './dialect-inference.ts';
import type { ModuleExports } from './module-exports.ts';

function exporting(format: 'esm' | 'cjs', names: string, complete = true): ModuleExports {
  return { format, names: new Set(names === '' ? [] : names.split(' ')), complete };
}

test('inferred: what is certain', () => {
  assert.deepEqual(chooseHandler(exporting('esm', 'default'), null, null), {
    dialect: 'fetch',
    export: 'default',
  });
  assert.deepEqual(chooseHandler(exporting('esm', 'default handler'), null, null), {
    dialect: 'fetch',
    export: 'default',
  });
  assert.deepEqual(chooseHandler(exporting('esm', 'handler other'), null, null), {
    dialect: 'lambda',
    export: 'handler',
  });
  assert.deepEqual(chooseHandler(exporting('cjs', 'handler'), null, null), {
    dialect: 'lambda',
    export: 'handler',
  });
  assert.deepEqual(chooseHandler(exporting('cjs', 'handler'), null, 'handler'), {
    dialect: 'lambda',
    export: 'handler',
  });
});

test('asked back: what is not', () => {
  const unclear: [ModuleExports, string | null][] = [
    [exporting('esm', 'main other'), null],
    [exporting('esm', 'default handler'), 'handler'],
    [exporting('esm', 'list'), 'list'],
    [exporting('esm', '', false), null],
    [exporting('cjs', 'default', false), null],
    [exporting('cjs', 'handler', false), null],
  ];
  for (const [exports, chosen] of unclear) {
    const answer = chooseHandler(exports, null, chosen);
    assert.ok('fault' in answer, `${[...exports.names].join(' ')} ${chosen}`);
    assert.match(answer.fault, /does not tell which dialect/);
    assert.match(answer.suggestion ?? '', /^write "dialect: (fetch|lambda)"/);
  }
});

test('declared: the usual export, or the chosen one', () => {
  const both = exporting('esm', 'default handler other');
  assert.deepEqual(chooseHandler(both, 'lambda', null), { dialect: 'lambda', export: 'handler' });
  assert.deepEqual(chooseHandler(both, 'event', null), { dialect: 'event', export: 'default' });
  assert.deepEqual(chooseHandler(both, 'fetch', 'other.deep'), { dialect: 'fetch', export: 'other.deep' });
  assert.deepEqual(chooseHandler(exporting('esm', 'default'), 'lambda', null), {
    dialect: 'lambda',
    export: 'default',
  });
  assert.deepEqual(chooseHandler(exporting('cjs', '', false), 'lambda', null), {
    dialect: 'lambda',
    export: 'handler',
  });
});

test('missing exports are told with what there is', () => {
  assert.deepEqual(chooseHandler(exporting('esm', 'b a'), 'fetch', 'c'), {
    fault: 'has no export "c"',
    suggestion: 'it exports a, b',
  });
  assert.deepEqual(chooseHandler(exporting('esm', 'a'), 'lambda', null), {
    fault: 'has no export "handler" or "default", which dialect "lambda" needs',
    suggestion: 'it exports a',
  });
  assert.deepEqual(chooseHandler(exporting('esm', ''), null, null), {
    fault: 'exports nothing',
    suggestion: 'write "export default () => …"',
  });
});

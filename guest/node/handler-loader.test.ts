import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pickExport } from './handler-loader.ts';

const handler = () => 'x';

test('an export is found by its path', () => {
  assert.equal(pickExport({ handler }, 'handler'), handler);
  assert.equal(pickExport({ a: { b: { c: handler } } }, 'a.b.c'), handler);
  assert.equal(pickExport({ a: Object.assign(() => 1, { b: handler }) }, 'a.b'), handler);
});

test('the default export is found however the module was made', () => {
  assert.equal(pickExport({ default: handler }, 'default'), handler);
  assert.equal(pickExport(handler, 'default'), handler);
  const compiled = { __esModule: true, default: handler };
  assert.equal(pickExport(compiled, 'default'), handler);
  assert.equal(pickExport({ default: compiled }, 'default'), handler);
});

test('a named export may stand on the default one', () => {
  assert.equal(pickExport({ default: { handler } }, 'handler'), handler);
  assert.equal(pickExport({ default: { a: { b: handler } } }, 'a.b'), handler);
});

test('what is not there is undefined, whatever stands in the way', () => {
  for (const loaded of [undefined, null, 5, 'text', {}, { a: null }, { default: null }, { a: 1 }]) {
    assert.equal(pickExport(loaded, 'a.b'), undefined);
  }
});

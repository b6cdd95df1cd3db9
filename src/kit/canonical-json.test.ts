import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.ts';

test('keys are sorted at every depth, lists keep their order', () => {
  assert.equal(canonicalJson({ b: [{ d: 1, c: 2 }, 3], a: null }), '{"a":null,"b":[{"c":2,"d":1},3]}');
});

test('the text says the same as the value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.equal(canonicalJson(JSON.parse(canonicalJson(value))), canonicalJson(value));
      assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('a key named __proto__ is a key like any other', () => {
  const value: unknown = JSON.parse('{"b":1,"__proto__":{"y":1,"x":2}}');
  assert.equal(canonicalJson(value), '{"__proto__":{"x":2,"y":1},"b":1}');
});

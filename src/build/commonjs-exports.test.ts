import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCommonJsExports } from './commonjs-exports.ts';

function read(text: string): [names: string, complete: boolean] {
  const { names, complete } = readCommonJsExports(text);
  return [[...names].sort().join(' '), complete];
}

test('assigned names', () => {
  assert.deepEqual(read('exports.handler = async () => 1;'), ['handler', true]);
  assert.deepEqual(read('module.exports.handler = f;\nexports["x-y"] = 1;'), ['handler x-y', true]);
  assert.deepEqual(read('exports.a = exports.b = void 0;'), ['a b', true]);
  assert.deepEqual(read('Object.defineProperty(exports, "late", { get: () => 1 });'), ['late', true]);
});

test('a comparison or a call is no assignment', () => {
  assert.deepEqual(read('if (exports.a == 1) exports.b = exports.helper();'), ['b', true]);
});

test('a literal with its members on one level', () => {
  assert.deepEqual(
    read('module.exports = { handler, b: { c: 1 }, async d() { return { e } }, "f-g": "h, i: }" };'),
    ['b d f-g handler', true],
  );
  assert.deepEqual(read('module.exports = {};'), ['', true]);
});

test('one thing as the whole export is the default export', () => {
  assert.deepEqual(read('module.exports = async (request) => 1;'), ['default', false]);
  assert.deepEqual(read('module.exports = require("./other");'), ['default', false]);
  assert.deepEqual(read('module.exports = { ...others };'), ['default', false]);
});

test('a compiled ES module', () => {
  const text = 'Object.defineProperty(exports, "__esModule", { value: true });\nexports.default = handler;';
  assert.deepEqual(read(text), ['default', true]);
});

test('exports handed to somebody else are not all known', () => {
  assert.deepEqual(read('Object.assign(exports, more);'), ['', false]);
  assert.deepEqual(read('__exportStar(require("./a"), exports);\nexports.b = 1;'), ['b', false]);
});

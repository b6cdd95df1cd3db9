import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { editDistance, nearestWord } from './edit-distance.ts';

test('distances count single edits', () => {
  assert.equal(editDistance('', 'abc'), 3);
  assert.equal(editDistance('memory', 'memory'), 0);
  assert.equal(editDistance('memmory', 'memory'), 1);
  assert.equal(editDistance('timeuot', 'timeout'), 1);
  assert.equal(editDistance('kitten', 'sitting'), 3);
});

test('distance is symmetric and bounded by the longer word', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (left, right) => {
      const distance = editDistance(left, right);
      assert.equal(distance, editDistance(right, left));
      assert.equal(distance === 0, left === right);
      assert.ok(distance <= Math.max(left.length, right.length));
    }),
  );
});

test('the nearest word is offered only when it is near', () => {
  const keys = ['memory', 'timeout', 'initTimeout', 'routes'];
  assert.equal(nearestWord('memmory', keys), 'memory');
  assert.equal(nearestWord('Timeout', keys), 'timeout');
  assert.equal(nearestWord('route', keys), 'routes');
  assert.equal(nearestWord('colour', keys), null);
});

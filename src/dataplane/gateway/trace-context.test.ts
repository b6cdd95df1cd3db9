import assert from 'node:assert/strict';
import { test } from 'node:test';
import { continueTrace } from './trace-context.ts';

const SHAPE = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

test('a valid trace goes on under a new parent', () => {
  const incoming = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
  const match = SHAPE.exec(continueTrace(incoming))!;
  assert.equal(match[1], '0af7651916cd43dd8448eb211c80319c');
  assert.notEqual(match[2], 'b7ad6b7169203331');
  assert.equal(match[3], '00');
});

test('none, or one that the standard calls invalid, begins a new sampled trace', () => {
  const zeroTrace = `00-${'0'.repeat(32)}-b7ad6b7169203331-01`;
  const zeroParent = `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`;
  for (const incoming of [
    undefined,
    '',
    'rubbish',
    zeroTrace,
    zeroParent,
    'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  ]) {
    const match = SHAPE.exec(continueTrace(incoming))!;
    assert.notEqual(match[1], '0af7651916cd43dd8448eb211c80319c');
    assert.notEqual(match[1], '0'.repeat(32));
    assert.equal(match[3], '01');
  }
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { jpegSize } from './jpeg-size.ts';

test('the size of a real photograph, and of nothing else', () => {
  const photograph = readFileSync(new URL('../../examples/quickstart/data/rocket.jpg', import.meta.url));
  assert.deepEqual(jpegSize(photograph), { width: 640, height: 427 });
  assert.equal(jpegSize(Buffer.from('not a picture at all')), null);
  assert.equal(jpegSize(photograph.subarray(0, 20)), null);
  assert.equal(jpegSize(Buffer.alloc(0)), null);
});

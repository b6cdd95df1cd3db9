import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { previewOf } from './preview-name.ts';

test('a branch whose name a host can carry names its preview', () => {
  assert.equal(previewOf('shop', 'checkout-2'), 'checkout-2');
});

test('what had to be changed gets a hash, and so does what pretends to have one', () => {
  assert.match(previewOf('shop', 'Feature/Login'), /^feature-login-[0-9a-f]{8}$/);
  assert.notEqual(previewOf('shop', 'feature/login'), previewOf('shop', 'feature-login'));
  const hashed = previewOf('shop', 'feature/login');
  assert.notEqual(previewOf('shop', hashed), hashed);
  assert.match(previewOf('shop', '支付'), /^branch-[0-9a-f]{8}$/);
});

test('no branch is taken for production', () => {
  assert.match(previewOf('shop', 'production'), /^production-[0-9a-f]{8}$/);
});

test('every branch has a name that a host can carry, and no two the same', () => {
  const branch = fc.oneof(
    fc.string({ minLength: 1, maxLength: 120 }),
    fc.stringMatching(/^[a-z0-9-]{1,80}$/),
  );
  const app = fc.stringMatching(/^[a-z0-9]{1,40}$/);
  fc.assert(
    fc.property(app, branch, branch, (name, one, other) => {
      const preview = previewOf(name, one);
      assert.match(preview, /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
      assert.ok(!preview.includes('--'));
      assert.ok(`${name}--${preview}`.length <= 63);
      if (one !== other) assert.notEqual(preview, previewOf(name, other));
    }),
  );
});

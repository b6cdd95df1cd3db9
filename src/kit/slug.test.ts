import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { slug } from './slug.ts';

test('text becomes a host label', () => {
  assert.equal(slug('My App (2)'), 'my-app-2');
  assert.equal(slug('getUser'), 'get-user');
  assert.equal(slug('Café_Zürich'), 'cafe-zurich');
  assert.equal(slug('--'), '');
  assert.equal(slug('x'.repeat(100)).length, 63);
});

test('whatever goes in, a valid name or nothing comes out, and it stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 90 }), (text) => {
      const name = slug(text);
      assert.match(name, /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?$/);
      assert.equal(slug(name), name);
    }),
  );
});

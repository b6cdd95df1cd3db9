import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressOf } from './address.ts';

const domains = ['localhost', 'apps.example.org'];

test('a host names an app under any of the domains, whatever its case and port', () => {
  for (const host of ['hello.localhost', 'HELLO.localhost:8080', 'hello.apps.example.org:80']) {
    assert.deepEqual(addressOf(host, '/a?b=c', domains), { name: 'hello', path: '/a?b=c' });
  }
  assert.deepEqual(addressOf('hello--preview.localhost', '/', domains)?.name, 'hello--preview');
});

test('a host outside the domains, or with more labels, names none', () => {
  for (const host of [
    '',
    'localhost',
    '.localhost',
    'a.b.localhost',
    'hello.example.com',
    '127.0.0.1:80',
    '[::1]:80',
  ]) {
    assert.equal(addressOf(host, '/', domains), null, host);
  }
});

test('a path prefix works on every host and wins over it', () => {
  for (const host of ['127.0.0.1:8080', 'other.localhost']) {
    assert.deepEqual(addressOf(host, '/@hello/a/b?c', domains), { name: 'hello', path: '/a/b?c' });
    assert.deepEqual(addressOf(host, '/@hello', domains), { name: 'hello', path: '/' });
    assert.deepEqual(addressOf(host, '/@hello?c', domains), { name: 'hello', path: '/?c' });
  }
});

test('whatever the request, the path begins with a slash', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (host, url) => {
      const address = addressOf(host, `/${url}`, domains);
      assert.ok(address === null || address.path.startsWith('/'));
    }),
  );
});

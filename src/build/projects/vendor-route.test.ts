import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readVendorPath, routesBelow } from './vendor-route.ts';

test("vendors' paths as patterns", () => {
  const patterns = (path: string) => readVendorPath(path).patterns;
  assert.deepEqual(patterns('/users/{id}'), ['/users/:id']);
  assert.deepEqual(patterns('users/{user-id?}'), ['/users', '/users/:user_id']);
  assert.deepEqual(patterns('/files/{path+}'), ['/files', '/files/*']);
  assert.deepEqual(patterns('/files/{*path}'), ['/files', '/files/*']);
  assert.deepEqual(patterns('/a/*'), ['/a', '/a/*']);
  assert.deepEqual(patterns('/'), ['/']);
  assert.deepEqual(patterns(''), ['/']);
  assert.deepEqual(routesBelow('x/y/'), ['/x/y', '/x/y/*']);
  assert.deepEqual(routesBelow('/'), ['/', '/*']);
});

test('what gets lost is said', () => {
  assert.match(readVendorPath('/{id:[0-9]+}').loss ?? '', /"\[0-9\]\+" of "id" is not checked/);
  assert.deepEqual(readVendorPath('/v{n}/x'), {
    patterns: ['/', '/*'],
    loss: '"v{n}" cannot be told from other paths; what follows "v{n}" is not compared',
  });
});

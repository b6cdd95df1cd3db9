import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRoute, routeIdentity } from './route-config.ts';

function patterns(entry: Parameters<typeof readRoute>[0]): string[] {
  const routes = readRoute(entry, undefined);
  if (typeof routes === 'string') throw new Error(routes);
  return routes.map(({ method, pattern }) => `${method} ${pattern}`);
}

test('a route is a method and a pattern; without a method it is for every one', () => {
  assert.deepEqual(patterns('GET /users/:id'), ['GET /users/:id']);
  assert.deepEqual(patterns('* /files/*'), ['* /files/*']);
  assert.deepEqual(patterns('/'), ['* /']);
  assert.deepEqual(patterns({ path: '/a', methods: ['GET', 'PUT', 'GET'] }), ['GET /a', 'PUT /a']);
  assert.deepEqual(patterns({ path: '/a', method: 'DELETE' }), ['DELETE /a']);
  assert.deepEqual(patterns('/a/'), ['* /a/']);
});

test('patterns that routers read in different ways are refused', () => {
  for (const path of [
    '/a*',
    '/*/b',
    '/:a-:b',
    '/:',
    '/a(b)',
    '/a?',
    '/a b',
    '/:id.json',
    '/%2e',
    `/${'x'.repeat(1_024)}`,
  ]) {
    assert.equal(typeof readRoute({ path }, undefined), 'string', path);
  }
});

test('routes that differ only in names of parameters are the same route', () => {
  const identity = (entry: string) => {
    const routes = readRoute(entry, undefined);
    return typeof routes === 'string' ? routes : routes.map(routeIdentity).join();
  };
  assert.equal(identity('GET /a/:b/c'), identity('GET /a/:other/c'));
  assert.notEqual(identity('GET /a/:b'), identity('GET /a/b'));
  assert.notEqual(identity('GET /a'), identity('PUT /a'));
});

test('cross-origin rules have defaults that work, and none that browsers refuse', () => {
  const corsOf = (cors: Parameters<typeof readRoute>[1], entry = 'GET /a') => {
    const routes = readRoute(entry, cors);
    return typeof routes === 'string' ? routes : routes[0]?.cors;
  };
  assert.equal(corsOf(undefined), null);
  assert.equal(corsOf(false), null);
  assert.deepEqual(corsOf(true), {
    origins: ['*'],
    methods: ['GET'],
    headers: ['*'],
    exposeHeaders: [],
    credentials: false,
    maxAgeS: 600,
  });
  assert.deepEqual(corsOf({ origins: ['https://a.example'], credentials: true, maxAge: '1h' }, '/a'), {
    origins: ['https://a.example'],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    headers: ['*'],
    exposeHeaders: [],
    credentials: true,
    maxAgeS: 3_600,
  });
  assert.match(String(corsOf({ credentials: true })), /name the origins/);
  assert.match(String(corsOf({ maxAge: '2d' })), /above 1d/);
});

test("a route's own cross-origin rules beat the function's", () => {
  const routes = readRoute({ path: '/a', cors: false }, true);
  assert.ok(typeof routes !== 'string');
  assert.equal(routes[0]?.cors, null);
});

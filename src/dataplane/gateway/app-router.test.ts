import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FunctionVersion } from '../../domain/function-version.ts';
import type { Route } from '../../domain/route.ts';
import { AppRouter, METHODS } from './app-router.ts';

function router(...routes: [method: string, pattern: string, fn: string][]): AppRouter {
  const functions = new Map(routes.map(([, , name]) => [name, { name } as FunctionVersion]));
  const table: Route[] = routes.map(([method, pattern, fn]) => ({
    method,
    pattern,
    function: fn,
    cors: null,
  }));
  return new AppRouter({
    app: 'a',
    environment: 'production',
    release: 'r',
    pin: 'r.0',
    functions,
    routes: table,
  });
}

function target(match: ReturnType<AppRouter['match']>): string {
  assert.equal(match.kind, 'found');
  return match.kind === 'found' ? match.target.version.name : '';
}

test('methods, parameters and the rest of a path', () => {
  const routes = router(['GET', '/users/:id', 'get'], ['POST', '/users', 'add'], ['*', '/files/*', 'files']);
  const found = routes.match('GET', '/users/a%20b');
  assert.equal(target(found), 'get');
  assert.deepEqual(found.kind === 'found' && found.params, { id: 'a b' });
  const rest = routes.match('DELETE', '/files/x/y.txt');
  assert.equal(target(rest), 'files');
  assert.deepEqual(rest.kind === 'found' && rest.params, { '*': 'x/y.txt' });
});

test('HEAD follows GET unless a route takes it', () => {
  const routes = router(['GET', '/a', 'get'], ['HEAD', '/b', 'head'], ['GET', '/b', 'get']);
  assert.equal(target(routes.match('HEAD', '/a')), 'get');
  assert.equal(target(routes.match('HEAD', '/b')), 'head');
});

test('a route with a method beats a route for every method, in any order', () => {
  for (const order of [0, 1]) {
    const list: [string, string, string][] = [
      ['*', '/a', 'any'],
      ['GET', '/a', 'get'],
    ];
    const routes = router(...(order === 0 ? list : list.reverse()));
    assert.equal(target(routes.match('GET', '/a')), 'get');
    assert.equal(target(routes.match('PUT', '/a')), 'any');
  }
});

test('it does so too when the two name their parameters differently', () => {
  const routes = router(['*', '/a/:any', 'any'], ['GET', '/a/:one', 'get']);
  assert.equal(target(routes.match('GET', '/a/1')), 'get');
  const match = routes.match('PUT', '/a/1');
  assert.deepEqual(match.kind === 'found' && match.params, { any: '1' });
});

test('another method lists what the path allows; an unknown path is none', () => {
  const routes = router(['GET', '/a', 'get'], ['POST', '/a', 'post']);
  const match = routes.match('DELETE', '/a');
  assert.deepEqual(match.kind === 'method' && match.allow, ['GET', 'HEAD', 'POST']);
  assert.equal(routes.match('GET', '/b').kind, 'none');
  assert.equal(routes.match('GET', '/%zz').kind, 'none');
  assert.equal(routes.match('BREW', '/a').kind, 'method');
});

test('a route for every method takes those that other routes name, and those that none does', () => {
  const every = METHODS.map((method) => [method, '/a/:id', method] as [string, string, string]);
  for (const named of [every.slice(0, 0), every.slice(0, 3), every]) {
    const routes = router(...named, ['*', '/a/fixed', 'all'], ['*', '/b/*', 'rest']);
    for (const method of METHODS) {
      assert.equal(target(routes.match(method, '/a/fixed')), 'all');
      assert.equal(target(routes.match(method, '/b/x')), 'rest');
    }
    for (const [method] of named) assert.equal(target(routes.match(method, '/a/1')), method);
    if (named.length === 3)
      assert.deepEqual(routes.match('TRACE', '/a/1'), {
        kind: 'method',
        allow: ['GET', 'HEAD', 'POST'],
        cors: null,
      });
    assert.deepEqual(routes.match('PROPFIND', '/c'), { kind: 'none' });
  }
});

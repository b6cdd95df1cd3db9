import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { bodyLength, functionHeaders, refuseTraversal, targetOf } from './request-head.ts';

const request = (change: Record<string, unknown>): IncomingMessage =>
  ({ method: 'GET', url: '/', headers: {}, rawHeaders: [], socket: { localPort: 8080 }, ...change }) as never;
const refused = { code: 'BAD_REQUEST' };

test('every form of target says host and path', () => {
  const of = (url: string, host?: string, method = 'GET') => {
    const { host: name, path } = targetOf(request({ url, method, headers: { host } }));
    return [name, path];
  };
  assert.deepEqual(of('/a?b', 'x:1'), ['x:1', '/a?b']);
  assert.deepEqual(of('//a', '[::1]:80'), ['[::1]:80', '//a']);
  assert.deepEqual(of('/', undefined), ['localhost:8080', '/']);
  assert.deepEqual(of('/', ''), ['localhost:8080', '/']);
  assert.deepEqual(of('http://y:2/a?b', 'x'), ['y:2', '/a?b']);
  assert.deepEqual(of('HTTPS://y', 'x'), ['y', '/']);
  assert.deepEqual(of('http://y?q', 'x'), ['y', '/?q']);
  assert.deepEqual(of('*', 'x', 'OPTIONS'), ['x', '*']);
  for (const [url, host] of [
    ['*', 'x'],
    ['a', 'x'],
    ['ftp://y/', 'x'],
    ['http:///a', 'x'],
    ['http://u:p@y/', 'x'],
    ['/', 'a b'],
    ['/', 'a@b'],
    ['/', 'a/b'],
    ['/', 'a\\b'],
    ['/', 'a?'],
    ['/', '[::'],
    ['/', 'x:99999'],
    ['/', '1.2.3.4.5'],
    ['/', 'ä'],
  ] as const)
    assert.throws(() => of(url, host), refused, `${url} ${host}`);
});

test('the function sees every field but those of the connection, and the trace as it goes on', () => {
  const rawHeaders = ['Host', 'x', 'TE', 'y', 'X-A', '1', 'X-B', '2', 'x-a', '3', 'TraceParent', 'old'];
  const of = (connection?: string) =>
    functionHeaders(
      request({ rawHeaders: [...rawHeaders, 'Connection', connection ?? ''], headers: { connection } }),
      'new',
    );
  const rest = ['Host', 'x', 'X-A', '1', 'X-B', '2', 'x-a', '3', 'traceparent', 'new'];
  for (const connection of [undefined, 'close', 'keep-alive', 'Keep-Alive', 'upgrade'])
    assert.deepEqual(of(connection), rest);
  assert.deepEqual(of('close, x-A'), ['Host', 'x', 'X-B', '2', 'traceparent', 'new']);
});

test('a body is as long as announced, of unknown length, or not there', () => {
  assert.equal(bodyLength(request({ headers: { 'content-length': '12' } })), 12);
  assert.equal(bodyLength(request({ headers: { 'transfer-encoding': 'chunked' } })), -1);
  assert.equal(bodyLength(request({})), 0);
});

test('a segment of two dots is refused however it is written, other dots are names', () => {
  for (const path of ['/..', '/a/../b', '/a/..', '/%2e%2E/a', '/.%2e', '/a\\..\\b', '/a/..\\b'])
    assert.throws(() => refuseTraversal(path), refused, path);
  for (const path of ['/', '/a..b', '/...', '/.well-known/x', '/%2e', '/a/%2f..%2fb', '/%252e%252e'])
    refuseTraversal(path);
});

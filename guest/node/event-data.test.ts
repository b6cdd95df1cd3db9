import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isText, parseBody } from './event-data.ts';

test('a body is parsed by its type', () => {
  const json = Buffer.from('{"a":1}');
  for (const type of [
    'application/json',
    'application/json; charset=utf-8',
    'application/problem+json',
    'TEXT/JSON',
  ]) {
    assert.deepEqual(parseBody(json, type), { a: 1 }, type);
  }
  for (const type of [
    'text/plain',
    'text/html; charset=utf-8',
    'application/xml',
    'image/svg+xml',
    'application/x-www-form-urlencoded',
  ]) {
    assert.equal(parseBody(json, type), '{"a":1}', type);
  }
  for (const type of ['application/octet-stream', 'image/png', 'application/jsonp', '']) {
    assert.equal(parseBody(json, type), json, type);
  }
  assert.equal(parseBody(Buffer.alloc(0), 'application/json'), undefined);
  assert.throws(() => parseBody(Buffer.from('{'), 'application/json'), SyntaxError);
});

test('text is told by type, and by its bytes when there is none', () => {
  assert.equal(isText(Buffer.from([0xff]), 'text/plain'), true);
  assert.equal(isText(Buffer.from('x'), 'image/png'), false);
  assert.equal(isText(Buffer.from('žluť'), undefined), true);
  assert.equal(isText(Buffer.from([0xff, 0xfe]), undefined), false);
  assert.equal(isText(Buffer.from([0xff]), ''), false);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MayflyError } from '../../domain/errors.ts';
import { responseHead } from './response-head.ts';

const seed = Date.now() & 0x7fffffff;
console.log(`# fast-check seed ${seed}`);

const ask = (headers: unknown, { status = 200, whole = -1, bodyless = false, policed = false } = {}) =>
  responseHead({ status, headers: headers as string[] }, whole, bodyless, policed);
const invalid = { code: 'RESPONSE_INVALID' };

test('fields pass as they are, repeated ones too, but for those of the connection and the gateway', () => {
  const passed = ['Set-Cookie', 'a', 'set-cookie', 'b', 'X-Odd', '', 'date', 'x'];
  const own = [
    'Connection',
    'close',
    'Transfer-Encoding',
    'chunked',
    'Upgrade',
    'x',
    'Trailer',
    'x',
    'TE',
    'x',
  ];
  const gateways = [
    'X-Mayfly-Request-Id',
    'mine',
    'x-mayfly-error',
    'NONE',
    'Keep-Alive',
    'x',
    'proxy-connection',
    'x',
  ];
  assert.deepEqual(ask([...own, ...passed, ...gateways]).headers, passed);
});

test('fields that the connection field lists stay on the connection', () => {
  const { headers } = ask([
    'x-a',
    '1',
    'connection',
    'X-A, x-b',
    'x-b',
    '2',
    'x-c',
    '3',
    'connection',
    'X-D',
    'x-d',
    '4',
  ]);
  assert.deepEqual(headers, ['x-c', '3']);
});

test('the length of a whole body is its own; HEAD keeps the promise; what has no body has no length', () => {
  const told = ['content-length', '9'];
  assert.deepEqual(ask(told), { headers: told, contentLength: 9 });
  assert.deepEqual(ask(told, { whole: 4 }), { headers: ['content-length', '4'], contentLength: 4 });
  assert.deepEqual(ask(told, { whole: 0, bodyless: true }), { headers: told, contentLength: 9 });
  assert.deepEqual(ask([], { whole: 4, bodyless: true }).headers, ['content-length', '4']);
  assert.deepEqual(ask([]), { headers: [], contentLength: -1 });
  for (const status of [204, 304]) assert.deepEqual(ask(told, { status, whole: 4 }).headers, []);
});

test('with a policy of the route the function says nothing about other origins', () => {
  const fields = ['Access-Control-Allow-Origin', '*', 'vary', 'Accept'];
  assert.deepEqual(ask(fields, { policed: true }).headers, ['vary', 'Accept']);
  assert.deepEqual(ask(fields).headers, fields);
});

test('what is no list of texts, or no field, is refused', () => {
  const bad: unknown[] = [
    ['a'],
    ['a', 1],
    [null, 'a'],
    [{}, []],
    ['a b', 'c'],
    ['', 'c'],
    ['a:', 'c'],
    ['a', 'b\r\nset-cookie: c'],
    ['a', 'b\nc'],
    ['a', '\0'],
    ['a', '漢'],
    ['a\r\nb', 'c'],
    ['connection', 'x\r\n'],
    new Array(2_002).fill('x'),
    ...['-1', '1.5', '', ' 1', '1e3', '0x1', '9'.repeat(16), '1, 1'].map((length) => [
      'content-length',
      length,
    ]),
  ];
  for (const headers of bad) assert.throws(() => ask(headers), invalid, JSON.stringify(headers));
  assert.equal(ask(new Array(2_000).fill('x')).headers.length, 2_000);
});

test('whatever comes, it is refused as the function’s fault or fits on one line of the answer', () => {
  const value = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\r\n', 'connection', 'x', '5'),
  );
  fc.assert(
    fc.property(fc.array(value, { maxLength: 8 }), fc.boolean(), (fields, policed) => {
      try {
        for (const text of ask(fields, { policed }).headers) assert.doesNotMatch(text, /[\r\n\0]/);
      } catch (thrown) {
        assert.ok(thrown instanceof MayflyError && thrown.code === 'RESPONSE_INVALID', String(thrown));
      }
    }),
    { seed, numRuns: 1_000 },
  );
});

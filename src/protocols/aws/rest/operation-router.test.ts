import assert from 'node:assert/strict';
import { it } from 'node:test';
import Type from 'typebox';
import { answer, operation } from './operation.ts';
import { readInput } from './operation-input.ts';
import { OperationRouter } from './operation-router.ts';

const row = (name: string, method: 'GET' | 'POST', path: string) =>
  operation({
    name,
    method,
    path,
    query: ['Max', 'Keys', 'Flag'],
    access: 'read',
    input: Type.Object({
      Name: Type.Optional(Type.String({ pattern: '^[a-z]+$', maxLength: 5 })),
      Max: Type.Optional(Type.Integer({ minimum: 1 })),
      Keys: Type.Optional(Type.Array(Type.String())),
      Flag: Type.Optional(Type.Boolean()),
      Kind: Type.Optional(Type.Enum(['A', 'B'])),
      Inner: Type.Optional(Type.Object({ Needed: Type.String() })),
    }),
    run: async () => answer(200, {}),
  });

const router = new OperationRouter([
  row('List', 'GET', '/v1/things'),
  row('Find', 'GET', '/v1/things?find=It'),
  row('Get', 'GET', '/v1/things/{Name}'),
  row('Make', 'POST', '/v1/things'),
]);
const match = (method: string, target: string) => router.match(method, target);

it('finds an operation by method, path, and what its query must say', () => {
  const names = [
    ['GET', '/v1/things'],
    ['GET', '/v1/things/'],
    ['GET', '/v1/things?find=It&x=1'],
    ['GET', '/v1/things?find=Other'],
    ['GET', '/v1/things/a%2Fb?x'],
    ['POST', '/v1/things'],
  ].map(([method, target]) => match(method!, target!)?.operation.name);
  assert.deepEqual(names, ['List', 'List', 'Find', 'List', 'Get', 'Make']);
  assert.deepEqual(match('GET', '/v1/things/a%2Fb')?.path, { Name: 'a/b' });
  for (const target of ['/', '/v1', '/v2/things', '/v1/things/a/b', '/v1/things/%zz'])
    assert.equal(match('GET', target), null);
  assert.equal(match('DELETE', '/v1/things'), null);
});

it('refuses two operations in one place', () => {
  assert.throws(() => new OperationRouter([row('A', 'GET', '/{x}'), row('B', 'GET', '/{y}')]), RangeError);
});

it('puts path, query and body together, and converts what was text', () => {
  const target = '/v1/things/abc?Max=3&Keys=a&Keys=b&Flag=true&Other=1';
  const body = Buffer.from('{"Kind":"A","Name":"body","Inner":null}');
  assert.deepEqual(readInput(match('GET', target)!, target, body), {
    Name: 'abc',
    Max: 3,
    Keys: ['a', 'b'],
    Flag: true,
    Kind: 'A',
  });
});

it('says what is wrong in the words of AWS', () => {
  const problem = (target: string, body: string) => {
    try {
      return readInput(match('GET', target)!, target, Buffer.from(body));
    } catch (thrown) {
      const { type, message } = thrown as { type: string; message: string };
      return [type, message];
    }
  };
  assert.deepEqual(problem('/v1/things/A', ''), [
    'ValidationException',
    "1 validation error detected: Value 'A' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-z]+$",
  ]);
  assert.deepEqual(problem('/v1/things?Max=0', '{"Kind":"C"}'), [
    'ValidationException',
    "2 validation errors detected: Value '0' at 'max' failed to satisfy constraint: Member must have value greater than or equal to 1; Value 'C' at 'kind' failed to satisfy constraint: Member must satisfy enum value set: [A, B]",
  ]);
  assert.deepEqual(problem('/v1/things', '{"Inner":{}}'), [
    'ValidationException',
    "1 validation error detected: Value null at 'inner.needed' failed to satisfy constraint: Member must not be null",
  ]);
  assert.deepEqual(problem('/v1/things?Max=x', ''), [
    'SerializationException',
    "The value at 'max' is not of type integer",
  ]);
  for (const body of ['{', '[]', '1', 'x'])
    assert.equal((problem('/v1/things', body) as string[])[0], 'SerializationException');
});

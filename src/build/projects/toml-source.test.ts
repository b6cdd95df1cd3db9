import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTomlSource } from './toml-source.ts';

const TEXT = `name = "x"
[a]
b.c = 1
[[list]]
k = 1
[[list]]
  k = 2
[list.inner]
z = true
["quoted key"]
y = 0
`;

test('keys, tables and members of lists have their lines', () => {
  const { placeOf, value } = readTomlSource('/f/x.toml', 'x.toml', TEXT);
  assert.equal((value as { name: string }).name, 'x');
  const at = (...path: (string | number)[]) => {
    const { line, column } = placeOf(path, 'key');
    return [line, column];
  };
  assert.deepEqual(at('name'), [1, 1]);
  assert.deepEqual(at('a', 'b', 'c'), [3, 1]);
  assert.deepEqual(at('list', 1, 'k'), [7, 3]);
  assert.deepEqual(at('list', 1, 'inner', 'z'), [9, 1]);
  assert.deepEqual(at('quoted key', 'y'), [11, 1]);
  assert.deepEqual(at('a', 'unknown'), [2, 1], 'the nearest enclosing thing');
});

test('what is no TOML is a problem at its place', () => {
  const { problems } = readTomlSource('/f/x.toml', 'x.toml', 'a = 1\nb = ]');
  assert.deepEqual(
    problems.map(({ file, line }) => [file, line]),
    [['x.toml', 2]],
  );
});

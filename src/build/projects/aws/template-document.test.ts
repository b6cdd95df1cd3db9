import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTemplateDocument } from './template-document.ts';

const read = (text: string) => readTemplateDocument('/a/t.yml', 't.yml', text);

test('short tags become their long forms, wherever they stand', () => {
  const { value, problems } = read(`
a: !Ref Table
b: !GetAtt Table.Stream.Arn
c: !Join [',', [!Ref A, !Sub '\${B}-x']]
d: !If [Cond, { x: !ImportValue y }, !Ref 'AWS::NoValue']
e: !Not [!Condition C]
`);
  assert.deepEqual(problems, []);
  assert.deepEqual(value, {
    a: { Ref: 'Table' },
    b: { 'Fn::GetAtt': ['Table', 'Stream.Arn'] },
    c: { 'Fn::Join': [',', [{ Ref: 'A' }, { 'Fn::Sub': `\${B}-x` }]] },
    d: { 'Fn::If': ['Cond', { x: { 'Fn::ImportValue': 'y' } }, { Ref: 'AWS::NoValue' }] },
    e: { 'Fn::Not': [{ Condition: 'C' }] },
  });
});

test('merges and aliases give their values, and places lead to where something is written', () => {
  const { value, placeOf } = read(`base: &base
  memory: 1
  time: 2
one:
  <<: *base
  time: 3
two: *base
`);
  assert.deepEqual(value, {
    base: { memory: 1, time: 2 },
    one: { memory: 1, time: 3 },
    two: { memory: 1, time: 2 },
  });
  assert.deepEqual(placeOf(['one', 'time'], 'value'), { file: 't.yml', line: 6, column: 9 });
  assert.deepEqual(placeOf(['one', 'memory'], 'key'), { file: 't.yml', line: 2, column: 3 });
  assert.equal(placeOf(['one', 'gone', 'deep'], 'value').line, 5);
});

test('a file that is none is told at its place; one that aliases blow up is refused', () => {
  assert.equal(read('a: [1\nb: 2\n').problems[0]?.line, 2);
  const levels = Array.from(
    { length: 9 },
    (_, index) => `a${index + 1}: &a${index + 1} [${Array(9).fill(`*a${index}`).join(',')}]`,
  );
  const { problems } = read(`a0: &a0 [x]\n${levels.join('\n')}\n`);
  assert.match(problems[0]?.message ?? '', /more than 100000 values/);
});

test('JSON is read as well', () => {
  assert.deepEqual(read('{"a": {"Fn::Sub": "x"}, "b": [1, true, null]}').value, {
    a: { 'Fn::Sub': 'x' },
    b: [1, true, null],
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readVariables, type VariableText } from './variable-syntax.ts';

/** What a text is made of, sources in short. */
const show = (text: VariableText): unknown[] =>
  text.map((part) =>
    typeof part === 'string'
      ? part
      : part.sources.map((source) => {
          if (source.kind === 'literal') return { literal: source.value };
          if (source.kind === 'variable') return { variable: show([source.variable]) };
          return {
            [source.type]: [source.argument && show(source.argument), source.address && show(source.address)],
          };
        }),
  );

test('sources, defaults, arguments and variables in variables are told apart', () => {
  const read = (text: string) => show(readVariables(text));
  assert.deepEqual(read(`a-\${self:x.y}-b`), ['a-', [{ self: [null, ['x.y']] }], '-b']);
  assert.deepEqual(read(`\${opt:stage, self:provider.stage, 'de v'}`), [
    [{ opt: [null, ['stage']] }, { self: [null, ['provider.stage']] }, { literal: 'de v' }],
  ]);
  assert.deepEqual(read(`\${file(./a.\${sls:stage}.yml):b.c, null}`), [
    [{ file: [['./a.', [{ sls: [null, ['stage']] }], '.yml'], ['b.c']] }, { literal: null }],
  ]);
  assert.deepEqual(read(`\${self:custom.\${opt:a, "x"}, \${env:B}, 5, true, plain}`), [
    [
      { self: [null, ['custom.', [{ opt: [null, ['a']] }, { literal: 'x' }]]] },
      { variable: [[{ env: [null, ['B']] }]] },
      { literal: 5 },
      { literal: true },
      { literal: 'plain' },
    ],
  ]);
  assert.deepEqual(read(`\${ssm(eu-west-1):/a/b}`), [[{ ssm: [['eu-west-1'], ['/a/b']] }]]);
});

test("what is CloudFormation's, or not closed, stays text", () => {
  for (const text of [
    `\${AWS::Region}`,
    `\${Table}`,
    `\${Table.Arn}`,
    `\${self:x`,
    `\${`,
    `$\${}`,
    `\${'a'`,
  ]) {
    assert.deepEqual(readVariables(text), [text]);
  }
});

test('nothing of a text is lost, whatever it is', () => {
  const piece = fc.constantFrom(
    `\${`,
    '}',
    'self:',
    'file(',
    ')',
    ',',
    ' ',
    '"',
    "'",
    ':',
    'a.b',
    'x',
    '$',
    '{',
    '::',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join('');
      const joined = readVariables(text).map((part) => (typeof part === 'string' ? part : part.text));
      assert.equal(joined.join(''), text);
    }),
  );
});

import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { formatProblem } from '../../src/build/problem.ts';
import { AppFolder } from './app-folder.ts';

async function linesOf(files: Record<string, string>): Promise<string[]> {
  await using app = await AppFolder.create(files);
  const { code, list } = await app.problems();
  assert.equal(code, 'BUILD_FAILED');
  const written = await readdir(app.dir, { recursive: true });
  const expected = Object.keys(files).flatMap((path) => {
    const parts = path.split('/');
    return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  });
  assert.deepEqual(written.sort(), [...new Set(expected)].sort(), 'the build left something behind');
  return list.map(formatProblem);
}

test('a handler that is not there: the place in the configuration, and what was meant', async () => {
  const lines = await linesOf({
    'src/charge.ts': 'export const run = () => 1;\n',
    'mayfly.yaml': `functions:
  a: { handler: src/chagre.ts }
  b: { handler: ../elsewhere.ts }
  c: { handler: "src/charge.ts#" }
  d: { handler: src/charge.run }
  e: { handler: src }
`,
  });
  assert.deepEqual(lines, [
    'mayfly.yaml:2:17: there is no file "src/chagre.ts" (did you mean "src/charge.ts"?)',
    'mayfly.yaml:3:17: handler "../elsewhere.ts" is outside the app\'s folder',
    'mayfly.yaml:4:17: handler "src/charge.ts#" is neither "file" nor "file#export"',
    'mayfly.yaml:5:17: there is no file "src/charge.run" (write "handler: src/charge.ts#run", or "dialect: lambda" beside it)',
    'mayfly.yaml:6:17: there is no file "src"',
  ]);
});

test('exports that are missing, and dialects that cannot be told', async () => {
  const lines = await linesOf({
    'functions/empty.ts': 'const x = 1;\n',
    'functions/main.ts': 'export const main = () => 1;\n',
    'functions/old.cjs': 'module.exports = async () => 1;\n',
    'functions/picked.ts': 'export const one = 1;\nexport const two = 2;\n',
    'mayfly.yaml': 'functions:\n  picked: { handler: functions/picked.ts#three }\n',
  });
  assert.deepEqual(lines, [
    'functions/empty.ts: function "empty" exports nothing (write "export default () => …")',
    'functions/main.ts: function "main" does not tell which dialect it is written in (write "dialect: fetch" (or another) for this function in mayfly.yaml)',
    'functions/old.cjs: function "old" does not tell which dialect it is written in (write "dialect: fetch" (or another) for this function in mayfly.yaml)',
    'functions/picked.ts: function "picked" has no export "three" (it exports one, two)',
  ]);
});

test('an export that another file should pass on but does not', async () => {
  const [line = ''] = await linesOf({
    'src/index.ts': "export * from './inner.ts';\n",
    'src/inner.ts': 'export const one = 1;\n',
    'mayfly.yaml': 'functions:\n  a: { handler: src/index.ts#two, dialect: fetch }\n',
  });
  assert.match(line, /^functions?.*two|.*No matching export in "src\/index\.ts" for import "two"/);
});

test('syntax errors, each with file, line and column', async () => {
  const lines = await linesOf({
    'functions/a.ts': 'export default () => {\n  const = 1;\n};\n',
    'functions/b.js': 'export default () => 1 +;\n',
  });
  assert.deepEqual(lines, [
    'functions/a.ts:2:9: Expected identifier but found "="',
    'functions/b.js:1:25: Unexpected ";"',
  ]);
});

test('imports that lead nowhere, in all functions and what they import', async () => {
  const lines = await linesOf({
    'functions/a.ts': "import left from 'left-pad';\nimport './gone.ts';\nexport default () => left;\n",
    'functions/b.ts': "import { helper } from '../lib/helper.ts';\nexport default () => helper;\n",
    'lib/helper.ts': "import x from '@scope/x/deep';\nexport const helper = x;\n",
  });
  assert.deepEqual(lines, [
    'functions/a.ts:1:18: Could not resolve "left-pad" (install it: npm install left-pad)',
    'functions/a.ts:2:8: Could not resolve "./gone.ts"',
    'lib/helper.ts:1:15: Could not resolve "@scope/x/deep" (install it: npm install @scope/x)',
  ]);
});

test('a name that the imported file does not export', async () => {
  const lines = await linesOf({
    'functions/a.ts': "import { nope } from '../lib/other.ts';\nexport default () => nope;\n",
    'lib/other.ts': 'export const nap = 1;\n',
  });
  assert.deepEqual(lines, ['functions/a.ts:1:10: No matching export in "lib/other.ts" for import "nope"']);
});

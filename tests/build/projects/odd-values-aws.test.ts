import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Document, isMap, isSeq, parseAllDocuments } from 'yaml';
import { loadApp } from '../../../src/build/app-loader.ts';
import { MayflyError } from '../../../src/domain/errors.ts';
import { AppFolder } from '../app-folder.ts';
import { SAM_FIXTURES } from './sam-fixtures.ts';
import { SERVERLESS_FIXTURES } from './serverless-fixtures.ts';

const FILES = /^(serverless\.yml|template\.(ya?ml|json))$/;
const CASES = [...SERVERLESS_FIXTURES, ...SAM_FIXTURES].flatMap(({ files, options = {} }) => {
  const [file] = Object.keys(files).filter((path) => FILES.test(path));
  return file === undefined ? [] : [{ file, files, options }];
});
const ODD: readonly unknown[] = [
  null,
  true,
  -5,
  1e300,
  '',
  'x',
  `\${self:}`,
  `\${self:functions}`,
  `\${file(serverless.yml)}`,
  [],
  [null],
  ['a', { b: 1 }],
  {},
  { Ref: 'Nobody' },
  { 'Fn::Sub': `\${A.B}\${!C}` },
  { 'Fn::Join': 'x' },
  { 'Fn::GetAtt': [] },
  { 'Fn::If': ['None', 1] },
  { __proto__: 1, constructor: 2 },
];

/** Paths of all values in a document. */
function pathsIn(document: Document): (string | number)[][] {
  const found: (string | number)[][] = [];
  const walk = (node: unknown, path: (string | number)[]): void => {
    if (path.length > 0) found.push(path);
    if (isMap(node)) for (const { key, value } of node.items) walk(value, [...path, String(key)]);
    else if (isSeq(node)) for (const [index, item] of node.items.entries()) walk(item, [...path, index]);
  };
  walk(document.contents, []);
  return found;
}

async function tryOut(at: number, where: number, value: unknown): Promise<void> {
  const { file, files, options } = CASES[at % CASES.length]!;
  const [document] = parseAllDocuments(files[file] ?? '') as [Document];
  const paths = pathsIn(document);
  const path = paths[where % paths.length]!;
  document.setIn(path, document.createNode(value));
  await using app = await AppFolder.create({ ...files, [file]: String(document) });
  try {
    const { findings, functions } = await loadApp(app.dir, { ...options, tolerant: true });
    assert.ok(findings.length + functions.length >= 0);
  } catch (thrown) {
    const told = thrown instanceof MayflyError && thrown.code === 'CONFIG_INVALID';
    if (!told) throw new Error(`${file} ${path.join('.')}: ${JSON.stringify(value)}`, { cause: thrown });
  }
}

test('a value of any other kind, anywhere, is told and never a defect', async () => {
  await fc.assert(fc.asyncProperty(fc.nat(CASES.length - 1), fc.nat(), fc.constantFrom(...ODD), tryOut), {
    numRuns: Number(process.env.MAYFLY_FUZZ_RUNS ?? 120),
  });
});

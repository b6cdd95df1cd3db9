import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Document, isMap, isSeq, parseAllDocuments } from 'yaml';
import { loadApp } from '../../../src/build/app-loader.ts';
import { MayflyError } from '../../../src/domain/errors.ts';
import { copyFixture } from './project-reading.ts';

/** Project files of the fixtures; JSON is YAML, too. */
const FILES: readonly (readonly [string, string])[] = [
  ['alibaba', 's.yaml'],
  ['alibaba-2', 's.yaml'],
  ['azure-v3', 'host.json'],
  ['azure-v3', 'greet/function.json'],
  ['azure-v3', 'local.settings.json'],
  ['fission', 'specs/functions.yaml'],
  ['fission', 'specs/triggers.yaml'],
  ['google', 'package.json'],
  ['fn', 'app.yaml'],
  ['fn', 'func.yaml'],
  ['knative', 'func.yaml'],
  ['nuclio', 'function.yaml'],
  ['openfaas', 'stack.yaml'],
  ['openwhisk', 'manifest.yaml'],
  ['tencent', 'serverless.yml'],
  ['wrangler-jsonc', 'wrangler.jsonc'],
];

const STRANGE = fc.oneof(
  fc.constantFrom(
    null,
    true,
    '',
    '../..',
    '/etc',
    '$'.concat('{'),
    '$'.concat('{a.b}'),
    '{{ env: }}',
    '@every',
    '..',
    '__proto__',
  ),
  fc.constantFrom(-1, 0, 1e12, 0.5, [], {}, [null], [[]], [{}], { a: null }, { '': 1 }),
  fc.string({ maxLength: 8 }),
);

const seed = Date.now() & 0x7fffffff;
console.log(`# fast-check seed ${seed}`);

for (const [fixture, file] of FILES) {
  test(`whatever stands in ${fixture}/${file}, it is read or refused with reasons`, async () => {
    await using copy = await copyFixture(fixture);
    const path = join(copy.dir, file);
    const text = (await readFile(path, 'utf8')).replaceAll(/^\s*\/\/.*$/gm, '');
    const count = paths(parseAllDocuments(text) as Document[]).length;
    const property = fc.asyncProperty(fc.nat({ max: count - 1 }), STRANGE, async (index, value) => {
      const documents = parseAllDocuments(text) as Document[];
      const [document, keys] = paths(documents)[index] as readonly [Document, readonly unknown[]];
      document.setIn(keys, document.createNode(value));
      const changed = documents.map((each) => (file.includes('.json') ? JSON.stringify(each) : String(each)));
      await writeFile(path, changed.join('---\n'));
      await loadApp(copy.dir, {
        tolerant: true,
        project: file.split('/')[0] === file ? file : undefined,
        env: {},
      }).catch((error: unknown) => {
        if (error instanceof MayflyError && error.code === 'CONFIG_INVALID') return;
        throw error;
      });
    });
    await fc.assert(property, { seed, numRuns: 30 });
    assert.ok(count > 1);
  });
}

/** Every place of a value: its document and the keys that lead to it. */
function paths(documents: readonly Document[]): (readonly [Document, readonly unknown[]])[] {
  const found: (readonly [Document, readonly unknown[]])[] = [];
  for (const document of documents) {
    const walk = (node: unknown, keys: readonly unknown[]): void => {
      if (keys.length > 0) found.push([document, keys]);
      if (isMap(node)) for (const { key, value } of node.items) walk(value, [...keys, String(key)]);
      else if (isSeq(node)) for (const [index, item] of node.items.entries()) walk(item, [...keys, index]);
    };
    walk(document.contents, []);
  }
  return found;
}

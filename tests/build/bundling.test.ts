import assert from 'node:assert/strict';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { Check } from 'typebox/value';
import { buildApp } from '../../src/build/app-builder.ts';
import { loadApp } from '../../src/build/app-loader.ts';
import { artifactDigest } from '../../src/contract/artifact-digest.ts';
import { ReleaseManifestSchema } from '../../src/contract/manifest.ts';
import { AppFolder, filesOf, functionOf, pathsOf, textOf } from './app-folder.ts';

/** `(module (func (export "answer") (result i32) i32.const 42))` */
const ANSWER_WASM = Uint8Array.from(
  Buffer.from('0061736d010000000105016000017f030201000' + '70a0106616e7377657200000a06010400412a0b', 'hex'),
);

test('every way to write a function is built, and its dialect told', async () => {
  await using app = await AppFolder.create({
    'functions/typed.ts':
      "interface Unused { a: string }\nexport default (name: string): string => 'ts ' + name;\n",
    'functions/plain.mjs': "export default () => 'mjs';\n",
    'functions/object.js': "export default { fetch: () => 'fetch' };\n",
    'functions/lambda-cjs.cjs': "exports.handler = (event, context, callback) => 'cjs';\n",
    'functions/lambda-esm.mts': "export const handler = async () => 'esm';\n",
    'src/many.ts': "export const one = () => 'one';\nexport const two = { deep: () => 'two' };\n",
    'mayfly.yaml': `
functions:
  one: { handler: src/many#one, dialect: fetch }
  two: { handler: src/many.two.deep, dialect: lambda }
  three: { handler: src/many.ts#one, dialect: event }
`,
  });
  const built = await app.build();
  assert.ok(Check(ReleaseManifestSchema, built.manifest));
  const table = built.manifest.functions.map(({ name, dialect, handler }) => [
    name,
    dialect,
    handler.file,
    handler.export,
  ]);
  assert.deepEqual(table, [
    ['lambda-cjs', 'lambda', 'functions/lambda-cjs.mjs', 'handler'],
    ['lambda-esm', 'lambda', 'functions/lambda-esm.mjs', 'handler'],
    ['object', 'fetch', 'functions/object.mjs', 'default'],
    ['one', 'fetch', 'src/one.mjs', 'one'],
    ['plain', 'fetch', 'functions/plain.mjs', 'default'],
    ['three', 'event', 'src/three.mjs', 'one'],
    ['two', 'lambda', 'src/two.mjs', 'two.deep'],
    ['typed', 'fetch', 'functions/typed.mjs', 'default'],
  ]);
  assert.equal(await app.run(built, 'typed', "handler('x')"), 'ts x');
  assert.equal(await app.run(built, 'lambda-cjs', 'handler()'), 'cjs');
  assert.equal(await app.run(built, 'two', 'handler()'), 'two');
  assert.equal(await app.run(built, 'object', 'handler.fetch()'), 'fetch');
});

test('an artifact is its files: digests, blobs and manifest agree', async () => {
  await using app = await AppFolder.create({ 'functions/a.ts': 'export default () => 1;\n' });
  const built = await app.build();
  const files = filesOf(built, 'a');
  assert.deepEqual(
    files.map(({ path, mode }) => [path, mode]),
    [
      ['functions/a.mjs', 0o644],
      ['functions/a.mjs.map', 0o644],
    ],
  );
  assert.equal(functionOf(built, 'a').artifact, artifactDigest(files));
  for (const { path, bytes } of files) assert.equal(Buffer.byteLength(await textOf(built, 'a', path)), bytes);
});

test('code for other exports of the file falls away', async () => {
  await using app = await AppFolder.create({
    'functions/a.ts': "export const other = () => 'LEFT-OUT';\nexport default () => 'kept';\n",
  });
  const text = await textOf(await app.build(), 'a', 'functions/a.mjs');
  assert.match(text, /kept/);
  assert.doesNotMatch(text, /LEFT-OUT/);
});

test('CommonJS in a bundle: require of builtins and packages, __dirname, __filename, a computed require', async () => {
  await using app = await AppFolder.create({
    'functions/old.js': `
      const path = require('node:path');
      const { helper } = require('../lib/helper.js');
      const builtin = 'o' + 's';
      exports.handler = () => [path.basename(__dirname), path.basename(__filename), helper(), typeof require(builtin).cpus];
    `,
    'lib/helper.js': "const left = require('left'); exports.helper = () => left(2);\n",
    'node_modules/left/package.json': '{"name":"left","version":"1.0.0","main":"main.js"}',
    'node_modules/left/main.js': 'module.exports = (x) => x * 21;\n',
  });
  const built = await app.build();
  assert.deepEqual(await app.run(built, 'old', 'handler()'), ['functions', 'old.mjs', 42, 'function']);
  assert.deepEqual(pathsOf(built, 'old'), ['functions/old.mjs', 'functions/old.mjs.map']);
});

test("an ES module's own require and __dirname do not collide with those of the bundle", async () => {
  await using app = await AppFolder.create({
    'functions/own.ts': `
      import { createRequire } from 'node:module';
      import { basename, dirname } from 'node:path';
      import { fileURLToPath } from 'node:url';
      const require = createRequire(import.meta.url);
      const __dirname = dirname(fileURLToPath(import.meta.url));
      export default () => [typeof require('node:os').cpus, basename(__dirname)];
    `,
  });
  assert.deepEqual(await app.run(await app.build(), 'own', 'handler()'), ['function', 'functions']);
});

test('data as imports: JSON, text, WebAssembly', async () => {
  await using app = await AppFolder.create({
    'functions/data.ts': `
      import settings from '../data/settings.json' with { type: 'json' };
      import text from '../data/greeting.txt';
      import page from '../data/page.html';
      import query from '../data/query.sql';
      import readme from '../data/readme.md';
      import wasm from '../data/answer.wasm';
      const instance = new WebAssembly.Instance(wasm);
      export default () => [settings.a, text, page, query, readme, instance.exports.answer()];
    `,
    'data/settings.json': '{"a": [1, 2]}',
    'data/greeting.txt': 'Grüße',
    'data/page.html': '<p>',
    'data/query.sql': 'select 1',
    'data/readme.md': '# hi',
    'data/answer.wasm': ANSWER_WASM,
  });
  const built = await app.build();
  assert.deepEqual(await app.run(built, 'data', 'handler()'), [
    [1, 2],
    'Grüße',
    '<p>',
    'select 1',
    '# hi',
    42,
  ]);
  const wasm = pathsOf(built, 'data').filter((path) => path.endsWith('.wasm'));
  assert.equal(wasm.length, 1);
  assert.match(wasm[0] ?? '', /^functions\/assets\/[0-9a-f]{8}-answer\.wasm$/);
});

test('files named by new URL(…, import.meta.url) are shipped, from any source, folders whole', async () => {
  await using app = await AppFolder.create({
    'functions/deep/index.ts': `
      import { readFileSync } from 'node:fs';
      import { read } from '../../lib/read.ts';
      const folder = new URL('../../data/', import.meta.url);
      // new URL('./is-not-there.txt', import.meta.url)
      export default () => [read(), readFileSync(new URL('b/c.txt', folder), 'utf8')];
    `,
    'functions/other.ts': 'export default () => 1;\n',
    'lib/read.ts': `
      import { readFileSync } from 'node:fs';
      const file: URL = new URL("./beside.txt", import.meta.url);
      export const read = (): string => readFileSync(file, 'utf8');
    `,
    'lib/beside.txt': 'beside',
    'data/a.txt': 'a',
    'data/b/c.txt': 'c',
  });
  const built = await app.build();
  assert.deepEqual(await app.run(built, 'deep', 'handler()'), ['beside', 'c']);
  assert.deepEqual(pathsOf(built, 'other'), ['functions/other.mjs', 'functions/other.mjs.map']);
  assert.ok(built.watchPaths.includes(`${app.dir}/lib/beside.txt`));
  assert.ok(built.watchPaths.includes(`${app.dir}/data`));
});

test('include ships further files at their own paths, and never packages or the data of a node', async () => {
  await using app = await AppFolder.create({
    'functions/a.ts': `
      import { readFileSync } from 'node:fs';
      export default () => readFileSync('views/deep/page.txt', 'utf8');
    `,
    'views/deep/page.txt': 'page',
    'views/node_modules/x/index.js': '',
    'tool.sh': '#!/bin/sh\n',
    '.mayfly/secret': 'no',
    'mayfly.yaml': 'include: [views, "*.sh", "**/secret", "**/*.txt"]\nfunctions: { a: {} }\n',
  });
  const { code, list } = await app.problems();
  assert.equal(code, 'BUILD_FAILED');
  assert.deepEqual(
    list.map(({ message }) => message),
    ['include "**/secret" names no file in the app\'s folder'],
  );
  await app.write({ 'mayfly.yaml': 'include: [views, "*.sh", "**/*.txt"]\n' });
  const built = await app.build();
  assert.deepEqual(pathsOf(built, 'a'), [
    'functions/a.mjs',
    'functions/a.mjs.map',
    'tool.sh',
    'views/deep/page.txt',
  ]);
  assert.equal(await app.run(built, 'a', 'handler()'), 'page');
});

test('a source map leads back to file, line and name, without the source itself', async () => {
  await using app = await AppFolder.create({
    'functions/fails.ts': "import { boom } from '../lib/boom.ts';\n\nexport default () => boom('x');\n",
    'lib/boom.ts':
      'type Text = string;\n\nexport function boom(text: Text): never {\n  throw new TypeError(text);\n}\n',
  });
  const built = await app.build();
  const code = await textOf(built, 'fails', 'functions/fails.mjs');
  assert.match(code, /\n\/\/# sourceMappingURL=fails\.mjs\.map\n$/);
  const payload = JSON.parse(await textOf(built, 'fails', 'functions/fails.mjs.map'));
  assert.equal(payload.sourcesContent, undefined);
  const lines = code.split('\n');
  const line = lines.findIndex((text) => text.includes('throw new TypeError'));
  const entry = new SourceMap(payload).findEntry(line, lines[line]?.indexOf('throw') ?? 0);
  assert.ok('originalSource' in entry);
  assert.equal(new URL(entry.originalSource, 'file:///app/functions/').pathname, '/app/lib/boom.ts');
  assert.equal(entry.originalLine, 3);
  assert.equal(entry.originalColumn, 2);
});

test('names survive: of classes that share one, and under minify', async () => {
  const files = {
    'functions/names.ts': `
      import { Failure as Other } from '../lib/other.ts';
      class Failure extends Error {}
      const unused = 1;
      export default () => [Failure.name, Other.name, new Other().constructor.name];
    `,
    'lib/other.ts': 'export class Failure extends Error {}\n',
  };
  await using app = await AppFolder.create(files);
  assert.deepEqual(await app.run(await app.build(), 'names', 'handler()'), ['Failure', 'Failure', 'Failure']);
  const plain = filesOf(await app.build(), 'names')[0]?.bytes ?? 0;
  await app.write({ 'mayfly.yaml': 'minify: true\n' });
  const small = await app.build();
  assert.deepEqual(await app.run(small, 'names', 'handler()'), ['Failure', 'Failure', 'Failure']);
  assert.ok((filesOf(small, 'names')[0]?.bytes ?? 0) < plain);
});

test('top-level await, and paths of tsconfig.json', async () => {
  await using app = await AppFolder.create({
    'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./lib/*"] } } }',
    'functions/a.ts':
      "import { value } from '@/value.ts';\nconst ready = await Promise.resolve(value);\nexport default () => ready;\n",
    'lib/value.ts': 'export const value: number = 7;\n',
  });
  assert.equal(await app.run(await app.build(), 'a', 'handler()'), 7);
});

test('equal code in different folders has equal digests; no path of the machine gets in', async () => {
  const files = {
    'functions/a.ts':
      "import { b } from '../lib/b.ts';\nimport left from 'left';\nexport default () => [b, left, new URL('../data.txt', import.meta.url)];\n",
    'lib/b.ts': 'export const b = 1;\n',
    'data.txt': 'data',
    'node_modules/left/package.json': '{"name":"left","version":"1.0.0","main":"main.js"}',
    'node_modules/left/main.js': 'module.exports = 3;\n',
    'mayfly.yaml': 'name: same\ninclude: [data.txt]\n',
  };
  await using first = await AppFolder.create(files, 'one');
  await using second = await AppFolder.create(files, 'another-name');
  const [left, right] = await Promise.all([first.build(), second.build()]);
  assert.deepEqual(left.manifest, right.manifest);
  assert.deepEqual(left.artifacts, right.artifacts);
  assert.doesNotMatch(await textOf(left, 'a', 'functions/a.mjs'), /mayfly-build-/);
  assert.doesNotMatch(await textOf(left, 'a', 'functions/a.mjs.map'), /mayfly-build-/);
});

test('an app that lies in a package is built like any other', async () => {
  await using app = await AppFolder.create(
    {
      'package.json': '{}',
      'app/functions/a.ts': `
        import left from 'left';
        export default () => [left, new URL('./x.txt', import.meta.url).pathname.split('/').at(-2)];
      `,
      'app/functions/x.txt': 'x',
      'app/node_modules/left/package.json': '{"name":"left","version":"1.0.0","main":"main.js"}',
      'app/node_modules/left/main.js': 'module.exports = 3;\n',
    },
    'node_modules',
  );
  const built = await buildApp(await loadApp(join(app.dir, 'app')));
  assert.deepEqual(await app.run(built, 'a', 'handler()'), [3, 'assets']);
  assert.deepEqual(built.warnings, []);
  assert.ok(built.watchPaths.includes(join(app.dir, 'app/functions/a.ts')));
});

test('a function with a root of its own has the files of that folder at the top', async () => {
  await using app = await AppFolder.create({
    'shared.js': 'exports.word = "shared";\n',
    'api/src/app.js':
      'const { word } = require("../../shared.js");\nexports.handler = async () => word + require("node:fs").readFileSync(__dirname + "/../data/a.txt", "utf8");\n',
    'api/data/a.txt': ' a',
    'api/data/b.tmp': 'b',
    'api/test/c.txt': 'c',
    'mayfly.yaml':
      'functions: { a: { root: api, handler: src/app.handler, dialect: lambda, include: ["**", "!**/*.tmp", "!test", "!src"] } }\n',
  });
  const built = await app.build();
  assert.equal(functionOf(built, 'a').handler.file, 'src/a.mjs');
  assert.deepEqual(pathsOf(built, 'a'), ['data/a.txt', 'src/a.mjs', 'src/a.mjs.map']);
  assert.equal(await app.run(built, 'a', 'handler()'), 'shared a');
});

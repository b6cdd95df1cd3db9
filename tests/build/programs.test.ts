import assert from 'node:assert/strict';
import { chmod, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Check } from 'typebox/value';
import { ReleaseManifestSchema } from '../../src/contract/manifest.ts';
import { AppFolder, functionOf } from './app-folder.ts';

const SCRIPT = '#!/bin/sh\nexit 0\n';
const lists = (built: { artifacts: readonly (readonly { path: string; mode: number }[])[] }) =>
  built.artifacts.map((files) => files.map(({ path, mode }) => (mode === 0o755 ? `${path}*` : path)));

test('a folder with a bootstrap is a function of its own, shipped as it is', async () => {
  await using app = await AppFolder.create({
    'functions/greet/bootstrap': SCRIPT,
    'functions/greet/lib/words.txt': 'hello',
    'functions/greet/.opt/bin/tool': SCRIPT,
    'functions/greet/.env': 'SECRET=1',
    'functions/greet/node_modules/left/index.js': '',
    'functions/plain.mjs': "export default () => 'x';\n",
  });
  await chmod(join(app.dir, 'functions/greet/bootstrap'), 0o755);
  await chmod(join(app.dir, 'functions/greet/.opt/bin/tool'), 0o755);
  await symlink('words.txt', join(app.dir, 'functions/greet/lib/link.txt'));
  const built = await app.build();
  assert.ok(Check(ReleaseManifestSchema, built.manifest));
  const { runtime, dialect, handler, command } = functionOf(built, 'greet');
  assert.deepEqual(
    [runtime, dialect, handler, command],
    ['provided', 'lambda', { file: 'bootstrap', export: 'bootstrap' }, undefined],
  );
  assert.equal(functionOf(built, 'plain').runtime, 'nodejs24');
  assert.deepEqual(lists(built)[0], ['.opt/bin/tool*', 'bootstrap*', 'lib/link.txt', 'lib/words.txt']);
  assert.ok(built.watchPaths.includes(join(app.dir, 'functions/greet/bootstrap')));
});

test('the handler of a custom runtime is a program, or words for the bootstrap in its root', async () => {
  await using app = await AppFolder.create({
    'rust/bootstrap': SCRIPT,
    'rust/notes.md': 'left out',
    'bin/server': SCRIPT,
    'mayfly.yaml': `
runtime: provided
functions:
  words: { root: rust, handler: index.handler, include: ['!notes.md'] }
  file: { root: bin, handler: "server#serve.it" }
`,
  });
  for (const path of ['rust/bootstrap', 'bin/server']) await chmod(join(app.dir, path), 0o755);
  const built = await app.build();
  assert.deepEqual(functionOf(built, 'words').handler, { file: 'bootstrap', export: 'index.handler' });
  assert.deepEqual(functionOf(built, 'file').handler, { file: 'server', export: 'serve.it' });
  assert.deepEqual(lists(built), [['server*'], ['bootstrap*']]);
});

test('a web server is started by a command or by its file, with what package.json depends on', async () => {
  await using app = await AppFolder.create({
    'app.py': 'print()',
    'package.json': '{"dependencies": {"left": "1.0.0"}, "devDependencies": {"right": "1.0.0"}}',
    'node_modules/left/package.json': '{"name": "left", "version": "1.0.0"}',
    'node_modules/left/index.js': '',
    'node_modules/right/package.json': '{"name": "right", "version": "1.0.0"}',
    'web/server.mjs': '',
    'mayfly.yaml': `
functions:
  flask: { runtime: http, command: [python3, app.py] }
  node: { runtime: http, root: web, handler: server.mjs }
`,
  });
  const built = await app.build();
  assert.ok(Check(ReleaseManifestSchema, built.manifest));
  const { dialect, command } = functionOf(built, 'flask');
  assert.deepEqual([dialect, command], ['http', ['python3', 'app.py']]);
  const [flask, node] = lists(built);
  assert.deepEqual(flask, [
    'app.py',
    'node_modules/left/index.js',
    'node_modules/left/package.json',
    'package.json',
    'web/server.mjs',
  ]);
  assert.deepEqual(node, ['server.mjs']);
});

test('what cannot be started is said before anything is deployed', async () => {
  const problemOf = async (yaml: string, files: Record<string, string> = {}) => {
    await using app = await AppFolder.create({ 'mayfly.yaml': yaml, ...files });
    const { list } = await app.problems();
    return list.map(({ file, message, suggestion }) => [file, message, suggestion].join(' | '));
  };
  assert.deepEqual(await problemOf('functions: { a: { runtime: provided } }', { bootstrap: SCRIPT }), [
    'bootstrap | function "a": its program has no run bit | chmod +x bootstrap',
  ]);
  assert.deepEqual(await problemOf('functions: { a: { runtime: provided } }'), [
    'mayfly.yaml | function "a": there is no "bootstrap" | write "handler: FILE" with the program that asks for calls',
  ]);
  assert.match(
    (await problemOf('functions: { a: { runtime: provided, handler: x.y } }'))[0]!,
    /neither "x.y" nor/,
  );
  assert.match(
    (await problemOf('functions: { a: { runtime: http } }'))[0]!,
    /nothing says what starts its server/,
  );
  assert.match(
    (await problemOf('functions: { a: { runtime: provided, dialect: fetch } }', { bootstrap: SCRIPT }))[0]!,
    /speaks the dialect "lambda", not "fetch"/,
  );
  assert.match(
    (
      await problemOf('functions: { a: { handler: a.mjs, command: [a] } }', { 'a.mjs': 'export default 1' })
    )[0]!,
    /functions\.a\.command is for runtimes that run programs, not nodejs24/,
  );
});

test('a folder that is not there, and packages that nobody installed, are said', async () => {
  await using app = await AppFolder.create({
    'mayfly.yaml': `functions:
  compiled: { root: dist, handler: index.js }
  native: { root: target/native, runtime: provided }
  python: { root: py, handler: gone.py }
`,
    'py/main.py': '',
  });
  const { list } = await app.problems();
  assert.deepEqual(
    list.map(({ line, message }) => [line, message]),
    [[2, 'function "compiled": there is no folder "dist"']],
  );
  await app.write({ 'dist/index.js': 'export default () => 1;\n' });
  const [native] = (await app.problems()).list;
  assert.deepEqual(
    [native?.line, native?.message],
    [3, 'function "native": there is no folder "target/native"'],
  );
  await app.write({ 'target/native/bootstrap': SCRIPT });
  await chmod(join(app.dir, 'target/native/bootstrap'), 0o755);
  const [python] = (await app.problems()).list;
  assert.deepEqual([python?.line, python?.message], [4, 'there is no file "gone.py" in "py"']);

  const config = 'functions: { web: { root: py, runtime: http, command: [python3, main.py] } }\n';
  await app.write({ 'mayfly.yaml': config, 'py/requirements.txt': 'flask\n' });
  const [warning, ...others] = (await app.build()).warnings;
  assert.deepEqual(others, []);
  assert.deepEqual(
    [warning?.file, warning?.suggestion],
    ['py/requirements.txt', 'pip install -r py/requirements.txt --target py'],
  );
  await app.write({ 'py/flask-3.0.dist-info/METADATA': '' });
  assert.deepEqual((await app.build()).warnings, []);
});

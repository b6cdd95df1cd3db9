import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { AppFolder, functionOf, pathsOf } from './app-folder.ts';

const here = `${process.platform}-${process.arch}`;

/** Files of an installed package. */
function installed(
  place: string,
  manifest: object,
  files: Record<string, string> = {},
): Record<string, string> {
  const root = `${place.startsWith('node_modules/') ? '' : 'node_modules/'}${place}`;
  const name = root.split('node_modules/').at(-1);
  const all = {
    'package.json': JSON.stringify({ name, version: '1.0.0', main: 'index.js', ...manifest }),
    ...files,
  };
  return Object.fromEntries(Object.entries(all).map(([path, text]) => [`${root}/${path}`, text]));
}

const shipped = (paths: readonly string[]) => paths.filter((path) => path.startsWith('node_modules/'));

test('a native package is shipped as files, with what it needs to run and nothing else', async () => {
  await using app = await AppFolder.create({
    'functions/a.ts':
      "import native from 'native';\nimport pure from 'pure';\nexport default () => [native(), pure];\n",
    ...installed(
      'native',
      {
        dependencies: { shared: '1', pure: '1' },
        devDependencies: { builder: '1' },
        optionalDependencies: { absent: '1' },
      },
      {
        'index.js': "const shared = require('shared'); module.exports = () => 'native ' + shared;",
        'binding.gyp': '{}',
        'src/native.cc': 'int x;',
        'README.md': '# native',
        LICENSE: 'free',
        'index.d.ts': '',
        'index.js.map': '{}',
        'docs/manual.js': '',
        'test/all.js': '',
        'lib/docs/kept.js': '',
        [`prebuilds/${here}/native.node`]: 'right',
        'prebuilds/plan9-mips/native.node': 'wrong',
      },
    ),
    ...installed('shared', {}, { 'index.js': "module.exports = 'shared';" }),
    ...installed('pure', {}, { 'index.js': "module.exports = 'pure';" }),
    ...installed('builder', {}, { 'index.js': '' }),
  });
  const built = await app.build();
  assert.deepEqual(shipped(pathsOf(built, 'a')), [
    'node_modules/native/LICENSE',
    'node_modules/native/index.js',
    'node_modules/native/lib/docs/kept.js',
    'node_modules/native/package.json',
    `node_modules/native/prebuilds/${here}/native.node`,
    'node_modules/pure/index.js',
    'node_modules/pure/package.json',
    'node_modules/shared/index.js',
    'node_modules/shared/package.json',
  ]);
  assert.deepEqual(await app.run(built, 'a', 'handler()'), ['native shared', 'pure']);
  assert.deepEqual(built.warnings, []);
});

test('packages of other platforms stay behind', async () => {
  const other = process.platform === 'linux' ? 'darwin' : 'linux';
  await using app = await AppFolder.create({
    'functions/a.ts': "import host from 'host';\nexport default () => host;\n",
    ...installed(
      'host',
      { optionalDependencies: { '@host/linux-here': '1', '@host/darwin-there': '1', '@host/not-mips': '1' } },
      { 'index.js': "module.exports = require('@host/' + 'linux-here');" },
    ),
    ...installed(
      '@host/linux-here',
      { os: [process.platform], cpu: [process.arch] },
      { 'index.js': "module.exports = 'here';" },
    ),
    ...installed('@host/darwin-there', { os: [other] }, { 'index.js': '' }),
    ...installed('@host/not-mips', { cpu: ['!mips'], os: [] }, { 'index.js': '' }),
  });
  const built = await app.build();
  const packages = shipped(pathsOf(built, 'a')).filter((path) => path.endsWith('/package.json'));
  assert.deepEqual(packages, [
    'node_modules/@host/linux-here/package.json',
    'node_modules/@host/not-mips/package.json',
    'node_modules/host/package.json',
  ]);
  assert.equal(await app.run(built, 'a', 'handler()'), 'here');
});

test('two versions of one package: each finds its own, as installed', async () => {
  const says = (name: string, needs: string[] = []) => ({
    'index.js': `module.exports = ['${name}', ${needs.map((need) => `require('${need}')`).join(', ')}];`,
  });
  await using app = await AppFolder.create({
    'functions/a.ts': "import one from 'one';\nimport two from 'two';\nexport default () => [one, two];\n",
    'mayfly.yaml': 'external: [one, two]\n',
    ...installed('one', { dependencies: { deep: '2', mid: '1' } }, says('one', ['mid', 'deep'])),
    ...installed('node_modules/one/node_modules/deep', {}, says('deep 2')),
    ...installed('node_modules/one/node_modules/mid', { dependencies: { deep: '2' } }, says('mid', ['deep'])),
    ...installed('two', { dependencies: { deep: '1' } }, says('two', ['deep'])),
    ...installed('deep', {}, says('deep 1')),
  });
  const built = await app.build();
  const expected = [
    ['one', ['mid', ['deep 2']], ['deep 2']],
    ['two', ['deep 1']],
  ];
  assert.deepEqual(await app.run(built, 'a', 'handler()'), expected);
});

test('a bundled package that needs another version of a shipped one is shipped beside it', async () => {
  await using app = await AppFolder.create({
    'functions/a.ts':
      "import native from 'native';\nimport user from 'user';\nexport default () => [native, user];\n",
    ...installed('native', { gypfile: true }, { 'index.js': "module.exports = 'native 1';" }),
    ...installed(
      'user',
      { dependencies: { native: '2' } },
      { 'index.js': "module.exports = require('native');" },
    ),
    ...installed(
      'node_modules/user/node_modules/native',
      { gypfile: true },
      { 'index.js': "module.exports = 'native 2';" },
    ),
  });
  const built = await app.build();
  assert.deepEqual(await app.run(built, 'a', 'handler()'), ['native 1', 'native 2']);
  assert.ok(pathsOf(built, 'a').includes('node_modules/user/node_modules/native/index.js'));
});

test('a package that reads files beside its own is shipped; one that only could is bundled', async () => {
  await using app = await AppFolder.create({
    'functions/reads.ts': "import text from 'reads';\nexport default () => text;\n",
    'functions/module.ts': "import { text } from 'module-reads';\nexport default () => text;\n",
    'functions/plain.ts': "import plain from 'plain';\nexport default () => plain;\n",
    ...installed(
      'reads',
      {},
      {
        'index.js': "module.exports = require('fs').readFileSync(__dirname + '/data.txt', 'utf8');",
        'data.txt': 'beside',
      },
    ),
    ...installed(
      'module-reads',
      { type: 'module' },
      {
        'index.js':
          "import fs from 'node:fs'; export const text = fs.readFileSync(new URL('data.txt', import.meta.url), 'utf8');",
        'data.txt': 'beside too',
      },
    ),
    ...installed('plain', {}, { 'index.js': "// not __dirname\nmodule.exports = 'plain';" }),
  });
  const built = await app.build();
  assert.equal(await app.run(built, 'reads', 'handler()'), 'beside');
  assert.equal(await app.run(built, 'module', 'handler()'), 'beside too');
  assert.deepEqual(pathsOf(built, 'plain'), ['functions/plain.mjs', 'functions/plain.mjs.map']);
  assert.deepEqual(
    shipped(pathsOf(built, 'reads')).map((path) => path.split('/')[1]),
    ['reads', 'reads', 'reads'],
  );
});

test('a package that bundling cannot follow is shipped as files, with a warning', async () => {
  await using app = await AppFolder.create({
    'functions/a.ts': "import odd from 'odd';\nexport default () => odd();\n",
    ...installed(
      'odd',
      {},
      { 'index.js': "module.exports = () => 'fine';\nmodule.exports.more = () => require('not-installed');" },
    ),
  });
  const built = await app.build();
  assert.equal(await app.run(built, 'a', 'handler()'), 'fine');
  assert.equal(built.warnings.length, 1);
  const [warning] = built.warnings;
  assert.match(
    warning?.message ?? '',
    /^package "odd" is shipped as files: Could not resolve "not-installed"/,
  );
  assert.equal(warning?.file, 'node_modules/odd/index.js');
  assert.equal(warning?.line, 2);
});

test('a package that comes in by a path is bundled, native or not', async () => {
  await using app = await AppFolder.create({
    'functions/a.ts': "import native from '../node_modules/native/index.js';\nexport default () => native;\n",
    ...installed('native', { gypfile: true }, { 'index.js': "module.exports = 'by path';" }),
  });
  const built = await app.build();
  assert.equal(await app.run(built, 'a', 'handler()'), 'by path');
  assert.deepEqual(shipped(pathsOf(built, 'a')), []);
});

test('packages behind links are shipped as what they lead to', async () => {
  await using app = await AppFolder.create({
    'functions/a.ts': "import linked from 'linked';\nexport default () => linked;\n",
    'mayfly.yaml': 'external: [linked]\n',
    ...installed(
      'node_modules/.store/linked@1/node_modules/linked',
      { dependencies: { peer: '1' } },
      {
        'index.js': "module.exports = ['linked', require('peer')];",
      },
    ),
    ...installed(
      'node_modules/.store/peer@1/node_modules/peer',
      {},
      { 'index.js': "module.exports = 'peer';" },
    ),
  });
  const store = join(app.dir, 'node_modules/.store');
  await mkdir(join(store, 'linked@1/node_modules'), { recursive: true });
  await symlink('.store/linked@1/node_modules/linked', join(app.dir, 'node_modules/linked'));
  await symlink('../../peer@1/node_modules/peer', join(store, 'linked@1/node_modules/peer'));
  const built = await app.build();
  assert.deepEqual(await app.run(built, 'a', 'handler()'), ['linked', 'peer']);
});

test('an external package that is not installed is a build error', async () => {
  await using app = await AppFolder.create({
    'functions/a.ts': "import gone from 'gone';\nexport default () => gone;\n",
    'mayfly.yaml': 'external: [gone]\n',
  });
  const { code, list } = await app.problems();
  assert.equal(code, 'BUILD_FAILED');
  assert.deepEqual(list, [
    {
      file: 'functions/a.ts',
      line: null,
      column: null,
      message: 'package "gone" is not installed',
      suggestion: 'install it: npm install gone',
    },
  ]);
});

test('what a function is built to does not depend on the functions beside it', async () => {
  const files = {
    'functions/b.ts': "import { light } from 'both/light.js';\nexport default () => light;\n",
    ...installed(
      'both',
      { type: 'module' },
      {
        'light.js': "export const light = 'light';",
        'heavy.js': "import fs from 'node:fs'; export const heavy = fs.readdirSync(import.meta.dirname);",
      },
    ),
  };
  await using alone = await AppFolder.create(files);
  await using beside = await AppFolder.create({
    ...files,
    'functions/a.ts': "import { heavy } from 'both/heavy.js';\nexport default () => heavy;\n",
  });
  const built = await beside.build();
  assert.ok(shipped(pathsOf(built, 'a')).includes('node_modules/both/heavy.js'));
  assert.equal(functionOf(built, 'b').artifact, functionOf(await alone.build(), 'b').artifact);
});

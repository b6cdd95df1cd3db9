import assert from 'node:assert/strict';
import { SourceMap } from 'node:module';
import { test } from 'node:test';
import { build } from 'esbuild';
import { bundleOptions } from './bundle-options.ts';
import { PREAMBLE, withoutIdlePreamble } from './module-preamble.ts';

/** A bundle of this source, and the place in the source that the map gives for `marker` in the bundle. */
async function bundled(source: string, minify = false) {
  const {
    outdir: _,
    entryPoints: __,
    ...options
  } = bundleOptions('/app', {
    entryPoints: [],
    external: ['some-package'],
    plugins: [],
    minify,
    target: 'node24',
  });
  const { outputFiles } = await build({
    ...options,
    absWorkingDir: import.meta.dirname,
    stdin: { contents: source, sourcefile: 'source.js', loader: 'js' },
    outfile: '/app/f.mjs',
    outExtension: {},
  });
  const [map, code] = ['.map', '.mjs'].map(
    (suffix) => outputFiles.find(({ path }) => path.endsWith(suffix))!.contents,
  );
  const trimmed = withoutIdlePreamble(code!, map!);
  const text = Buffer.from(trimmed.code).toString();
  const lines = text.split('\n');
  const line = lines.findIndex((each) => each.includes('marker('));
  const found = new SourceMap(JSON.parse(Buffer.from(trimmed.map).toString())).findOrigin(
    line + 1,
    lines[line]!.indexOf('marker(') + 1,
  );
  return { text, place: 'lineNumber' in found ? [found.lineNumber, found.columnNumber] : null };
}

for (const minify of [false, true]) {
  test(`code without a use for it has no preamble, and its map still fits (minify: ${minify})`, async () => {
    const { text, place } = await bundled('\n\nexport default () =>\n  marker(1);', minify);
    assert.equal(text.includes('createRequire'), false);
    assert.deepEqual(place, [4, 3]);
  });

  const users = [
    'require("some-package")',
    '__dirname',
    '__filename',
    'eval("req" + "uire")',
    'typeof require',
  ];
  for (const use of users) {
    test(`code with ${use} keeps its preamble (minify: ${minify})`, async () => {
      const { text, place } = await bundled(`export default () =>\n  marker(${use});`, minify);
      assert.ok(text.startsWith(`${PREAMBLE}\n`));
      assert.deepEqual(place, [2, 3]);
    });
  }
}

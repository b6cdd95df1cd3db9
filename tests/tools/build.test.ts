import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Metafile } from 'esbuild';
import { bundleGuest } from '../../src/build/guest-bundle.ts';
import { licencesOf } from '../../tools/build/licences.ts';
import { bundlePlatform } from '../../tools/build/platform-bundle.ts';

const root = resolve(import.meta.dirname, '../..');

describe('the compiled platform', () => {
  let dist: string;
  let bundle: Metafile;
  before(async () => {
    dist = mkdtempSync(join(tmpdir(), 'mayfly-dist-'));
    bundle = await bundlePlatform(root, dist);
  });
  after(() => rmSync(dist, { recursive: true }));

  /** Sources of all that is read when this part is, without what it may `import()` later. */
  const readWith = (part: string, seen = new Set<string>()): string[] => {
    if (seen.has(part)) return [];
    seen.add(part);
    const { imports, inputs } = bundle.outputs[part]!;
    const now = imports.filter(({ kind, external }) => kind === 'import-statement' && !external);
    return [...Object.keys(inputs), ...now.flatMap(({ path }) => readWith(path, seen))];
  };

  test('needs no package but esbuild, and makes Node read none of its modules whole', () => {
    const outside = Object.values(bundle.outputs).flatMap(({ imports }) =>
      // "debug" looks for a package to colour its lines, and does without.
      imports.filter(({ external, path }) => external && path !== 'supports-color'),
    );
    assert.deepEqual([...new Set(outside.map(({ path }) => path))], ['esbuild']);
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    assert.deepEqual(Object.keys(dependencies), ['esbuild']);
  });

  test('reads the node, the bundler and the watcher only for commands that use them', () => {
    const main = Object.keys(bundle.outputs).find((part) => part.endsWith('/main.js'))!;
    const atStart = readWith(main);
    assert.ok(atStart.includes('src/cli/commands/up.ts'));
    for (const source of [
      'src/compose.ts',
      'src/build/bundler.ts',
      'node_modules/fastify/fastify.js',
      'node_modules/chokidar/index.js',
    ]) {
      const isIt = (path: string): boolean => path.endsWith(source);
      assert.ok(Object.keys(bundle.inputs).some(isIt), `${source} is nowhere`);
      assert.ok(!atStart.some(isIt), `${source} is read by every command`);
    }
  });

  test('comes with the licence of every package in it', () => {
    const inputs = Object.keys(bundle.inputs);
    const packages = inputs.map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
    const names = new Set(packages.filter((name) => name !== undefined));
    assert.ok(names.has('fastify') && names.size > 20);
    const licences = licencesOf(root, inputs);
    for (const name of names) assert.ok(licences.includes(`── ${name} `), name);
  });

  test('the guest contains undici without its HTTP client, and its licence is told', async () => {
    const sources = await bundleGuest(join(dist, 'guest.cjs'));
    assert.ok(sources.some((path) => path.endsWith('undici/lib/web/fetch/response.js')));
    assert.deepEqual(
      sources.filter((path) => /undici\/lib\/(dispatcher|llhttp|handler)/.test(path)),
      [],
    );
    assert.match(licencesOf(root, sources), /── undici .* \(MIT\)/);
    // Its program is compiled with a code cache, where only `importModule` works.
    assert.doesNotMatch(readFileSync(join(dist, 'node.program.js'), 'utf8'), /[^.\w]import\(/);
  });
});

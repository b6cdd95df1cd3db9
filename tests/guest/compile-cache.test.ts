import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { COMPILE_CACHE_FOLDER } from '../../src/contract/compile-cache.ts';
import type { CompileCache } from '../../src/ports/artifacts.ts';
import { GuestDriver } from './guest-driver.ts';
import { eventually } from './patience.ts';

after(() => GuestDriver.clean());

/** Node itself tells on standard error what V8 made of each cache. */
const TELLING = { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' };
const LINES = Array.from({ length: 500 }, (_, at) => `function f${at}(a) { return a + ${at}; }`).join('\n');
const ESM = {
  'index.mjs': `import { x } from './lib/x.mjs';\n${LINES}\nexport default () => x;`,
  'lib/x.mjs': `${LINES}\nexport const x = 'x';`,
};
const COMMON_JS = {
  'index.cjs': `${LINES}\nexports.default = () => require('./lib/x.cjs');`,
  'lib/x.cjs': `${LINES}\nmodule.exports = 'x';`,
};
const NONE = {
  'index.mjs': `import { getCompileCacheDir } from 'node:module'; export default () => String(getCompileCacheDir());`,
};

/** Boots a guest with this code and, where a platform would lay it, this cache. */
async function load(
  files: Record<string, string>,
  cache: CompileCache | null,
  settings: { makeCompileCache?: boolean; memoryMb?: number } = {},
): Promise<GuestDriver> {
  const driver = await GuestDriver.boot(files, TELLING);
  const folder = join(driver.folder, COMPILE_CACHE_FOLDER);
  for (const [file, content] of cache?.files ?? []) {
    const path = join(folder, cache!.tag, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content, { mode: 0o444 });
  }
  const file = Object.keys(files)[0]!;
  const message = { handler: { file, export: 'default' }, compileCacheDir: cache && folder, ...settings };
  assert.equal(await driver.specialise(message), null);
  return driver;
}

const verdicts = ({ stderr }: GuestDriver): string[] =>
  [...stderr.matchAll(/V8 code cache for (\w+) \S+\/((?:lib\/)?\w+\.\w+) was (\w+)/g)].map(
    ([, kind, file, verdict]) => `${kind} ${file} ${verdict}`,
  );

describe('the compile cache', () => {
  for (const [kind, files] of [
    ['ESM', ESM],
    ['CommonJS', COMMON_JS],
  ] as const) {
    test(`of ${kind} is made by one instance and accepted by the next, elsewhere`, async () => {
      await using first = await load(files, null, { makeCompileCache: true });
      const cache = first.compileCache;
      assert.ok(cache !== null && cache.files.size >= 1);
      assert.equal((await first.invoke()).body.toString(), 'x');

      await using second = await load(files, cache);
      assert.equal((await second.invoke()).body.toString(), 'x');
      assert.equal(second.compileCache, null);
      const entry = Object.keys(files)[0]!;
      const seen = await eventually(() => verdicts(second).length > 0 && verdicts(second), 'a verdict of V8');
      assert.ok(seen.includes(`${kind} ${entry} accepted`), seen.join());
      assert.ok(!seen.some((each) => each.endsWith('rejected')), seen.join());
    });
  }

  test('is not used, made or sent when nobody asks', async () => {
    await using guest = await load(NONE, null);
    assert.equal((await guest.invoke()).body.toString(), 'undefined');
    assert.equal(guest.compileCache, null);
  });

  test('that V8 would reject is left alone, and made anew when asked to', async () => {
    await using maker = await load(ESM, null, { makeCompileCache: true });
    const made = maker.compileCache!;
    // As of another Node.js, or other flags of V8.
    const foreign = { ...made, tag: `${made.tag}0` };
    await using deaf = await load(NONE, foreign);
    assert.equal((await deaf.invoke()).body.toString(), 'undefined');
    await using anew = await load(ESM, foreign, { makeCompileCache: true });
    assert.equal(anew.compileCache!.tag, made.tag);
    assert.deepEqual([...anew.compileCache!.files.keys()], [...made.files.keys()]);
  });

  test('fits instances of any memory', async () => {
    await using maker = await load(ESM, null, { makeCompileCache: true, memoryMb: 128 });
    await using larger = await load(ESM, maker.compileCache, { makeCompileCache: true, memoryMb: 2048 });
    assert.equal(larger.compileCache, null);
    const seen = await eventually(() => verdicts(larger).length > 0 && verdicts(larger), 'a verdict of V8');
    assert.ok(seen.includes('ESM index.mjs accepted'), seen.join());
  });

  test('that is broken costs nothing but its use', async () => {
    await using maker = await load(ESM, null, { makeCompileCache: true });
    const { tag, files } = maker.compileCache!;
    const broken = new Map([...files].map(([file, content]) => [file, content.subarray(0, 100)]));
    await using guest = await load(ESM, { tag, files: broken });
    assert.equal((await guest.invoke()).body.toString(), 'x');
  });

  test('leaves nothing behind in the instance that made it', async () => {
    await using guest = await load(ESM, null, { makeCompileCache: true });
    assert.ok(guest.compileCache !== null);
    assert.equal(existsSync(join(guest.folder, '.mayfly/node')), false);
  });

  test('of code that does not load is not sent', async () => {
    await using guest = await GuestDriver.boot({ 'index.mjs': 'throw new Error("no");' });
    const failure = await guest.specialise({ makeCompileCache: true });
    assert.equal(failure!.message, 'no');
    assert.equal(guest.compileCache, null);
  });
});

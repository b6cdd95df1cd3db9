import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { CompileCache } from '../../src/ports/artifacts.ts';
import { PythonGuest } from './python-guest.ts';

const python = new PythonGuest();
after(() => python.clean());

const FILES = {
  'index.py': `
import shop.cart, vendored

def handler(event, context):
    import lazily
    if event["data"]: raise ValueError("no")
    return [shop.cart.WORD, vendored.WORD, lazily.WORD]
`,
  'shop/cart.py': 'WORD = "cart"',
  'vendor/vendored.py': 'WORD = "vendored"',
  'lazily.py': 'WORD = "lazily"',
};
const WORDS = ['cart', 'vendored', 'lazily'];

async function makeBytecode(): Promise<CompileCache> {
  await using guest = await python.load(FILES, { makeCompileCache: true });
  assert.deepEqual(await guest.invokeEvent(null), WORDS);
  assert.deepEqual((await readdir(guest.folder)).sort(), ['index.py', 'lazily.py', 'shop', 'vendor']);
  const cache = guest.compileCache;
  assert.ok(cache !== null);
  return cache;
}

test('an instance that is asked to sends the bytecode of what it loaded, and a later one runs it', async () => {
  const { tag, files } = await makeBytecode();
  assert.match(tag, /^cpython-3\d+-[0-9a-f]{4}$/);
  assert.equal(files.size, 3);
  await using guest = await python.boot({
    ...FILES,
    'index.py': 'raise RuntimeError("the source was compiled")',
  });
  const folder = join(guest.folder, '.mayfly/compile-cache');
  await mkdir(join(folder, tag), { recursive: true });
  for (const [name, content] of files) await writeFile(join(folder, tag, name), content);
  const message = {
    handler: { file: 'index.py', export: 'handler' },
    dialect: 'event',
    compileCacheDir: folder,
  };
  assert.equal(await guest.specialise({ ...message, makeCompileCache: true }), null);
  assert.deepEqual(await guest.invokeEvent(null), WORDS);
  assert.equal(guest.compileCache, null);
  await assert.rejects(guest.invokeEvent(1), ({ stack }: Error) =>
    stack!.includes(`${guest.folder}/index.py`),
  );
});

test('bytecode of another Python, and bytecode that is torn, are compiled anew', async () => {
  const { tag, files } = await makeBytecode();
  for (const [found, content] of [
    ['cpython-20-0000', 'of another'],
    [tag, 'torn'],
  ] as const) {
    await using guest = await python.boot(FILES);
    const folder = join(guest.folder, '.mayfly/compile-cache');
    await mkdir(join(folder, found), { recursive: true });
    for (const name of files.keys()) await writeFile(join(folder, found, name), content);
    const message = {
      handler: { file: 'index.py', export: 'handler' },
      dialect: 'event',
      compileCacheDir: folder,
    };
    assert.equal(await guest.specialise(message), null);
    assert.deepEqual(await guest.invokeEvent(null), WORDS);
  }
});

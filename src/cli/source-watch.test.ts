import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type SourceWatch, watchSources } from './source-watch.ts';

let root: string;
let watch: SourceWatch | undefined;

before(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'watch-')));
  mkdirSync(join(root, 'functions'));
  mkdirSync(join(root, 'node_modules'));
  writeFileSync(join(root, 'functions', 'a.ts'), '1');
});
afterEach(async () => {
  await watch?.close();
  watch = undefined;
});
after(() => rmSync(root, { recursive: true }));

/** Resolves with all paths told so far as soon as they include `file`. */
async function told(file: string, act: () => void, dir = root): Promise<Set<string>> {
  const seen = new Set<string>();
  const { promise, resolve, reject } = Promise.withResolvers<Set<string>>();
  watch = await watchSources(dir, async (changed) => {
    for (const path of changed) seen.add(path);
    if (seen.has(file)) resolve(seen);
  });
  const timer = setTimeout(() => reject(new Error(`Never told of ${file}.`)), 10_000);
  act();
  return promise.finally(() => clearTimeout(timer));
}

test('a save in place, a new file, a file replaced by a rename', async () => {
  const a = join(root, 'functions', 'a.ts');
  await told(a, () => writeFileSync(a, '2'));
  await watch!.close();
  const b = join(root, 'functions', 'deep', 'b.ts');
  await told(b, () => {
    mkdirSync(join(root, 'functions', 'deep'));
    writeFileSync(b, '1');
  });
  await watch!.close();
  await told(a, () => {
    writeFileSync(`${a}.tmp`, '3');
    renameSync(`${a}.tmp`, a);
  });
});

test('the second of two quick saves is told as well', async () => {
  const file = join(root, 'quick.ts');
  writeFileSync(file, '0');
  const seen: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  watch = await watchSources(root, async (changed) => {
    assert.ok(changed.includes(file));
    const text = readFileSync(file, 'utf8');
    seen.push(text);
    if (text === '1') writeFileSync(file, '2');
    if (text === '2') resolve();
  });
  writeFileSync(file, '1');
  await promise;
  assert.equal(seen.at(-1), '2');
});

test('packages and the data folder are not watched', async () => {
  const c = join(root, 'c.ts');
  const seen = await told(c, () => {
    writeFileSync(join(root, 'node_modules', 'x.js'), '1');
    mkdirSync(join(root, '.mayfly'));
    writeFileSync(c, '1');
  });
  assert.deepEqual([...seen], [c]);
});

test('a change during a change is told after it, never beside it', async () => {
  const files = ['d.ts', 'e.ts'].map((name) => join(root, name));
  const done = Promise.withResolvers<void>();
  const calls: string[][] = [];
  let running = 0;
  watch = await watchSources(root, async (changed) => {
    calls.push([...changed]);
    assert.equal(++running, 1);
    if (calls.length === 1) {
      writeFileSync(files[1]!, '1');
      // Long enough for the second change to be told, were it not held back.
      await sleep(150);
    } else if (changed.includes(files[1]!)) done.resolve();
    running--;
  });
  writeFileSync(files[0]!, '1');
  await done.promise;
  assert.ok(calls.length >= 2);
});

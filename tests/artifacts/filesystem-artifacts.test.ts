import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { after, afterEach, beforeEach, describe, test } from 'node:test';
import {
  type FilesystemArtifacts,
  openFilesystemArtifacts,
} from '../../src/adapters/artifacts/filesystem-artifacts.ts';
import { artifactsConformance } from '../../src/ports/artifacts.conformance.ts';
import type { ArtifactFile } from '../../src/ports/artifacts.ts';

const HOUR_MS = 3_600_000;
const folder = mkdtempSync(`${tmpdir()}/mayfly-artifacts-`);
after(() => rmSync(folder, { recursive: true, force: true }));

function readTree(path: string): Record<string, string> {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => {
      const file = `${entry.parentPath}/${entry.name}`;
      const executable = (statSync(file).mode & 0o111) !== 0;
      return [`${file.slice(path.length + 1)}${executable ? '*' : ''}`, readFileSync(file, 'utf8')];
    }),
  );
}

for (const trees of ['link', 'copy'] as const) {
  let aheadMs = 0;
  const opened: FilesystemArtifacts[] = [];
  after(() => Promise.all(opened.map((store) => store.close())));
  artifactsConformance(`the artifact folder with trees by ${trees}`, {
    async open() {
      const clock = { wall: () => Date.now() + aheadMs };
      const store = openFilesystemArtifacts({ dataDir: `${folder}/${trees}`, trees, clock });
      opened.push(store);
      return store;
    },
    readTree,
    passGraceTime() {
      aheadMs += 2 * HOUR_MS;
    },
  });
}

describe('the artifact folder', () => {
  let dataDir: string;
  let store: FilesystemArtifacts;
  let count = 0;
  beforeEach(() => {
    count += 1;
    dataDir = `${folder}/own-${count}`;
    store = openFilesystemArtifacts({ dataDir, trees: 'link' });
  });
  afterEach(() => store.close());

  const deploy = async (into: FilesystemArtifacts, content: string, mode = 0o644): Promise<string> => {
    const bytes = Buffer.from(content);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await into.putBlob(sha256, bytes.length, [bytes] as unknown as AsyncIterable<Uint8Array>);
    const file: ArtifactFile = { path: 'lib/index.js', sha256, bytes: bytes.length, mode };
    return into.assemble([file]);
  };

  test('knows after a restart what was assembled before it, and nothing that was half written', async () => {
    const artifact = await deploy(store, 'durable');
    const tree = await store.takeTree(artifact);
    await store.close();
    mkdirSync(`${dataDir}/blobs/incoming`, { recursive: true });
    writeFileSync(`${dataDir}/blobs/incoming/1`, 'half');
    writeFileSync(`${dataDir}/artifacts/.${'0'.repeat(64)}.json`, '[');
    store = openFilesystemArtifacts({ dataDir, trees: 'link' });
    assert.equal(await store.has(artifact), true);
    assert.equal(await store.has('0'.repeat(64)), false);
    assert.deepEqual(readdirSync(`${dataDir}/blobs/incoming`), []);
    // The tree that an earlier process had taken is gone, and its name is not mistaken for a new one's.
    assert.throws(() => statSync(tree.path), { code: 'ENOENT' });
    const fresh = await store.takeTree(artifact);
    assert.equal(readFileSync(`${fresh.path}/lib/index.js`, 'utf8'), 'durable');
    await store.close();
    assert.equal(readdirSync(dataDir).includes('trees-stale'), false);
  });

  test('stores equal content once, and lets nobody write to it', async () => {
    const one = await store.takeTree(await deploy(store, 'equal', 0o644));
    const two = await store.takeTree(await deploy(store, 'equal', 0o755));
    assert.equal(statSync(`${one.path}/lib/index.js`).mode & 0o777, 0o444);
    assert.equal(statSync(`${two.path}/lib/index.js`).mode & 0o777, 0o555);
    assert.equal(statSync(`${one.path}/lib`).mode & 0o777, 0o755);
    const [blob] = globSync(`${dataDir}/blobs/??/*`).filter((path) => !path.endsWith('.x'));
    assert.equal(statSync(blob!).ino, statSync(`${one.path}/lib/index.js`).ino);
  });

  test('with trees by copy, code that writes to its tree changes nothing else', async () => {
    const copies = openFilesystemArtifacts({ dataDir: `${dataDir}-copy`, trees: 'copy' });
    const artifact = await deploy(copies, 'pristine');
    const spoiled = await copies.takeTree(artifact);
    chmodSync(`${spoiled.path}/lib/index.js`, 0o666);
    writeFileSync(`${spoiled.path}/lib/index.js`, 'spoiled');
    copies.returnTree(spoiled);
    for (const tree of await Promise.all(Array.from({ length: 6 }, () => copies.takeTree(artifact)))) {
      assert.equal(readFileSync(`${tree.path}/lib/index.js`, 'utf8'), 'pristine');
    }
    await copies.close();
  });

  test('reuses a tree that was given back', async () => {
    const artifact = await deploy(store, 'reused');
    const tree = await store.takeTree(artifact);
    store.returnTree(tree);
    const again = await Promise.all([store.takeTree(artifact), store.takeTree(artifact)]);
    assert.ok(again.some((each) => each.path === tree.path));
  });

  test('keeps few spares', async () => {
    const artifact = await deploy(store, 'spared');
    const trees = await Promise.all(Array.from({ length: 20 }, () => store.takeTree(artifact)));
    for (const tree of trees) store.returnTree(tree);
    await store.close();
    assert.ok(readdirSync(`${dataDir}/trees`).length <= 4);
  });

  const cacheOf = (tag: string) => ({ tag, files: new Map([['f', Buffer.from(`of ${tag}`)]]) });
  const cacheIn = async (from: FilesystemArtifacts, artifact: string, owner: string) => {
    const tree = await from.takeTree(artifact, owner);
    const cached = Object.entries(readTree(tree.path)).filter(([path]) => path.startsWith('.mayfly/'));
    from.returnTree(tree);
    return cached;
  };

  test('finds compile caches again after a restart, and nothing that was half written', async () => {
    const artifact = await deploy(store, 'cached');
    await store.attachCompileCache(artifact, 'me', cacheOf('v1'));
    await store.close();
    mkdirSync(`${dataDir}/compile-caches/incoming/7`);
    writeFileSync(`${dataDir}/compile-caches/incoming/7/f`, 'half');
    store = openFilesystemArtifacts({ dataDir, trees: 'link' });
    assert.deepEqual(await cacheIn(store, artifact, 'me'), [['.mayfly/compile-cache/v1/f', 'of v1']]);
    assert.deepEqual(await cacheIn(store, artifact, 'you'), []);
    assert.deepEqual(readdirSync(`${dataDir}/compile-caches/incoming`), []);
  });

  test('links compile caches, so that nobody can write to them', async () => {
    const artifact = await deploy(store, 'linked');
    await store.attachCompileCache(artifact, 'me', cacheOf('v1'));
    const tree = await store.takeTree(artifact, 'me');
    const { mode, nlink } = statSync(`${tree.path}/.mayfly/compile-cache/v1/f`);
    assert.equal(mode & 0o777, 0o444);
    assert.ok(nlink >= 2);
  });

  test('keeps the first of two compile caches with one tag', async () => {
    const artifact = await deploy(store, 'first come');
    const late = { tag: 'v1', files: new Map([['f', Buffer.from('late')]]) };
    await Promise.all([
      store.attachCompileCache(artifact, 'me', cacheOf('v1')),
      store.attachCompileCache(artifact, 'me', late),
    ]);
    assert.deepEqual(await cacheIn(store, artifact, 'me'), [['.mayfly/compile-cache/v1/f', 'of v1']]);
  });

  test('keeps the compile caches of few owners, the last ones', async () => {
    const artifact = await deploy(store, 'much owned');
    for (let owner = 0; owner < 20; owner += 1) {
      await store.attachCompileCache(artifact, `owner ${owner}`, cacheOf('v1'));
    }
    assert.deepEqual(await cacheIn(store, artifact, 'owner 0'), []);
    assert.equal((await cacheIn(store, artifact, 'owner 19')).length, 1);
    assert.equal(readdirSync(`${dataDir}/compile-caches/${artifact}`).length, 16);
  });

  test('removes compile caches with their artifact', async () => {
    const clock = { wall: () => Date.now() + 2 * HOUR_MS };
    const artifact = await deploy(store, 'to be forgotten');
    await store.attachCompileCache(artifact, 'me', cacheOf('v1'));
    await store.close();
    store = openFilesystemArtifacts({ dataDir, trees: 'link', clock });
    assert.equal((await store.collect(new Set())).artifacts, 1);
    assert.deepEqual(readdirSync(`${dataDir}/compile-caches`), ['incoming']);
    await assert.rejects(store.takeTree(artifact, 'me'), { code: 'NOT_FOUND' });
  });
});

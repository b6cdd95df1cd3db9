import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { artifactDigest } from '../contract/artifact-digest.ts';
import { COMPILE_CACHE_FOLDER } from '../contract/compile-cache.ts';
import type { MayflyError } from '../domain/errors.ts';
import type { ArtifactFile, ArtifactStore } from './artifacts.ts';

export interface ArtifactsHarness {
  open(): Promise<ArtifactStore>;
  /** Content of every file in a tree, by path; an executable one's path ends in `*`. */
  readTree(path: string): Readonly<Record<string, string>>;
  /** More than the grace time of `collect` passes. */
  passGraceTime(): void;
}

/** What every artifact store must do. */
export function artifactsConformance(name: string, harness: ArtifactsHarness): void {
  describe(`${name} keeps the contract of ArtifactStore`, () => {
    let store: ArtifactStore;
    before(async () => {
      store = await harness.open();
    });
    after(() => store.collect(new Set()));

    const upload = async (content: string) => {
      const bytes = Buffer.from(content);
      await store.putBlob(sha256(bytes), bytes.length, inPieces(bytes));
      return { sha256: sha256(bytes), bytes: bytes.length };
    };
    const deploy = async (contents: Readonly<Record<string, string>>): Promise<ArtifactFile[]> =>
      Promise.all(
        Object.entries(contents).map(async ([path, content]) => ({
          path: path.replace(/\*$/, ''),
          mode: path.endsWith('*') ? 0o755 : 0o644,
          ...(await upload(content)),
        })),
      );

    test('a blob is missing until it is stored', async () => {
      const digest = sha256(Buffer.from('first'));
      assert.deepEqual(await store.missing([digest, digest]), [digest]);
      await upload('first');
      assert.deepEqual(await store.missing([digest]), []);
      assert.deepEqual(await store.missing([]), []);
    });

    test('a blob may be stored again, also at the same time', async () => {
      await Promise.all([upload('again'), upload('again'), upload('again')]);
      const files = await deploy({ 'a.js': 'again' });
      const tree = await store.takeTree(await store.assemble(files));
      assert.deepEqual(harness.readTree(tree.path), { 'a.js': 'again' });
      store.returnTree(tree);
    });

    test('an artifact says what it is made of, and a blob what is in it', async () => {
      const files = await deploy({ 'a.js': 'content of a', 'bin/b*': 'content of b' });
      const digest = await store.assemble(files);
      const listed = [...(await store.listFiles(digest))].sort((a, b) => (a.path < b.path ? -1 : 1));
      assert.deepEqual(listed, files);
      const parts: Uint8Array[] = [];
      for await (const part of await store.readBlob(files[0]!.sha256)) parts.push(part);
      assert.equal(Buffer.concat(parts).toString(), 'content of a');
      const unknown = sha256(Buffer.from('never stored'));
      await assert.rejects(store.listFiles(unknown), { code: 'NOT_FOUND' });
      await assert.rejects(store.readBlob(unknown), { code: 'NOT_FOUND' });
    });

    test('a blob that is not what it is called leaves nothing', async () => {
      const honest = Buffer.from('honest');
      const digest = sha256(honest);
      const put = (bytes: number, content: string) =>
        store.putBlob(digest, bytes, inPieces(Buffer.from(content)));
      await assert.rejects(put(6, 'forged'), isError('VALIDATION_FAILED'));
      await assert.rejects(put(7, 'honest'), isError('VALIDATION_FAILED'));
      await assert.rejects(put(5, 'honest'), isError('VALIDATION_FAILED'));
      await assert.rejects(
        store.putBlob('../../etc/passwd', 6, inPieces(honest)),
        isError('VALIDATION_FAILED'),
      );
      await assert.rejects(put(Number.MAX_SAFE_INTEGER, 'too much is announced'), isError('BODY_TOO_LARGE'));
      assert.deepEqual(await store.missing([digest]), [digest]);
    });

    test('a file becomes a blob, and is no file any more', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'mayfly-adopted-'));
      try {
        const path = join(folder, 'staged');
        const content = Buffer.from('adopted');
        await writeFile(path, content);
        await assert.rejects(store.adoptBlob('../x', 7, path), isError('VALIDATION_FAILED'));
        await store.adoptBlob(sha256(content), 7, path);
        assert.deepEqual(await readdir(folder), []);
        assert.deepEqual(await store.missing([sha256(content)]), []);
        const read = await Array.fromAsync(await store.readBlob(sha256(content)));
        assert.equal(Buffer.concat(read).toString(), 'adopted');
        await writeFile(path, 'of another size');
        await assert.rejects(
          store.adoptBlob(sha256(Buffer.from('x')), 1, path),
          isError('VALIDATION_FAILED'),
        );
        assert.deepEqual(await store.missing([sha256(Buffer.from('x'))]), [sha256(Buffer.from('x'))]);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });

    test('an upload that breaks off leaves nothing', async () => {
      const whole = Buffer.from('the whole of it');
      const broken = async function* () {
        yield whole.subarray(0, 4);
        throw new Error('the client went away');
      };
      await assert.rejects(store.putBlob(sha256(whole), whole.length, broken()), /went away/);
      assert.deepEqual(await store.missing([sha256(whole)]), [sha256(whole)]);
    });

    test('an artifact is laid out with its folders, modes and shared contents', async () => {
      const contents = { 'index.js': 'one', 'bin/run*': 'one', 'a/b/c/deep.txt': 'two', 'a/b/empty': '' };
      const files = await deploy(contents);
      const artifact = await store.assemble(files);
      assert.equal(artifact, artifactDigest(files));
      assert.equal(await store.has(artifact), true);
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      assert.deepEqual(await store.sizeOf(artifact), { files: files.length, bytes });
      const tree = await store.takeTree(artifact);
      assert.equal(tree.artifact, artifact);
      assert.deepEqual(harness.readTree(tree.path), contents);
      store.returnTree(tree);
    });

    test('the order of the files does not matter, and assembling again changes nothing', async () => {
      const files = await deploy({ 'x.js': 'x', 'y.js': 'y', 'z/z.js': 'z' });
      const artifact = await store.assemble(files);
      assert.equal(await store.assemble([...files].reverse()), artifact);
    });

    test('a large artifact is whole', async () => {
      const contents = Object.fromEntries(
        Array.from({ length: 300 }, (_, n) => [`lib/${n % 7}/f${n}.js`, `module ${n}`]),
      );
      const tree = await store.takeTree(await store.assemble(await deploy(contents)));
      assert.deepEqual(harness.readTree(tree.path), contents);
      store.returnTree(tree);
    });

    test('no two takers hold the same tree', async () => {
      const artifact = await store.assemble(await deploy({ 'index.js': 'shared by none' }));
      const trees = await Promise.all(Array.from({ length: 12 }, () => store.takeTree(artifact)));
      assert.equal(new Set(trees.map((tree) => tree.path)).size, 12);
      for (const tree of trees) {
        assert.deepEqual(harness.readTree(tree.path), { 'index.js': 'shared by none' });
      }
      for (const tree of trees.slice(0, 6)) store.returnTree(tree);
      const again = await Promise.all(Array.from({ length: 12 }, () => store.takeTree(artifact)));
      const held = [...trees.slice(6), ...again];
      assert.equal(new Set(held.map((tree) => tree.path)).size, held.length);
      for (const tree of held) store.returnTree(tree);
    });

    test('a compile cache lies in the trees of its owner, and of nobody else', async () => {
      const code = { 'index.js': 'owned' };
      const artifact = await store.assemble(await deploy(code));
      const inTree = (tag: string) => ({ ...code, [`${COMPILE_CACHE_FOLDER}/${tag}/1a2b`]: `of ${tag}` });
      const cache = (tag: string) => ({ tag, files: new Map([['1a2b', Buffer.from(`of ${tag}`)]]) });
      const look = async (owner?: string) => {
        const tree = await store.takeTree(artifact, owner);
        const files = harness.readTree(tree.path);
        assert.equal(tree.compileCache !== null, Object.keys(files).length > 1);
        assert.equal(tree.codeBytes, 5);
        store.returnTree(tree);
        return files;
      };
      const before = await store.takeTree(artifact, 'shop/production/cart@1');
      assert.deepEqual(harness.readTree(before.path), code);
      await store.attachCompileCache(artifact, 'shop/production/cart@1', cache('v1'));
      store.returnTree(before);
      for (let round = 0; round < 3; round += 1) {
        assert.deepEqual(await look('shop/production/cart@1'), inTree('v1'));
        assert.deepEqual(await look('shop/production/cart@2'), code);
        assert.deepEqual(await look(), code);
      }
      const held = await store.takeTree(artifact, 'shop/production/cart@1');
      await store.attachCompileCache(artifact, 'shop/production/cart@1', cache('v2'));
      assert.deepEqual(harness.readTree(held.path), inTree('v1'));
      store.returnTree(held);
      for (let round = 0; round < 3; round += 1) {
        assert.deepEqual(await look('shop/production/cart@1'), inTree('v2'));
      }
    });

    test('a compile cache is refused that would escape, and needs its artifact', async () => {
      const artifact = await store.assemble(await deploy({ 'index.js': 'confined' }));
      const content = Buffer.from('x');
      for (const [tag, file] of [
        ['..', 'x'],
        ['v1', '../x'],
        ['v1', ''],
        ['', 'x'],
        ['a/b', 'x'],
      ] as const) {
        await assert.rejects(
          store.attachCompileCache(artifact, 'me', { tag, files: new Map([[file, content]]) }),
          isError('VALIDATION_FAILED'),
        );
      }
      await store.attachCompileCache('0'.repeat(64), 'me', { tag: 'v1', files: new Map([['x', content]]) });
      assert.equal(await store.has('0'.repeat(64)), false);
      assert.equal(await store.sizeOf('0'.repeat(64)), null);
    });

    test('file lists that would escape or collide are refused', async () => {
      const blob = await upload('harmless');
      const file = (path: string): ArtifactFile => ({ path, mode: 0o644, ...blob });
      for (const path of [
        ...['', '.', '..', '/etc/passwd', '../up', 'a/../../up', 'a/..', 'a//b', 'a/./b', 'a/', './a'],
        ...['nul\0', 'line\nbreak', 'bell\u0007', 'del\u007f', 'lone \ud800 surrogate'],
        ...['n'.repeat(256), 'p/'.repeat(600), '.mayfly/compile-cache/v1/x'],
      ]) {
        await assert.rejects(
          store.assemble([file(path)]),
          isError('VALIDATION_FAILED'),
          JSON.stringify(path),
        );
      }
      const collisions = [
        ['a', 'a'],
        ['a', 'a/b'],
        ['a/b/c', 'a/b'],
        ['x', 'a/b', 'a', 'y'],
      ];
      for (const paths of collisions) {
        await assert.rejects(store.assemble(paths.map(file)), isError('VALIDATION_FAILED'), paths.join());
      }
      await assert.rejects(store.assemble([]), isError('VALIDATION_FAILED'));
      await assert.rejects(store.assemble([{ ...file('a'), mode: 0o4755 }]), isError('VALIDATION_FAILED'));
    });

    test('an artifact whose blobs are missing or of another size is refused', async () => {
      const blob = await upload('present');
      const absent = { path: 'a', mode: 0o644, sha256: sha256(Buffer.from('absent')), bytes: 6 };
      await assert.rejects(store.assemble([absent]), isError('VALIDATION_FAILED'));
      assert.equal(await store.has(artifactDigest([absent])), false);
      const shrunk = { path: 'a', mode: 0o644, ...blob, bytes: 1 };
      await assert.rejects(store.assemble([shrunk]), isError('VALIDATION_FAILED'));
    });

    test('a tree of an unknown artifact is not found', async () => {
      await assert.rejects(store.takeTree('0'.repeat(64)), isError('NOT_FOUND'));
      assert.equal(await store.has('../../etc/passwd'), false);
      await assert.rejects(store.takeTree('../../etc/passwd'), isError('NOT_FOUND'));
    });

    test('a collection removes what nobody names, after the grace time', async () => {
      const live = await deploy({ 'live.js': 'only in the live one', 'common.js': 'in both' });
      const dead = await deploy({ 'dead*': 'only in the dead one', 'common.js': 'in both' });
      const kept = await store.assemble(live);
      const gone = await store.assemble(dead);
      const held = await store.takeTree(gone);
      await store.collect(new Set([kept]));
      assert.equal(await store.has(gone), true);

      harness.passGraceTime();
      const { artifacts, blobs, bytes } = await store.collect(new Set([kept]));
      assert.ok(artifacts >= 1 && blobs >= 1 && bytes >= 'only in the dead one'.length);
      assert.equal(await store.has(gone), false);
      assert.equal(await store.has(kept), true);
      const digests = [...live, ...dead].map((file) => file.sha256);
      assert.deepEqual(await store.missing(digests), [sha256(Buffer.from('only in the dead one'))]);
      assert.equal(harness.readTree(held.path)['dead*'], 'only in the dead one');
      store.returnTree(held);
      const tree = await store.takeTree(kept);
      assert.equal(harness.readTree(tree.path)['live.js'], 'only in the live one');
      store.returnTree(tree);
    });

    test('a collection spares what a deploy has just asked for', async () => {
      const files = await deploy({ 'coming.js': 'about to be deployed' });
      harness.passGraceTime();
      assert.deepEqual(await store.missing(files.map((file) => file.sha256)), []);
      await store.collect(new Set());
      assert.equal(await store.has(await store.assemble(files)), true);
    });

    test('a collection spares what is uploaded meanwhile, also when it was there, unwanted, before', async () => {
      for (let round = 0; round < 20; round += 1) {
        harness.passGraceTime();
        let uploading = true;
        const collections = (async () => {
          while (uploading) await store.collect(new Set());
        })();
        const contents = Array.from({ length: 8 }, (_, n) => `uploaded again ${n}`);
        const uploaded = await Promise.all(contents.map(upload));
        uploading = false;
        await collections;
        assert.deepEqual(await store.missing(uploaded.map((blob) => blob.sha256)), [], `round ${round}`);
      }
    });
  });
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const isError = (code: MayflyError['code']) => (thrown: unknown) => (thrown as MayflyError).code === code;

async function* inPieces(bytes: Buffer): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 3) yield bytes.subarray(at, at + 3);
}

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type FolderImageStore, openImages } from '../../src/adapters/images/folder-image-store.ts';
import { IMAGE_LIMITS, type ImageLimits } from '../../src/adapters/images/image-limits.ts';
import type { ArtifactStore } from '../../src/ports/artifacts.ts';
import type { TarMember } from '../harness/tar-archive.ts';
import { archiveOf, type ImageGiven, layoutOf, savedOf } from './image-builder.ts';

let root: string;
let folder: string;
let trees = 0;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'mayfly-images-'));
});
after(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'store-'));
});

/** Artifacts that are folders, by a digest made of their names. */
const placed = new Map<string, string>();
const artifacts = {
  takeTree: async (artifact: string) => {
    trees += 1;
    return { artifact, path: placed.get(artifact)!, codeBytes: 0, compileCache: null };
  },
  returnTree: () => {
    trees -= 1;
  },
} as unknown as ArtifactStore;

const open = (limits: Partial<ImageLimits> = {}, wall = Date.now): Promise<FolderImageStore> =>
  openImages({
    folder,
    artifacts,
    wall,
    mountPoints: { folders: ['/proc', '/etc'], files: ['/etc/hosts'] },
    limits: { ...IMAGE_LIMITS, ...limits },
    graceMs: 1_000,
  });

async function place(files: ReadonlyMap<string, Buffer>): Promise<string> {
  const path = await mkdtemp(join(root, 'tree-'));
  for (const [name, content] of files) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  }
  const artifact = createHash('sha256').update(path).digest('hex');
  placed.set(artifact, path);
  return artifact;
}

const config = {
  Entrypoint: ['/bin/a'],
  Cmd: ['b', 'c'],
  Env: ['A=1'],
  WorkingDir: '/app',
  User: 'x',
  ExposedPorts: { '8080/tcp': {} },
};
const file = (path: string, content = path, mode = 0o644): TarMember => ({ path, content, mode });
const sample: ImageGiven = { layers: [[file('bin/a', 'program', 0o4750)]], config };

/** Unpacks an image and lists its root: path → content, link or `folder`. */
async function rootOf(given: ImageGiven, limits: Partial<ImageLimits> = {}): Promise<Record<string, string>> {
  const artifact = await place(layoutOf({ config, ...given }));
  const store = await open(limits);
  await store.prepare(artifact);
  const { rootfs } = (await store.find(artifact))!;
  const found: Record<string, string> = {};
  for (const entry of await readdir(rootfs, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(rootfs.length + 1);
    if (['app', 'proc', 'etc', 'etc/hosts'].includes(name)) continue;
    if (entry.isSymbolicLink()) found[name] = `-> ${await readlink(path)}`;
    else if (entry.isDirectory()) found[name] = 'folder';
    else found[name] = await readFile(path, 'utf8');
  }
  return found;
}

describe('an image', () => {
  const forms: readonly [string, (given: ImageGiven) => ReadonlyMap<string, Buffer>][] = [
    ['an OCI layout', layoutOf],
    ['an OCI layout with zstd layers', (given) => layoutOf({ ...given, compress: 'zstd' })],
    ['an OCI layout with plain layers', (given) => layoutOf({ ...given, compress: 'none' })],
    ['an OCI archive', (given) => new Map([['image.tar', archiveOf(layoutOf(given))]])],
    ['a compressed OCI archive', (given) => new Map([['image.tar', gzipSync(archiveOf(layoutOf(given)))]])],
    ['an archive of docker save', (given) => new Map([['image.tar', archiveOf(savedOf(given))]])],
  ];
  for (const [form, make] of forms) {
    test(`comes as ${form}`, async () => {
      const artifact = await place(make(sample));
      const store = await open();
      assert.equal(await store.find(artifact), null);
      await Promise.all([store.prepare(artifact), store.prepare(artifact)]);
      assert.equal(trees, 0);
      const { rootfs, configFile } = (await store.find(artifact))!;
      assert.deepEqual(JSON.parse(await readFile(configFile, 'utf8')), {
        command: ['/bin/a', 'b', 'c'],
        env: ['A=1'],
        folder: '/app',
        user: 'x',
        ports: ['8080/tcp'],
      });
      assert.equal(await readFile(join(rootfs, 'bin/a'), 'utf8'), 'program');
      assert.equal(
        (await lstat(join(rootfs, 'bin/a'))).mode & 0o7777,
        0o755,
        'what its owner may, but write, all may',
      );
      assert.deepEqual((await readdir(rootfs)).sort(), ['app', 'bin', 'etc', 'proc']);
      assert.deepEqual(await readdir(folder), [artifact]);
    });
  }

  test('with several platforms is that of this machine', async () => {
    const ours = layoutOf(sample);
    const other = layoutOf({ ...sample, layers: [[file('other')]], architecture: 's390x' });
    const rows = [ours, other].map((files) => JSON.parse(String(files.get('index.json'))).manifests[0]);
    const platforms = [process.arch === 'x64' ? 'amd64' : process.arch, 's390x'];
    const manifests = rows.map((row, at) => ({
      ...row,
      platform: { os: 'linux', architecture: platforms[at] },
    }));
    const attestation = { ...rows[1], platform: { os: 'unknown', architecture: 'unknown' } };
    const files = new Map([...ours, ...other]);
    files.set(
      'index.json',
      Buffer.from(JSON.stringify({ manifests: [attestation, ...manifests.reverse()] })),
    );
    const store = await open();
    const artifact = await place(files);
    await store.prepare(artifact);
    assert.ok(await lstat(join((await store.find(artifact))!.rootfs, 'bin/a')));
  });

  test('goes when no release names it, after a grace', async () => {
    const time = { now: Date.now() };
    const store = await open({}, () => time.now);
    const [kept, gone] = [await place(layoutOf(sample)), await place(layoutOf(sample))];
    for (const artifact of [kept, gone]) await store.prepare(artifact);
    await store.collect(new Set([kept]));
    assert.notEqual(await store.find(gone), null);
    time.now += 2_000;
    await store.prepare(gone);
    await store.collect(new Set([kept]));
    assert.notEqual(await store.find(gone), null, 'it was wanted again');
    time.now += 2_000;
    await store.collect(new Set([kept]));
    assert.deepEqual([await store.find(gone), await readdir(folder)], [null, [kept]]);
  });

  test('is given up when the node shuts down', async () => {
    const store = await open();
    const artifact = await place(layoutOf(sample));
    const prepared = store.prepare(artifact);
    store.close();
    await assert.rejects(prepared, { code: 'SHUTTING_DOWN' });
    assert.deepEqual([await readdir(folder), trees], [[], 0]);
  });

  test('that was half unpacked when the platform died is not there', async () => {
    await mkdir(join(folder, 'incoming-x', 'rootfs'), { recursive: true });
    await open();
    assert.deepEqual(await readdir(folder), []);
  });
});

describe('the layers of an image', () => {
  test('lie on each other: files are replaced, links followed within, what is whited out is gone', async () => {
    const found = await rootOf({
      layers: [
        [
          file('usr/bin/one'),
          file('usr/share/old/a'),
          file('usr/share/old/b/c'),
          { path: 'bin', type: '2', target: 'usr/bin' },
          { path: 'sbin', type: '2', target: '/usr/bin' },
          file('was-file'),
          { path: 'was-folder', type: '5' },
          file('was-folder/x'),
          file('gone/deep/x'),
          file('gone-file'),
        ],
        [
          file('bin/two'),
          file('sbin/three'),
          { path: 'bin/hard', type: '1', target: 'bin/two' },
          file('usr/share/old/new'),
          { path: 'usr/share/old/.wh..wh..opq' },
          { path: 'was-file', type: '5' },
          file('was-folder'),
          { path: '.wh.gone' },
          { path: '.wh.gone-file' },
          { path: '.wh.never-there' },
        ],
      ],
    });
    assert.deepEqual(found, {
      bin: '-> usr/bin',
      sbin: '-> /usr/bin',
      usr: 'folder',
      'usr/bin': 'folder',
      'usr/bin/one': 'usr/bin/one',
      'usr/bin/two': 'bin/two',
      'usr/bin/three': 'sbin/three',
      'usr/bin/hard': 'bin/two',
      'usr/share': 'folder',
      'usr/share/old': 'folder',
      'usr/share/old/new': 'usr/share/old/new',
      'was-file': 'folder',
      'was-folder': 'was-folder',
    });
  });

  test('may hold devices in /dev, which the sandbox brings itself', async () => {
    assert.deepEqual(await rootOf({ layers: [[{ path: 'dev/null', type: '3' }]] }), { dev: 'folder' });
  });

  test('cannot write through a link that an earlier one made, wherever it leads', async () => {
    const outside = join(root, 'outside');
    await mkdir(outside, { recursive: true });
    const found = await rootOf({
      layers: [[{ path: 'way', type: '2', target: outside }], [file('way/in')]],
    });
    assert.deepEqual(await readdir(outside), []);
    assert.equal(found[`${outside.slice(1)}/in`], 'way/in');
  });

  const bad: readonly [string, readonly TarMember[], RegExp][] = [
    ['climbs out', [file('../escaped')], /climbs out/],
    ['climbs out later', [file('a/b/../../../escaped')], /climbs out/],
    ['links out', [{ path: 'a/link', type: '2', target: '../../etc' }], /leads out/],
    ['links out by a detour', [{ path: 'link', type: '2', target: '/a/../../etc' }], /leads out/],
    ['links hard to what is not in it', [{ path: 'a', type: '1', target: 'etc/passwd' }], /no file in it/],
    ['has a device', [{ path: 'null', type: '3' }], /device/],
    ['has a pipe', [{ path: 'pipe', type: '6' }], /device, a pipe/],
    [
      'links in a circle',
      [{ path: 'a', type: '2', target: 'b' }, { path: 'b', type: '2', target: 'a' }, file('a/x')],
      /circle/,
    ],
    ['has a name that is too long', [file(`${'x'.repeat(300)}`)], /too long a name/],
    ['has a name with a zero byte', [file(`${'x'.repeat(101)}\0y`)], /impossible name/],
    ['links to a zero byte', [{ path: 'a', type: '2', target: `${'x'.repeat(101)}\0y` }], /impossible name/],
    ['links to nothing', [{ path: 'a', type: '2', target: '' }], /impossible name/],
    ['is a folder without end', [file(`${'d/'.repeat(3_000)}x`)], /too long a name/],
    ['is a folder nearly without end', [file(`${'d/'.repeat(600)}x`)], /too deep/],
    ['takes away the folder that it is in', [{ path: 'a/.wh...' }], /takes away/],
  ];
  for (const [what, members, message] of bad) {
    test(`of one that ${what} are refused, and nothing stays`, async () => {
      await assert.rejects(rootOf({ layers: [members] }), { code: 'VALIDATION_FAILED', message });
      assert.deepEqual(await readdir(folder), []);
      assert.equal(trees, 0);
    });
  }

  test('of absurd sizes, ratios or numbers are refused', async () => {
    const zeros: TarMember = { path: 'zeros', content: Buffer.alloc(3_000_000) };
    await assert.rejects(rootOf({ layers: [[zeros]] }, { ratioFreeBytes: 1_000_000 }), /100 times/);
    await assert.rejects(rootOf({ layers: [[zeros], [zeros]] }, { unpackedBytesMax: 5_000_000 }), /5000000/);
    await assert.rejects(
      rootOf({ layers: [[file('a'), file('b'), file('c')]] }, { entriesMax: 2 }),
      /more than 2 files/,
    );
    await assert.rejects(rootOf({ layers: [[file('a')], [file('b')]] }, { layersMax: 1 }), /2 layers/);
    await assert.rejects(
      rootOf({ layers: [[file('x'.repeat(90)), file('y'.repeat(90))]] }, { nameBytesMax: 179 }),
      /names of more than 179 bytes/,
    );
    const archive = (names: readonly string[]) =>
      new Map([['image.tar', archiveOf(new Map(names.map((name) => [name, Buffer.alloc(0)])))]]);
    for (const [files, message] of [
      [archive(['a', 'b', 'c']), /more than 2 files/],
      [archive(['x'.repeat(3_000)]), /too long a name/],
    ] as const) {
      const store = await open({ membersMax: 2 });
      await assert.rejects(store.prepare(await place(files)), { code: 'VALIDATION_FAILED', message });
    }
    assert.deepEqual(await readdir(folder), []);
  });
});

describe('a bad image', () => {
  const refused = async (files: ReadonlyMap<string, Buffer>, message: RegExp) => {
    const store = await open();
    await assert.rejects(store.prepare(await place(files)), { code: 'VALIDATION_FAILED', message });
    assert.deepEqual(await readdir(folder), []);
  };
  /** Another content under the same name. */
  const spoilt = (files: Map<string, Buffer>, which: (content: string) => boolean, content: Buffer) => {
    for (const [name, before] of files)
      if (name.includes('sha256') && which(before.toString('latin1'))) files.set(name, content);
    return files;
  };

  test('with a blob that is not what its digest says is refused', async () => {
    const other = layoutOf({ layers: [[file('evil')]] });
    const layer = [...other.values()].find((content) => content.readUInt16BE(0) === 0x1f8b)!;
    await refused(
      spoilt(layoutOf(sample), (content) => content.startsWith('\u001f\u008b'), layer),
      /layer sha256.* is not what it should be/,
    );
    await refused(
      spoilt(layoutOf(sample), (content) => content.includes('diff_ids'), Buffer.from('{}')),
      /is not what it should be/,
    );
  });

  test('that is cut off, for another machine, without a command or no image at all is refused', async () => {
    const layer = [...layoutOf(sample).values()].find((content) => content.readUInt16BE(0) === 0x1f8b)!;
    const cut = spoilt(
      layoutOf(sample),
      (content) => content.startsWith('\u001f\u008b'),
      layer.subarray(0, 40),
    );
    await refused(cut, /damaged/);
    await refused(layoutOf({ ...sample, architecture: 's390x' }), /linux\/s390x/);
    await refused(
      layoutOf({ layers: sample.layers, config: { Cmd: ['x'], WorkingDir: '/a\0b' } }),
      /impossible name/,
    );
    await refused(layoutOf({ layers: sample.layers }), /neither an entrypoint nor a command/);
    await refused(new Map([['image.tar', Buffer.from('hello'.repeat(300))]]), /no tar archive/);
    await refused(
      new Map([['image.tar', archiveOf(new Map([['x', Buffer.from('y')]]))]]),
      /neither an index/,
    );
    const climbing = Buffer.from(JSON.stringify([{ Config: '../../secret.json', Layers: [] }]));
    await refused(
      new Map([['image.tar', archiveOf(new Map([['manifest.json', climbing]]))]]),
      /names the file/,
    );
  });
});

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { type FolderRuntimeStore, openRuntimes } from '../../src/adapters/runtimes/folder-runtime-store.ts';
import { NpmRegistry } from '../../src/adapters/runtimes/npm-registry.ts';
import { integrityOf, packed, StandInRegistry } from './stand-in-registry.ts';

let root: string;
let folder: string;
let registry: StandInRegistry;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'mayfly-runtimes-'));
});
after(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'store-'));
  registry = await StandInRegistry.open(['22.1.0', '22.10.2', '22.9.0', '26.0.1']);
});
afterEach(() => registry.close());

const environment = () => ({
  ...process.env,
  npm_config_registry: registry.url,
  npm_config_cache: `${folder}-npm-cache`,
  npm_config_fetch_retries: '0',
});

function open(change: Record<string, string> = {}): Promise<FolderRuntimeStore> {
  return openRuntimes({
    folder,
    own: { name: 'nodejs24', version: '24.0.0', executable: '/own/node' },
    wall: () => 1_700_000_000_000,
    registry: new NpmRegistry('npm', { ...environment(), ...change }),
  });
}

const once = async function* (bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
};
const isEmpty = async () => assert.deepEqual(await readdir(folder), []);

describe('runtimes from the registry', () => {
  test('come in their newest version, once for all who want them, and stay', async () => {
    const store = await open();
    assert.deepEqual(
      [store.isMissing('nodejs22'), store.isMissing('nodejs24'), store.isMissing('cobol')],
      [true, false, false],
    );
    assert.equal(store.find('nodejs22'), null);
    await Promise.all([store.ensure('nodejs22'), store.add('nodejs22'), store.ensure('nodejs22')]);
    assert.equal(registry.downloads, 1);
    const [row] = store.list();
    assert.deepEqual(row, {
      name: 'nodejs22',
      version: '22.10.2',
      bytes: row?.bytes,
      from: 'registry',
      integrity: integrityOf(registry.tarballs.get('22.10.2')!),
      addedAt: 1_700_000_000_000,
    });
    assert.ok((row?.bytes ?? 0) > 0);
    const again = await open();
    assert.deepEqual(again.list(), store.list());
    await again.ensure('nodejs22');
    assert.equal(registry.downloads, 1);
    assert.deepEqual(again.find('nodejs22'), store.find('nodejs22'));
    assert.equal(again.find('nodejs24')?.executable, '/own/node');
  });

  test('are replaced by a newer version when somebody asks, and go when nobody needs them', async () => {
    const store = await open();
    await store.add('nodejs22');
    registry.tarballs.set('22.11.0', packed('22.11.0'));
    assert.equal((await store.add('nodejs22')).version, '22.11.0');
    assert.equal((await readdir(folder)).length, 2);
    await store.remove('nodejs22');
    await isEmpty();
    assert.equal(store.isMissing('nodejs22'), true);
    await assert.rejects(store.remove('nodejs22'), { code: 'NOT_FOUND' });
  });

  test('that are not what the registry promised are not unpacked', async () => {
    registry.integrities.set('26.0.1', integrityOf(Buffer.from('something else')));
    await assert.rejects((await open()).ensure('nodejs26'), {
      code: 'RUNTIME_UNAVAILABLE',
      message: /nodejs26/,
    });
    await isEmpty();
  });

  test('that nobody can fetch say so, and what is here stays', async () => {
    await (await open()).add('nodejs22');
    await registry.close();
    const store = await open({ npm_config_cache: `${folder}-empty-cache` });
    await assert.rejects(store.add('nodejs22'), {
      code: 'RUNTIME_UNAVAILABLE',
      message: /ECONNREFUSED|refused|network/i,
    });
    assert.equal(store.find('nodejs22')?.version, '22.10.2');
    await assert.rejects((await open({ PATH: '/nowhere' })).ensure('nodejs26'), {
      code: 'RUNTIME_UNAVAILABLE',
      message: /npm could not be started/,
    });
  });

  test('and unknown ones and the own one are refused', async () => {
    const store = await open();
    await assert.rejects(store.add('cobol'), { code: 'NOT_FOUND', message: /nodejs22, nodejs24, nodejs26/ });
    await assert.rejects(store.add('nodejs24'), { code: 'CONFLICT' });
    await assert.rejects(store.remove('nodejs24'), { code: 'CONFLICT' });
    registry.tarballs.delete('26.0.1');
    await assert.rejects(store.add('nodejs26'), { code: 'RUNTIME_UNAVAILABLE', message: /26/ });
  });

  test('are given up when the node shuts down meanwhile', async () => {
    const asked = Promise.withResolvers<void>();
    const never = Promise.withResolvers<void>();
    registry.onDownload = () => {
      asked.resolve();
      return never.promise;
    };
    const store = await open();
    const wanted = store.ensure('nodejs22');
    await Promise.race([asked.promise, wanted]);
    store.close();
    await assert.rejects(wanted, { code: 'SHUTTING_DOWN' });
    await assert.rejects(store.ensure('nodejs22'), { code: 'SHUTTING_DOWN' });
    never.resolve();
    await isEmpty();
  });

  test('are not half here when the platform is killed meanwhile', async () => {
    const asked = Promise.withResolvers<void>();
    const never = Promise.withResolvers<void>();
    registry.onDownload = () => {
      asked.resolve();
      return never.promise;
    };
    const script = join(import.meta.dirname, 'adding.child.ts');
    const child: ChildProcess = spawn(process.execPath, [script, folder], {
      env: environment(),
      stdio: 'ignore',
      detached: true,
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await asked.promise;
    assert.notEqual((await readdir(folder)).length, 0);
    process.kill(-child.pid!, 'SIGKILL');
    await ended;
    never.resolve();
    assert.equal((await open()).isMissing('nodejs22'), true);
    await isEmpty();
  });
});

describe('a runtime from a file', () => {
  test('needs no registry', async () => {
    await registry.close();
    const store = await open();
    const tarball = packed('22.3.4');
    const row = await store.addPackage('nodejs22', once(tarball));
    assert.deepEqual([row.version, row.from, row.integrity], ['22.3.4', 'file', integrityOf(tarball)]);
    assert.equal((await open()).find('nodejs22')?.version, '22.3.4');
  });

  const bad: readonly [string, () => Buffer, RegExp, string?][] = [
    ['another package', () => packed('22.3.4', { name: 'left-pad' }), /left-pad/],
    ['another version', () => packed('20.3.4'), /20\.3\.4/],
    ['no archive', () => Buffer.from('hello'), /no package of Node/],
    ['a cut-off archive', () => packed('22.3.4').subarray(0, 150), /no package of Node/],
    ['an empty binary', () => packed('22.3.4', { binary: '' }), /not v22.3.4/, 'RUNTIME_UNAVAILABLE'],
    [
      'a binary of another machine',
      () => packed('22.3.4', { binary: '#!/bin/sh\necho lib missing >&2; exit 1\n' }),
      /lib missing/,
      'RUNTIME_UNAVAILABLE',
    ],
    [
      'a member of an absurd size',
      () => packed('22.3.4', { more: [{ path: 'package/big', size: 2 ** 31 }] }),
      /too large/,
    ],
  ];
  for (const [what, tarball, message, code = 'VALIDATION_FAILED'] of bad) {
    test(`that is ${what} is refused, and leaves nothing`, async () => {
      const store = await open();
      await assert.rejects(store.addPackage('nodejs22', once(tarball())), { code, message });
      assert.equal(store.isMissing('nodejs22'), true);
      await isEmpty();
    });
  }

  test('writes nothing but the binary, whatever the names in it are', async () => {
    const more = [
      { path: '../../escaped', content: 'x' },
      { path: '/absolute', content: 'x' },
      { path: 'package/bin/node', content: 'a second one' },
      { path: 'package/link', type: '2', target: '/etc' },
    ];
    const store = await open();
    await store.addPackage('nodejs22', once(packed('22.3.4', { more })));
    assert.deepEqual(await readdir(join(store.find('nodejs22')!.executable, '..')), ['node']);
    assert.deepEqual(
      (await readdir(root)).filter((name) => name === 'escaped'),
      [],
    );
  });

  test('that is damaged later, or was never finished, counts as missing', async () => {
    const store = await open();
    await store.addPackage('nodejs22', once(packed('22.3.4')));
    await writeFile(store.find('nodejs22')!.executable, 'short');
    await mkdir(join(folder, 'incoming-abc'));
    assert.equal((await open()).isMissing('nodejs22'), true);
    await isEmpty();
  });
});

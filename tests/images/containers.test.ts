import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DEFAULT_SANDBOX_LIMITS } from '../../src/adapters/sandboxes/sandbox-options.ts';
import { buildApp } from '../../src/build/app-builder.ts';
import { loadApp } from '../../src/build/app-loader.ts';
import type { DeployAnswer } from '../../src/contract/release-api.ts';
import { eventually, TestNode } from '../harness/test-node.ts';
import { compileProgram, compileTrap } from './container-program.ts';
import { archiveOf, layoutOf } from './image-builder.ts';

let node: TestNode;
let program: Buffer;
before(async () => {
  [node, program] = await Promise.all([TestNode.start(), compileProgram()]);
});
after(() => node.close());

/** An app's folder on disk. */
async function folderOf(app: string, files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const folder = join(node.folder, 'apps', app);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

async function deploy(app: string, files: Readonly<Record<string, string | Buffer>>): Promise<DeployAnswer> {
  return node.deployBuilt(await buildApp(await loadApp(await folderOf(app, files))));
}

/** Two layers: the program, and what it finds; owned by root and for root alone. */
const image = (config: Readonly<Record<string, unknown>>) =>
  layoutOf({
    layers: [
      [
        { path: 'program', content: program, mode: 0o700 },
        { path: 'var/lib/data', content: 'of the image', mode: 0o600 },
        { path: 'etc/os-release', content: 'ID=test\n' },
      ],
      [{ path: 'srv/greeting', content: 'hello from the second layer' }, { path: 'var/lib/.wh.nothing' }],
    ],
    config,
  });

const archive = (config: Readonly<Record<string, unknown>>) => archiveOf(image(config));
const codeOf = (answer: { readonly json: unknown }) =>
  (answer.json as { error: { code: string } }).error.code;
/** What a process of the machine was started with; empty when there is none. */
const wordsOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
};
const ask = async (path: string): Promise<string> => (await node.ask(path)).text;

describe('a container that listens on PORT', () => {
  before(async () => {
    await deploy('boxes', {
      'mayfly.yaml': `functions:
  web:
    image: images/web.tar
    memory: 128MB
    cpu: 250
    network: none
    env: { GREETING: from the author }
    routes: [/*]`,
      'images/web.tar': archive({
        Entrypoint: ['/program', 'server'],
        Cmd: ['a word'],
        Env: ['PATH=/of/the/image', 'GREETING=from the image', 'ONLY=image'],
        WorkingDir: '/srv/made/here',
        User: 'root',
      }),
    });
  });

  test('runs in its own root, with its own words, variables and folder', async () => {
    assert.equal(await ask('/@boxes/read/srv/greeting'), 'hello from the second layer');
    assert.equal(await ask('/@boxes/read/var/lib/data'), 'of the image');
    assert.equal(await ask('/@boxes/words'), '/program server a word ');
    assert.equal(await ask('/@boxes/cwd'), '/srv/made/here');
    assert.equal(await ask('/@boxes/env/PATH'), '/of/the/image');
    assert.equal(await ask('/@boxes/env/GREETING'), 'from the author');
    assert.equal(await ask('/@boxes/env/ONLY'), 'image');
    assert.equal(await ask('/@boxes/env/MAYFLY_FUNCTION'), 'web');
  });

  test('sees nothing of the host and changes nothing of its image', async () => {
    assert.deepEqual((await ask('/@boxes/list/')).trim().split(' ').sort(), [
      'dev',
      'etc',
      'mayfly',
      'proc',
      'program',
      'srv',
      'tmp',
      'var',
    ]);
    assert.match(await ask('/@boxes/read/etc/os-release'), /^ID=test/);
    assert.match(await ask('/@boxes/read/etc/passwd'), /^errno 2$/);
    assert.equal(await ask(`/@boxes/list${node.folder}`), 'errno 2');
    for (const path of ['srv/new', 'program', 'mayfly/new', 'etc/hosts', 'dev/new'])
      assert.match(await ask(`/@boxes/write/${path}`), /^errno (30|13)$/, path);
    assert.equal(await ask('/@boxes/write/tmp/new'), 'written');
    const [uid, became] = (await ask('/@boxes/uid')).split(' ');
    assert.notEqual(uid, '0');
    assert.equal(became, '-1', 'nobody becomes root');
    const pids = (await ask('/@boxes/list/proc')).split(' ').filter((name) => /^\d+$/.test(name));
    assert.ok(pids.length < 6, `${pids.length} processes`);
    const status = await ask('/@boxes/read/proc/self/status');
    assert.match(status, /Seccomp:\t2/);
    assert.match(status, /CapEff:\t0+\n/);
  });

  test('has the share of the CPU that it asked for', async (t) => {
    const { cpu } = (await node.status()).isolation.guarantees;
    if (cpu === 'none') return t.skip('no control group bounds the CPU here');
    await ask('/@boxes/words');
    const pid = (await readdir('/proc')).find((name) => wordsOf(name).startsWith('/program server a word'));
    const place = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
    const v1 = /^\d+:(?:\w+,)*cpu(?:,\w+)*:(.+)$/m.exec(place)?.[1];
    const v2 = /^0::(.+)$/m.exec(place)?.[1];
    const [file, share] =
      cpu === 'cgroup-v1'
        ? [`/sys/fs/cgroup/cpu${v1}/cpu.shares`, 256]
        : [`/sys/fs/cgroup${v2}/cpu.weight`, 25];
    if (!existsSync(file)) return t.skip(`${file} is not to be seen here`);
    assert.equal(Number(readFileSync(file, 'utf8')), share);
  });

  test('is logged, metered, frozen and ended as functions are', async () => {
    await eventually(async () =>
      (await node.logs({ app: 'boxes' })).some(({ message }) => message === 'asked for words'),
    );
    await eventually(async () => (await node.status()).instances.frozen);
    assert.equal(await ask('/@boxes/read/srv/greeting'), 'hello from the second layer');
    const usage = await eventually(() => node.usageOf('boxes/web'));
    assert.ok(usage.calls >= 10 && usage.cpuMs > 0, JSON.stringify(usage));
    const hungry = await node.ask('/@boxes/eat');
    assert.deepEqual([hungry.status, codeOf(hungry)], [502, 'FUNCTION_OUT_OF_MEMORY']);
    const crashed = await node.ask('/@boxes/crash');
    assert.deepEqual([crashed.status, codeOf(crashed)], [502, 'FUNCTION_EXITED']);
    assert.equal(await ask('/@boxes/read/srv/greeting'), 'hello from the second layer');
  });
});

describe('an image that means to run as somebody else', () => {
  const { firstUid, uidCount } = DEFAULT_SANDBOX_LIMITS;
  const uids = Array.from({ length: uidCount }, (_, slot) => firstUid + slot);

  test('is not asked who anybody is, nor what to load, while its container still has privileges', async () => {
    const trap = await compileTrap();
    const places = [
      'lib',
      'lib64',
      'usr/lib',
      `usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`,
    ];
    const tar = archiveOf(
      layoutOf({
        layers: [
          [
            { path: 'program', content: program, mode: 0o755 },
            { path: 'trap.so', content: trap, mode: 0o755 },
            { path: 'etc/ld.so.preload', content: '/trap.so\n' },
            { path: 'etc/nsswitch.conf', content: 'passwd: trap files\ngroup: trap files\n' },
            { path: 'etc/passwd', content: uids.map((uid) => `${uid}:x:0:0::/:/bin/sh\n`).join('') },
            { path: 'etc/group', content: uids.map((uid) => `${uid}:x:0:\n`).join('') },
            ...places.map((place) => ({ path: `${place}/libnss_trap.so.2`, content: trap, mode: 0o755 })),
          ],
        ],
        config: { Entrypoint: ['/program', 'server'] },
      }),
    );
    await deploy('masked', {
      'mayfly.yaml': 'functions:\n  web: { image: web.tar, routes: [/*] }\n',
      'web.tar': tar,
    });
    const [uid, became] = (await ask('/@masked/uid')).split(' ');
    assert.notEqual(uid, '0');
    assert.equal(became, '-1');
    assert.equal(await ask('/@masked/list/tmp'), '', 'nothing of the image was loaded');
    assert.match(await ask('/@masked/read/proc/self/status'), /CapInh:\t0+\nCapPrm:\t0+\n/);
    assert.match(await ask('/@masked/read/proc/self/status'), /NoNewPrivs:\t1\n/);
    assert.match(await ask('/@masked/read/proc/self/status'), /Groups:\t ?\n/);
  });
});

describe('a container that asks the Runtime API', () => {
  test('is called by it, from an OCI layout in a folder', async () => {
    const files = image({ Entrypoint: ['/program'], Cmd: ['runtime', 'app.handler'], WorkingDir: '/srv' });
    const layout = Object.fromEntries([...files].map(([path, content]) => [`image/${path}`, content]));
    await deploy('lambdas', {
      'mayfly.yaml': 'functions:\n  fn: { image: image, contract: runtime-api }\n',
      ...layout,
    });
    const results = [];
    for (let call = 0; call < 2; call += 1) results.push(JSON.parse(await node.invoke('lambdas', 'fn')));
    assert.deepEqual(
      results,
      [1, 2].map((call) => ({ call, root: '/srv', last: 'app.handler' })),
    );
  });
});

describe('a deploy of a container', () => {
  test('unpacks each image once, and says so', async () => {
    const unpacked = async () => (await readdir(join(node.node.dataDir, 'images'))).length;
    const count = await unpacked();
    const yaml = (memory: string) => `functions:\n  web: { image: web.tar, memory: ${memory} }\n`;
    const tar = archive({ Cmd: ['/program', 'server', 'again'] });
    await deploy('again', { 'mayfly.yaml': yaml('128MB'), 'web.tar': tar });
    await deploy('again', { 'mayfly.yaml': yaml('256MB'), 'web.tar': tar });
    assert.equal(await unpacked(), count + 1);
  });

  test('of a bad image fails, and what was live still is', async () => {
    const yaml = 'functions:\n  web: { image: web.tar, routes: [/*] }\n';
    await deploy('kept', { 'mayfly.yaml': yaml, 'web.tar': archive({ Cmd: ['/program', 'server'] }) });
    const before = await readdir(join(node.node.dataDir, 'images'));
    const evil = archiveOf(
      layoutOf({ layers: [[{ path: '../../escaped', content: 'x' }]], config: { Cmd: ['x'] } }),
    );
    await assert.rejects(deploy('kept', { 'mayfly.yaml': yaml, 'web.tar': evil }), {
      code: 'VALIDATION_FAILED',
      message: /climbs out/,
    });
    assert.deepEqual(await readdir(join(node.node.dataDir, 'images')), before);
    assert.equal(await ask('/@kept/read/srv/greeting'), 'hello from the second layer');
  });

  test('whose command is not in the image says so', async () => {
    const tar = archive({ Cmd: ['/missing'] });
    await deploy('missing', { 'mayfly.yaml': 'functions:\n  web: { image: web.tar }\n', 'web.tar': tar });
    const answer = await node.ask('/@missing/web');
    assert.equal(codeOf(answer), 'FUNCTION_INIT_FAILED');
    assert.match(answer.text, /\/missing cannot be started/);
  });

  test('is refused where nothing is an image, and where nothing isolates', async () => {
    const plans: readonly [string, Record<string, string>, RegExp][] = [
      ['none', { 'mayfly.yaml': 'functions:\n  web: { runtime: container }\n' }, /nothing says which image/],
      ['gone', { 'mayfly.yaml': 'functions:\n  web: { image: gone.tar }\n' }, /there is no gone\.tar/],
      ['empty', { 'mayfly.yaml': 'functions:\n  web: { image: some }\n', 'some/x': '' }, /holds no image/],
      [
        'other',
        { 'mayfly.yaml': 'functions:\n  web: { runtime: http, image: x.tar }\n' },
        /is for the runtime container/,
      ],
      ['out', { 'mayfly.yaml': 'functions:\n  web: { image: ../x.tar }\n' }, /outside the app's folder/],
    ];
    for (const [app, files, message] of plans)
      await assert.rejects(deploy(app, files), (error: Error) =>
        message.test(`${error.message}${JSON.stringify((error as unknown as { details: unknown }).details)}`),
      );
    const plain = await TestNode.start({ isolation: 'process' });
    try {
      const folder = await folderOf('plain', {
        'mayfly.yaml': 'functions:\n  web: { image: web.tar }\n',
        'web.tar': archive({ Cmd: ['/program'] }),
      });
      const built = await buildApp(await loadApp(folder));
      await assert.rejects(plain.deployBuilt(built), { code: 'VALIDATION_FAILED', message: /sandbox only/ });
    } finally {
      await plain.close();
    }
  });
});

describe('a Dockerfile', () => {
  const files = {
    'mayfly.yaml': 'functions:\n  web: { image: box, routes: [/*] }\n',
    'box/Dockerfile': 'FROM scratch\n',
  };
  const withPath = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
    const before = process.env.PATH;
    process.env.PATH = path;
    try {
      return await work();
    } finally {
      process.env.PATH = before;
    }
  };

  test('is built by the engine that is there', async () => {
    const tar = archive({ Cmd: ['/program', 'server', 'built'] });
    const folder = await folderOf('built', { ...files, 'made.tar': tar });
    const engines = join(node.folder, 'engines');
    await mkdir(engines);
    const podman = `#!/bin/sh\nif [ "$1" = save ]; then exec /bin/cp ${join(folder, 'made.tar')} "$3"; fi\n[ "$1" = build ] && [ -f "$5" ]\n`;
    await writeFile(join(engines, 'podman'), podman);
    await chmod(join(engines, 'podman'), 0o755);
    const built = await withPath(engines, async () => buildApp(await loadApp(folder)));
    await node.deployBuilt(built);
    assert.equal(await ask('/@built/words'), '/program server built ');
    await writeFile(join(engines, 'podman'), '#!/bin/sh\necho no daemon answers >&2\nexit 125\n');
    await assert.rejects(
      withPath(engines, async () => buildApp(await loadApp(folder))),
      { code: 'BUILD_FAILED', message: /podman build failed: no daemon answers/ },
    );
  });

  test('where no engine is says what to do', async () => {
    const folder = await folderOf('engineless', files);
    await assert.rejects(
      withPath('/nowhere', async () => buildApp(await loadApp(folder))),
      {
        code: 'BUILD_FAILED',
        message: /podman, buildah or docker/,
      },
    );
  });
});

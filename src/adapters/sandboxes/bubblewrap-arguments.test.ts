import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BubblewrapPlan, bubblewrapArguments } from './bubblewrap-arguments.ts';
import { parseLdd } from './runtime-root.ts';
import { DEFAULT_SANDBOX_LIMITS } from './sandbox-options.ts';

const PLAN: BubblewrapPlan = {
  program: { executable: '/opt/n/node', arguments: ['--flag'], guestFile: '/srv/guest.cjs', guestParts: [] },
  network: 'none',
  root: '/data/run/root',
  folders: [],
  dataDir: '/data',
  loader: [],
  codeParent: '/data/run/i1/code',
  uid: 210_007,
  seccomp: true,
  prlimit: true,
  limitProcesses: false,
  limits: DEFAULT_SANDBOX_LIMITS,
};

/** The command that runs inside, after `--`. */
const inside = (plan: BubblewrapPlan) => {
  const args = bubblewrapArguments(plan);
  return args.slice(args.indexOf('--') + 1);
};

test('as root, the last step inside becomes the sandbox’s own user without any privilege', () => {
  const args = bubblewrapArguments(PLAN);
  assert.equal(args.includes('--unshare-user'), false);
  const command = inside(PLAN);
  const setpriv = command.indexOf('/usr/bin/setpriv');
  assert.deepEqual(command.slice(setpriv), [
    '/usr/bin/setpriv',
    ...['--reuid', '210007', '--regid', '210007', '--clear-groups'],
    ...['--inh-caps=-all', '--bounding-set=-all', '--no-new-privs'],
    ...['/usr/local/bin/node', '--flag', '/mayfly/guest.cjs'],
  ]);
});

test('in an image’s root, what runs with privileges looks nothing up in it', () => {
  const image = { rootfs: '/data/images/a/rootfs', configFile: '/data/images/a/image.json' };
  const plan = {
    ...PLAN,
    program: { ...PLAN.program, image },
    loader: ['/mayfly/lib/ld', '--library-path', '/mayfly/lib'],
  };
  const args = bubblewrapArguments(plan);
  assert.equal(args.includes('LANG'), false, 'no files about a language');
  assert.equal(args[args.indexOf('/etc/ld.so.preload') - 1], '/data/run/root/nothing');
  const command = inside(plan);
  const nsenter = command.indexOf('/mayfly/nsenter');
  assert.deepEqual(command.slice(nsenter, nsenter + 5), [
    '/mayfly/nsenter',
    '--setuid',
    '210007',
    '--setgid',
    '210007',
  ]);
  assert.equal(command.includes('--reuid'), false);
  assert.ok(command.indexOf('/mayfly/node') > nsenter);
});

test('as a user, a user namespace drops every capability', () => {
  const plan = { ...PLAN, uid: null };
  const args = bubblewrapArguments(plan);
  assert.ok(args.includes('--unshare-user'));
  assert.equal(args.includes('--cap-add'), false);
  assert.equal(args[args.indexOf('--cap-drop') + 1], 'ALL');
  assert.equal(inside(plan).includes('/usr/bin/setpriv'), false);
});

test('only a function with network sees the host’s network and its resolver', () => {
  const without = bubblewrapArguments(PLAN);
  assert.ok(without.includes('--unshare-net'));
  assert.equal(without.includes('/etc/resolv.conf'), false);
  const full = bubblewrapArguments({ ...PLAN, network: 'full' });
  assert.equal(full.includes('--unshare-net'), false);
  assert.ok(full.includes('/etc/resolv.conf'));
});

test('nothing of the host is bound writable', () => {
  const args = bubblewrapArguments({ ...PLAN, network: 'full' });
  for (const option of ['--bind', '--bind-try', '--dev-bind']) assert.equal(args.includes(option), false);
  const sources = args.flatMap((arg, index) => (arg === '--ro-bind' ? [args[index + 1]] : []));
  assert.deepEqual(sources, ['/data/run/root', '/opt/n/node', '/data/run/i1/code']);
});

test('the data folder is not seen where it lies in a folder that is', () => {
  const plan = { ...PLAN, folders: ['/usr', '/srv/py'], dataDir: '/usr/local/mayfly' };
  const args = bubblewrapArguments(plan);
  const at = args.indexOf('/usr/local/mayfly');
  assert.deepEqual(args.slice(at - 3, at + 3), [
    ...['--perms', '0755', '--tmpfs', '/usr/local/mayfly'],
    ...['--remount-ro', '/usr/local/mayfly'],
  ]);
  assert.ok(at > args.lastIndexOf('/srv/py'));
  assert.equal(bubblewrapArguments({ ...plan, dataDir: '/usrlocal' }).includes('/usrlocal'), false);
});

test('processes are bounded by a resource limit only where no cgroup does it', () => {
  assert.equal(inside(PLAN).join(' ').includes('--nproc'), false);
  assert.ok(inside({ ...PLAN, limitProcesses: true }).includes('--nproc=128:128'));
  assert.equal(inside({ ...PLAN, prlimit: false, uid: null })[0], '/usr/local/bin/node');
});

test('ldd’s listing names libraries and the loader', () => {
  const listing = [
    '\tlinux-vdso.so.1 (0x00007f4dd66b2000)',
    '\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f4dd613e000)',
    '\tlibnowhere.so => not found',
    '\t/lib64/ld-linux-x86-64.so.2 (0x00007f4dd66b2000)',
    '\t/lib/ld-musl-x86_64.so.1 (0x7f0000000000)',
    '\tlibc.musl-x86_64.so.1 => /lib/ld-musl-x86_64.so.1 (0x7f0000000000)',
  ];
  assert.deepEqual(parseLdd(listing.join('\n')), [
    '/lib/x86_64-linux-gnu/libc.so.6',
    '/lib64/ld-linux-x86-64.so.2',
    '/lib/ld-musl-x86_64.so.1',
    '/lib/ld-musl-x86_64.so.1',
  ]);
});

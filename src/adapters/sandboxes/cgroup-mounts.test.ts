import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCgroupMounts } from './cgroup-mounts.ts';

test('v1: each controller has its own mount, and this process its own folder there', () => {
  const mounts = parseCgroupMounts(
    [
      '31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755',
      '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct',
      '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
      '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
    ].join('\n'),
    '4:memory:/user/1\n1:cpu,cpuacct:/\n0::/user.slice\n',
  );
  assert.equal(mounts.v1.get('memory'), '/sys/fs/cgroup/memory/user/1');
  assert.equal(mounts.v1.get('cpu'), '/sys/fs/cgroup/cpu,cpuacct/');
  assert.equal(mounts.v1.get('pids'), undefined);
  assert.equal(mounts.v2, '/sys/fs/cgroup/unified/user.slice');
  assert.equal(mounts.v2Root, '/sys/fs/cgroup/unified');
});

test('v2 alone', () => {
  const line = '26 22 0:23 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate';
  const mounts = parseCgroupMounts(line, '0::/user.slice/user@1000.service/app.slice\n');
  assert.equal(mounts.v2, '/sys/fs/cgroup/user.slice/user@1000.service/app.slice');
  assert.equal(mounts.v1.size, 0);
});

test('in a container the mount begins at the container’s own group', () => {
  const line = '700 699 0:32 /docker/ab /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory';
  assert.equal(
    parseCgroupMounts(line, '4:memory:/docker/ab/inner\n').v1.get('memory'),
    '/sys/fs/cgroup/memory/inner',
  );
  assert.equal(parseCgroupMounts(line, '4:memory:/docker/ab\n').v1.get('memory'), '/sys/fs/cgroup/memory');
  assert.equal(parseCgroupMounts(line, '4:memory:/docker/abc\n').v1.get('memory'), '/sys/fs/cgroup/memory');
});

test('blanks in paths are written in octal', () => {
  const line = String.raw`26 22 0:23 / /mnt/my\040groups rw - cgroup2 cgroup2 rw`;
  assert.equal(parseCgroupMounts(line, '0::/\n').v2Root, '/mnt/my groups');
});

test('nothing mounted, nothing found', () => {
  const mounts = parseCgroupMounts('', '');
  assert.deepEqual([mounts.v1.size, mounts.v2, mounts.v2Root], [0, null, null]);
});

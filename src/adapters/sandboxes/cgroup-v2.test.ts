import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, test } from 'node:test';
import { openCgroupV2 } from './cgroup-v2.ts';

/** A folder with the files that the kernel would show: enough to see what is written where. */
let root: string;
const write = (path: string, content: string) => writeFileSync(`${root}/${path}`, content);
const read = (path: string) => readFileSync(`${root}/${path}`, 'utf8');
const open = (own = root) => openCgroupV2({ v1: new Map(), v2: own, v2Root: root }, 'mayfly-test');

beforeEach(() => {
  root = mkdtempSync(`${tmpdir()}/mayfly-cgroup-`);
  write('cgroup.controllers', 'cpuset cpu io memory pids\n');
  write('cgroup.subtree_control', 'memory pids\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('a group gets its bounds in the files of v2', async () => {
  const tree = open()!;
  assert.deepEqual(tree.controls, {
    memory: 'cgroup-v2',
    cpu: 'cgroup-v2',
    pids: 'cgroup-v2',
    freeze: 'cgroup-v2',
  });
  assert.equal(read('cgroup.subtree_control'), '+cpu');
  assert.equal(read('mayfly-test/cgroup.subtree_control'), '+memory +pids +cpu');

  const group = tree.create('i1', { memoryBytes: 1000, pidsMax: 7 });
  assert.equal(read('mayfly-test/i1/memory.max'), '1000');
  assert.equal(read('mayfly-test/i1/memory.swap.max'), '0');
  assert.equal(read('mayfly-test/i1/memory.oom.group'), '1');
  assert.equal(read('mayfly-test/i1/pids.max'), '7');

  await group.add(4711);
  assert.equal(read('mayfly-test/i1/cgroup.procs'), '4711');
  group.limitMemory(2000);
  assert.equal(read('mayfly-test/i1/memory.max'), '2000');
  group.shareCpu(0.5);
  assert.equal(read('mayfly-test/i1/cpu.max'), '20000 20000');
  assert.equal(read('mayfly-test/i1/cpu.weight'), '50');
  group.shareCpu(1.2);
  assert.equal(read('mayfly-test/i1/cpu.max'), '40000 20000');
  assert.equal(read('mayfly-test/i1/cpu.weight'), '120');
  group.freezer!.freeze();
  assert.equal(read('mayfly-test/i1/cgroup.freeze'), '1');
  group.freezer!.thaw();
  assert.equal(read('mayfly-test/i1/cgroup.freeze'), '0');
});

test('what the kernel counts is read back', () => {
  const group = open()!.create('i1', { memoryBytes: 1000, pidsMax: 7 });
  write('mayfly-test/i1/memory.current', '900\n');
  write('mayfly-test/i1/memory.stat', 'anon 500\nfile 400\ninactive_file 300\n');
  assert.deepEqual(group.memory(), { used: 600, peak: 600 });
  write('mayfly-test/i1/memory.peak', '950\n');
  assert.deepEqual(group.memory(), { used: 600, peak: 950 });
  write('mayfly-test/i1/memory.events', 'low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\noom_group_kill 1\n');
  assert.equal(group.memoryKills(), 1);
  write('mayfly-test/i1/cgroup.procs', '12\n13\n');
  assert.deepEqual(group.pids(), [12, 13]);
});

test('without the memory controller there is no v2', () => {
  write('cgroup.controllers', 'pids cpu\n');
  assert.equal(open(), null);
  assert.equal(existsSync(`${root}/mayfly-test`), false);
});

test('a group of its own comes before the root of the mount', () => {
  const own = `${root}/service`;
  mkdirSync(own);
  writeFileSync(`${own}/cgroup.controllers`, 'memory pids\n');
  writeFileSync(`${own}/cgroup.subtree_control`, 'memory pids\n');
  const tree = open(own)!;
  assert.equal(tree.controls.cpu, 'none');
  tree.create('i1', { memoryBytes: 1, pidsMax: 1 }).shareCpu(1);
  assert.equal(existsSync(`${own}/mayfly-test/i1/cpu.max`), false);
});

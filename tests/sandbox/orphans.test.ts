import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openBubblewrap } from '../../src/adapters/sandboxes/bubblewrap.ts';
import { bubblewrapRefusal, lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';
import { openProcesses } from '../../src/adapters/sandboxes/process.ts';
import { ownerOf } from '../../src/adapters/sandboxes/run-folder.ts';
import { processesWith, until } from '../security/hostile-guest.ts';
import { probeOptions } from './probe.ts';

const refusal = await bubblewrapRefusal(lookAtMachine());
const noProc = process.platform === 'linux' ? false : 'needs /proc';

/** Starts a platform process that holds guests, and kills it with SIGKILL. */
async function killPlatform(kind: 'sandbox' | 'process', folder: string, mark: string): Promise<void> {
  const parent = spawn(
    process.execPath,
    [join(import.meta.dirname, 'orphan-parent.child.ts'), kind, folder, mark],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const gone = new Promise((resolve) => parent.once('exit', resolve));
  await new Promise((resolve) => parent.stdout.once('data', resolve));
  // Two guests' children, and the parent itself has the mark among its arguments.
  await until('both guests have a child', () => processesWith(mark).length === 3);
  parent.kill('SIGKILL');
  await gone;
}

const groupsOf = (folder: string): string[] =>
  globSync(`/sys/fs/cgroup/**/mayfly-${ownerOf(realpathSync(`${folder}/run/sandboxes`))}/{busy,frozen}`);

describe('a platform that is killed', () => {
  test('takes every sandbox along', { skip: refusal ?? false }, async () => {
    const folder = mkdtempSync(`${tmpdir()}/mayfly-orphans-`);
    const mark = `mayfly-orphan-${process.pid}-s`;
    try {
      await killPlatform('sandbox', folder, mark);
      await until('nobody is left', () => runningIn(folder).length === 0 && processesWith(mark).length === 0);
      // The next start finds a frozen group with nobody in it, folders, and a tree that nobody gave back.
      const driver = await openBubblewrap(probeOptions(folder));
      assert.deepEqual(readdirSync(`${folder}/run/sandboxes`).sort(), ['seccomp.bpf']);
      assert.deepEqual(groupsOf(folder), []);
      await driver.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('takes plain guests along, and its next start ends what they started', { skip: noProc }, async () => {
    const folder = mkdtempSync(`${tmpdir()}/mayfly-orphans-`);
    const mark = `mayfly-orphan-${process.pid}-p`;
    try {
      await killPlatform('process', folder, mark);
      const driver = await openProcesses(probeOptions(folder));
      assert.deepEqual([...runningIn(folder), ...processesWith(mark)], []);
      assert.deepEqual(readdirSync(`${folder}/run/sandboxes`), []);
      await driver.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** Processes that know the folder: bwrap by its arguments, guests by their mounts. */
function runningIn(folder: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .filter((pid) =>
      ['cmdline', 'mountinfo', 'environ'].some((file) => {
        try {
          return readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(folder);
        } catch {
          return false;
        }
      }),
    );
}

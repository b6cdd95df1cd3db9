import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { openMachineLoad } from './proc-load.ts';

test('it tells a share of the tasks that the machine says run, again and again', () => {
  const load = openMachineLoad();
  const tasks = Number(/ \d+\/(\d+) /.exec(readFileSync('/proc/loadavg', 'utf8'))![1]);
  for (let i = 0; i < 100; i++) {
    const now = load.runnablePerCpu();
    assert.ok(now >= 0 && now <= (2 * tasks) / availableParallelism(), String(now));
  }
});

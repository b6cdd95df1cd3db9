import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { bubblewrapRefusal, lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';
import { HostileGuests, processesWith, until } from './hostile-guest.ts';

const refusal = await bubblewrapRefusal(lookAtMachine());
const PIDS_MAX = 48;

describe('a sandbox that takes all it can', { skip: refusal ?? false }, () => {
  let guests: HostileGuests;
  before(async () => {
    guests = await HostileGuests.open({ pidsMax: PIDS_MAX });
  });
  after(() => guests.close());

  test('by forking is stopped at its bound, and its neighbour keeps working', async (t) => {
    if (guests.driver.guarantees.pids === 'none') return t.skip('this machine cannot bound processes');
    const mark = `mayfly-bomb-${process.pid}`;
    const [bomber, neighbour] = await Promise.all([guests.start(), guests.start()]);
    // Each child is a bomb too; none ever ends by itself.
    await bomber.probe.run(
      `globalThis.bomb = 'const { spawn } = require("node:child_process"); const [bomb, mark] = process.argv.slice(1); ' +
         'setInterval(() => spawn(process.execPath, ["-e", bomb, bomb, mark], { stdio: "ignore" }).on("error", () => {}), 5);';
       const { spawn } = require('node:child_process');
       spawn(process.execPath, ['-e', bomb, bomb, argument], { stdio: 'ignore' }).on('error', () => {});`,
      mark,
    );
    await until('the bomb goes off', () => processesWith(mark).length >= 2);
    assert.equal(await neighbour.probe.run('return "fine"'), 'fine');
    const child = `return require('node:child_process').execFileSync(process.execPath, ['-p', '1']).toString()`;
    assert.equal(await neighbour.probe.run(child), '1\n');
    assert.ok(processesWith(mark).length < PIDS_MAX);
    bomber.sandbox.kill();
    await bomber.sandbox.exited;
    assert.deepEqual(processesWith(mark), []);
    neighbour.sandbox.kill();
    await neighbour.sandbox.exited;
  });

  test('of memory by a child process is ended too, and its neighbour keeps working', async (t) => {
    if (guests.driver.guarantees.memory === 'none') return t.skip('this machine cannot bound memory');
    const [eater, neighbour] = await Promise.all([guests.start({ memoryMb: 128 }), guests.start()]);
    const ended = await eater.probe
      .run<{ signal: string } | null>(
        `const eat = 'const kept = []; setInterval(() => kept.push(Buffer.alloc(8 << 20, 1)), 2)';
       const child = require('node:child_process').spawn(process.execPath, ['-e', eat], { stdio: 'ignore' });
       return new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));`,
      )
      .catch(() => null);
    // The kernel ends the child alone, or the sandbox as a whole: either way, the memory is free again.
    if (ended === null) assert.equal((await eater.sandbox.exited).reason, 'memory');
    else assert.equal(ended.signal, 'SIGKILL');
    assert.equal(await neighbour.probe.run('return "fine"'), 'fine');
    eater.sandbox.kill();
    await eater.sandbox.exited;
    neighbour.sandbox.kill();
    await neighbour.sandbox.exited;
  });

  test('of /dev/shm and /tmp counts it as memory', async (t) => {
    if (!guests.driver.guarantees.memory.startsWith('cgroup'))
      return t.skip('this machine has no memory cgroup');
    const { sandbox, probe } = await guests.start({ memoryMb: 96 });
    await probe.run(
      `const fs = require('node:fs');
       const file = fs.openSync('/tmp/big', 'w');
       setImmediate(() => {
         globalThis.kept = [];
         try { for (;;) fs.writeSync(file, Buffer.alloc(1 << 20)); } catch {}
         for (;;) kept.push(Buffer.alloc(1 << 20, 1));
       });`,
    );
    assert.equal((await sandbox.exited).reason, 'memory');
  });

  test('of open files gets EMFILE', async () => {
    await guests.with(async (probe) => {
      const code = await probe.run(
        `const fs = require('node:fs');
         const open = [];
         try { for (;;) open.push(fs.openSync('/dev/null')); } catch (thrown) { return thrown.code; }
         finally { open.forEach((fd) => fs.closeSync(fd)); }`,
      );
      assert.equal(code, 'EMFILE');
    });
  });
});

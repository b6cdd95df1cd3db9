import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { bubblewrapRefusal, lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';
import { DEFAULT_SANDBOX_LIMITS } from '../../src/adapters/sandboxes/sandbox-options.ts';
import type { Probe } from '../../src/ports/sandbox.conformance.ts';
import { writeTree } from '../sandbox/probe.ts';
import { HostileGuests, processesWith, until } from './hostile-guest.ts';
import { type SystemCall, syscallProgram } from './syscall-program.ts';

const machine = lookAtMachine();
const refusal = await bubblewrapRefusal(machine);

/** What the guest gets when it tries: an error code, or `allowed` and the result. */
const attempt = (probe: Probe, expression: string, argument?: unknown): Promise<string> =>
  probe.run(
    `const fs = require('node:fs');
     try { return 'allowed: ' + JSON.stringify(await (${expression})); } catch (thrown) { return thrown.code ?? String(thrown); }`,
    argument,
  );

describe('code in a sandbox', { skip: refusal ?? false }, () => {
  let guests: HostileGuests;
  before(async () => {
    guests = await HostileGuests.open({ tmpBytesMax: 8 * 1024 * 1024, sharedMemoryBytesMax: 1024 * 1024 });
  });
  after(() => guests.close());

  test('sees a root with nothing of the host', async () => {
    await guests.with(async (probe) => {
      const root = await probe.run<string[]>('return require("node:fs").readdirSync("/").sort()');
      const expected = ['dev', 'etc', 'mayfly', 'opt', 'proc', 'tmp', 'usr', 'var'];
      assert.deepEqual(
        root.filter((name) => !name.startsWith('lib')),
        expected,
      );
      for (const path of ['/etc/shadow', '/root', '/home', '/sys', '/run', guests.folder, process.cwd()]) {
        assert.equal(await attempt(probe, 'fs.readdirSync(argument)', path), 'ENOENT', path);
      }
      const etc = await probe.run<string[]>('return require("node:fs").readdirSync("/etc").sort()');
      assert.deepEqual(etc, ['group', 'hosts', 'nsswitch.conf', 'passwd', 'resolv.conf', 'ssl']);
    });
  });

  test('can write nowhere but to its own /tmp and /dev/shm', async () => {
    await guests.with(async (probe) => {
      for (const folder of ['/', '/etc', '/usr/local/bin', '/mayfly', '/var', '/dev', '/proc']) {
        const answer = await attempt(probe, 'fs.writeFileSync(argument + "/x", "x")', folder);
        assert.match(answer, /^(EROFS|EACCES|ENOENT)$/, folder);
      }
      for (const folder of ['/tmp', '/dev/shm']) {
        const answer = await attempt(probe, 'fs.writeFileSync(argument + "/x", "x")', folder);
        assert.match(answer, /^allowed/, folder);
      }
    });
  });

  test('cannot change its own code', async () => {
    await guests.with(async (probe, sandbox) => {
      const tree = await writeTree(guests.folder, { 'index.js': 'original' });
      const code = await sandbox.giveCode(tree);
      for (const expression of [
        'fs.writeFileSync(argument + "/index.js", "changed")',
        'fs.appendFileSync(argument + "/index.js", "changed")',
        'fs.chmodSync(argument + "/index.js", 0o777)',
        'fs.unlinkSync(argument + "/index.js")',
        'fs.renameSync(argument + "/index.js", argument + "/other.js")',
        'fs.writeFileSync(argument + "/new.js", "new")',
        'fs.utimesSync(argument + "/index.js", 0, 0)',
      ]) {
        assert.match(await attempt(probe, expression, code), /^(EROFS|EACCES|EPERM)$/, expression);
      }
      const link = 'fs.linkSync(argument + "/index.js", "/tmp/index.js")';
      assert.match(await attempt(probe, link, code), /^(EXDEV|EPERM)$/);
      sandbox.kill();
      await sandbox.exited;
      assert.equal(readFileSync(`${tree.path}/index.js`, 'utf8'), 'original');
    });
  });

  test('sees no file of another instance', async () => {
    const [one, two] = await Promise.all([guests.start(), guests.start()]);
    const tree = await writeTree(guests.folder, { 'secret.txt': 'secret' });
    await one.sandbox.giveCode(tree);
    await one.probe.run('require("node:fs").writeFileSync("/tmp/note", "secret")');
    assert.equal(await attempt(two.probe, 'fs.readFileSync("/tmp/note", "utf8")'), 'ENOENT');
    assert.equal(await attempt(two.probe, 'fs.readFileSync("/var/task/secret.txt", "utf8")'), 'ENOENT');
    for (const { sandbox } of [one, two]) {
      sandbox.kill();
      await sandbox.exited;
    }
  });

  test('sees no process but its own, and cannot signal others', async () => {
    await guests.with(async (probe) => {
      const pids = await probe.run<number[]>(
        'return require("node:fs").readdirSync("/proc").map(Number).filter((pid) => pid > 0)',
      );
      assert.ok(pids.length <= 2 && pids.every((pid) => pid <= 10), `saw ${pids}`);
      assert.equal(await attempt(probe, 'process.kill(argument, 0)', process.pid), 'ESRCH');
      assert.match(await attempt(probe, 'process.kill(1, "SIGSTOP")'), /^(EPERM|allowed: true)$/);
      assert.equal(await probe.run('return 1'), 1);
    });
  });

  test('has no privilege, and a host user of its own when the platform is root', async () => {
    const [one, two] = await Promise.all([guests.start(), guests.start()]);
    const uids = await Promise.all(
      [one, two].map(async ({ sandbox, probe }) => {
        const status = await probe.run<string>(
          'return require("node:fs").readFileSync("/proc/self/status", "utf8")',
        );
        for (const set of ['Inh', 'Prm', 'Eff', 'Amb']) {
          assert.match(status, new RegExp(`^Cap${set}:\\s+0{16}$`, 'm'));
        }
        assert.match(status, /^NoNewPrivs:\s+1$/m);
        assert.match(status, /^Seccomp:\s+2$/m);
        const host = readFileSync(`/proc/${sandbox.pid}/status`, 'utf8');
        return /^Uid:\s+(\d+)\s+\1\s+\1\s+\1$/m.exec(host)?.[1];
      }),
    );
    if (machine.root) {
      assert.ok(uids.every((uid) => Number(uid) >= DEFAULT_SANDBOX_LIMITS.firstUid));
      assert.notEqual(uids[0], uids[1]);
    } else {
      assert.deepEqual(uids, [String(process.getuid!()), String(process.getuid!())]);
    }
    for (const { sandbox } of [one, two]) {
      sandbox.kill();
      await sandbox.exited;
    }
  });

  test('holds no descriptor of the platform', async () => {
    await guests.with(async (probe) => {
      const targets = await probe.run<string[]>(`
        const fs = require('node:fs');
        return fs.readdirSync('/proc/self/fd').filter((fd) => fd > 3).flatMap((fd) => {
          try { return [fs.readlinkSync('/proc/self/fd/' + fd)]; } catch { return []; }
        });`);
      for (const target of targets)
        assert.match(target, /^(anon_inode:|pipe:|\/dev\/null$|\/proc\/\d+\/fd$)/);
    });
  });

  test('without network reaches nobody, not even this machine', async () => {
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const abstract = createServer((socket) => socket.end());
    const name = `\0mayfly-test-${process.pid}`;
    if (machine.linux) await new Promise<void>((resolve) => abstract.listen(name, resolve));
    const { port } = server.address() as { port: number };
    const connect = `new Promise((resolve, reject) => {
      const socket = require('node:net').connect(argument, () => { socket.destroy(); resolve('connected'); });
      socket.on('error', reject);
    })`;
    try {
      await guests.with(async (probe) => {
        const loopback = { host: '127.0.0.1', port };
        assert.match(await attempt(probe, connect, loopback), /^(ECONNREFUSED|ENETUNREACH)$/);
        assert.equal(await attempt(probe, connect, { path: name }), 'ECONNREFUSED');
        assert.match(await attempt(probe, connect, { host: '192.0.2.1', port: 80 }), /^ENETUNREACH$/);
        const lookup = 'require("node:dns").promises.lookup("example.com")';
        assert.match(await attempt(probe, lookup), /^(EAI_AGAIN|ENOTFOUND)$/);
        const names = 'Object.keys(require("node:os").networkInterfaces())';
        assert.match(await attempt(probe, names), /^allowed: (\["lo"\]|\[\])$/);
      });
      await guests.with(
        async (probe) => {
          const loopback = { host: '127.0.0.1', port };
          assert.equal(await attempt(probe, connect, loopback), 'allowed: "connected"');
        },
        { network: 'full' },
      );
    } finally {
      server.close();
      abstract.close();
    }
  });

  test('cannot fill more than its own /tmp', async () => {
    await guests.with(async (probe) => {
      const fill = (folder: string) =>
        probe.run<[string, number]>(
          `const fs = require('node:fs');
           const file = fs.openSync(argument + '/big', 'w');
           let written = 0;
           try { for (;;) written += fs.writeSync(file, Buffer.alloc(65536)); }
           catch (thrown) { return [thrown.code, written]; }`,
          folder,
        );
      assert.deepEqual(await fill('/tmp'), ['ENOSPC', 8 * 1024 * 1024]);
      assert.deepEqual(await fill('/dev/shm'), ['ENOSPC', 1024 * 1024]);
      assert.equal(await probe.run('return 1'), 1);
    });
  });

  test('cannot hide a process from kill', async () => {
    const mark = `mayfly-hidden-${process.pid}`;
    const { sandbox, probe } = await guests.start();
    // Twice forked, in a session of its own, deaf to every signal that can be caught, holding no pipe.
    await probe.run(
      `const { spawn } = require('node:child_process');
       const deaf = 'for (const name of ["SIGTERM", "SIGHUP", "SIGINT"]) process.on(name, () => {}); setInterval(() => {}, 1000);';
       const middle = 'const child = require("node:child_process").spawn(process.execPath, ["-e", process.argv[1], process.argv[2]], ' +
         '{ detached: true, stdio: "ignore" }); child.unref(); child.once("spawn", () => process.exit(0));';
       const child = spawn(process.execPath, ['-e', middle, deaf, argument], { detached: true, stdio: 'ignore' });
       await new Promise((resolve) => child.once('exit', resolve));`,
      mark,
    );
    await until('the hidden process runs', () => processesWith(mark).length === 1);
    sandbox.kill();
    await sandbox.exited;
    assert.deepEqual(processesWith(mark), []);
  });

  test('children and native programs still work', async () => {
    await guests.with(async (probe) => {
      const output = await probe.run(
        'return require("node:child_process").execFileSync(process.execPath, ["-p", "6 * 7"], { encoding: "utf8" })',
      );
      assert.equal(output, '42\n');
      const digest = await probe.run(
        `const { Worker } = require('node:worker_threads');
         const worker = new Worker('require("node:worker_threads").parentPort.postMessage("from a thread")', { eval: true });
         return new Promise((resolve) => worker.once('message', resolve));`,
      );
      assert.equal(digest, 'from a thread');
    });
  });
});

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;
const CLONE_NEWUSER = 0x10000000;
const SIGCHLD = 17;

/** What each call must come to; numbers of x64. */
const REFUSED: readonly [what: string, call: SystemCall, errno: number][] = [
  ['mount', { number: 165 }, EPERM],
  ['umount2', { number: 166 }, EPERM],
  ['pivot_root', { number: 155 }, EPERM],
  ['fsopen', { number: 430 }, EPERM],
  ['unshare a user namespace', { number: 272, args: [CLONE_NEWUSER] }, EPERM],
  ['clone into a user namespace', { number: 56, args: [CLONE_NEWUSER + SIGCHLD] }, EPERM],
  ['clone3', { number: 435 }, ENOSYS],
  ['setns', { number: 308, args: [3, 0] }, EPERM],
  ['ptrace the first process', { number: 101, args: [16, 1] }, EPERM],
  ['process_vm_readv', { number: 310, args: [1] }, EPERM],
  ['bpf', { number: 321 }, EPERM],
  ['perf_event_open', { number: 298 }, EPERM],
  ['userfaultfd', { number: 323 }, EPERM],
  ['keyctl', { number: 250 }, EPERM],
  ['io_uring_setup', { number: 425, args: [8] }, ENOSYS],
  ['open_by_handle_at', { number: 304 }, EPERM],
  ['reboot', { number: 169 }, EPERM],
  ['clock_settime', { number: 227 }, EPERM],
  ['personality', { number: 135, args: [0x0040000] }, EPERM],
  ['forge terminal input', { number: 16, args: [0, 0x5412] }, EPERM],
  ['a socket to the hypervisor', { number: 41, args: [40, 1] }, EAFNOSUPPORT],
  ['a raw packet socket', { number: 41, args: [17, 3] }, EAFNOSUPPORT],
  ['a call of the x32 interface', { number: 0x40000000 + 39 }, ENOSYS],
];

const noSyscalls = refusal ?? (process.arch === 'x64' ? false : 'the test program is made for x64');

describe('system calls in a sandbox', { skip: noSyscalls }, () => {
  let guests: HostileGuests;
  before(async () => {
    guests = await HostileGuests.open({});
  });
  after(() => guests.close());

  const ending = (probe: Probe, call: SystemCall) =>
    probe.run<{ code: number | null; signal: string | null }>(
      `require('node:fs').writeFileSync('/tmp/call', Buffer.from(argument, 'base64'), { mode: 0o755 });
       const child = require('node:child_process').spawn('/tmp/call', { stdio: 'ignore' });
       return new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));`,
      syscallProgram(call).toString('base64'),
    );

  test('that nobody needs are refused', async () => {
    await guests.with(async (probe) => {
      // sched_yield succeeds: the program itself runs, so that a refusal is a refusal.
      assert.deepEqual(await ending(probe, { number: 24 }), { code: 0, signal: null });
      for (const [what, call, errno] of REFUSED) {
        assert.deepEqual(await ending(probe, call), { code: errno, signal: null }, what);
      }
    });
  });

  test('through the 32-bit entry end the caller', async () => {
    await guests.with(async (probe) => {
      const ended = await ending(probe, { number: 20, legacy: true });
      assert.deepEqual(ended, { code: null, signal: 'SIGSYS' });
    });
  });
});

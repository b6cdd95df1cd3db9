import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { MayflyError } from '../domain/errors.ts';
import type { CodeTree, Sandbox, SandboxDriver, SandboxSpec } from './sandbox.ts';

/** A conversation with a guest that runs what it is told. */
export interface Probe {
  /** Resolves when the guest has booted. */
  readonly booted: Promise<void>;
  /** Runs the body of an async function with `require` and `argument` inside; its result travels as JSON. */
  run<T>(body: string, argument?: unknown): Promise<T>;
}

export interface SandboxHarness {
  open(): Promise<SandboxDriver>;
  /** What `spec.runtime` is to be. */
  readonly runtime: string;
  attach(sandbox: Sandbox): Probe;
  /** A code tree with these files, where the driver under test can take it from. */
  makeTree(files: Readonly<Record<string, string>>): Promise<CodeTree>;
  exists(path: string): boolean;
}

/** How long a frozen guest is listened to before it counts as silent; awake, it answers within a few ms. */
const SILENCE_MS = 200;

/** What every sandbox driver must do, whatever it enforces. */
export function sandboxConformance(name: string, harness: SandboxHarness): void {
  describe(`${name} keeps the contract of SandboxDriver`, () => {
    let driver: SandboxDriver;
    let started = 0;
    before(async () => {
      driver = await harness.open();
    });
    after(() => driver.close());

    const spec = (change: Partial<SandboxSpec> = {}): SandboxSpec => {
      started += 1;
      return { id: `s${started}`, runtime: harness.runtime, network: 'none', memoryMb: 256, ...change };
    };
    const start = async (change: Partial<SandboxSpec> = {}) => {
      const sandbox = await driver.start(spec(change));
      const probe = harness.attach(sandbox);
      await probe.booted;
      return { sandbox, probe };
    };
    const finish = async (sandbox: Sandbox) => {
      sandbox.kill();
      return sandbox.exited;
    };

    test('a started guest boots and answers on its channel', async () => {
      const { sandbox, probe } = await start();
      assert.equal(await probe.run('return argument + 1', 41), 42);
      assert.ok(sandbox.pid > 0);
      await finish(sandbox);
    });

    test('two guests have a channel each', async () => {
      const [one, two] = await Promise.all([start(), start()]);
      await one.probe.run('globalThis.name = argument', 'one');
      await two.probe.run('globalThis.name = argument', 'two');
      assert.equal(await one.probe.run('return globalThis.name'), 'one');
      assert.equal(await two.probe.run('return globalThis.name'), 'two');
      await Promise.all([finish(one.sandbox), finish(two.sandbox)]);
    });

    test('standard output and standard error arrive apart', async () => {
      const { sandbox, probe } = await start();
      const out = readAll(sandbox.stdout);
      const err = readAll(sandbox.stderr);
      await probe.run('process.stdout.write("to out"); process.stderr.write("to err")');
      await probe.run('setImmediate(() => process.exit(0))');
      assert.deepEqual([await out, await err], ['to out', 'to err']);
      assert.deepEqual(await sandbox.exited, { reason: 'exit', code: 0, signal: null });
    });

    test('an exit code is reported', async () => {
      const { sandbox, probe } = await start();
      await probe.run('setImmediate(() => process.exit(7))');
      assert.deepEqual(await sandbox.exited, { reason: 'exit', code: 7, signal: null });
    });

    test('death by a signal is reported with its name', async () => {
      const { sandbox, probe } = await start();
      await probe.run('setImmediate(() => process.abort())');
      assert.deepEqual(await sandbox.exited, { reason: 'signal', code: null, signal: 'SIGABRT' });
    });

    test('kill ends a guest that spins, and may be repeated', async () => {
      const { sandbox, probe } = await start();
      await probe.run('setImmediate(() => { for (;;); })');
      sandbox.kill();
      sandbox.kill();
      assert.equal((await sandbox.exited).reason, 'killed');
      sandbox.kill();
      sandbox.freeze();
      sandbox.thaw();
      sandbox.constrain({ memoryMb: 128 });
      assert.deepEqual(sandbox.memory(), { usedMb: 0, peakMb: 0 });
    });

    test('kill takes the children along', async () => {
      const { sandbox, probe } = await start();
      // The end of stdout shows that nobody holds it any more.
      const out = readAll(sandbox.stdout);
      await probe.run(`
        const child = require('node:child_process').spawn(process.execPath,
          ['-e', 'process.on("SIGTERM", () => {}); console.log("child"); setInterval(() => {}, 1000)'],
          { stdio: ['ignore', 'pipe', 'inherit'] });
        await new Promise((resolve) => child.stdout.once('data', resolve));
        require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      `);
      await finish(sandbox);
      await out;
    });

    test('the children of a guest that exits go with it', async () => {
      const { sandbox, probe } = await start();
      const out = readAll(sandbox.stdout);
      await probe.run(`
        require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
        setImmediate(() => process.exit(0));
      `);
      assert.equal((await sandbox.exited).reason, 'exit');
      await out;
    });

    test('a frozen guest is silent until it thaws', async () => {
      const { sandbox, probe } = await start();
      sandbox.freeze();
      sandbox.freeze();
      const answer = probe.run<string>('return "here"');
      assert.equal(await Promise.race([answer, silence()]), 'silent');
      sandbox.thaw();
      sandbox.thaw();
      assert.equal(await answer, 'here');
      await finish(sandbox);
    });

    test('a frozen guest can be killed', async () => {
      const { sandbox } = await start();
      sandbox.freeze();
      assert.equal((await finish(sandbox)).reason, 'killed');
    });

    test('a code tree is readable inside, given once, and back in its place afterwards', async () => {
      const { sandbox, probe } = await start();
      const tree = await harness.makeTree({ 'index.js': 'module.exports = 5;', 'lib/deep.txt': 'deep' });
      const inside = await sandbox.giveCode(tree);
      assert.equal(await probe.run('return require(argument)', `${inside}/index.js`), 5);
      const deep = await probe.run(
        'return require("node:fs").readFileSync(argument, "utf8")',
        `${inside}/lib/deep.txt`,
      );
      assert.equal(deep, 'deep');
      await assert.rejects(sandbox.giveCode(tree), isError('INTERNAL'));
      await finish(sandbox);
      assert.ok(harness.exists(`${tree.path}/index.js`));
      await assert.rejects(sandbox.giveCode(tree), isError('INTERNAL'));
    });

    test('nothing of the platform stands in the environment', async () => {
      process.env.MAYFLY_TEST_SECRET = 'secret';
      try {
        const { sandbox, probe } = await start();
        assert.equal(await probe.run('return process.env.MAYFLY_TEST_SECRET ?? null'), null);
        await finish(sandbox);
      } finally {
        delete process.env.MAYFLY_TEST_SECRET;
      }
    });

    test('memory in use is told where the machine can tell', async (t) => {
      if (driver.guarantees.memory === 'none') return t.skip('this machine cannot tell');
      const { sandbox, probe } = await start();
      await probe.run('globalThis.kept = Buffer.alloc(argument, 1)', 64 * 1024 * 1024);
      const { usedMb, peakMb } = sandbox.memory();
      assert.ok(usedMb >= 64 && peakMb >= 64, `${usedMb} MB used, ${peakMb} MB at most`);
      await finish(sandbox);
    });

    test('a guest that passes its memory bound ends for that reason', async (t) => {
      if (driver.guarantees.memory === 'none') return t.skip('this machine cannot bound memory');
      const { sandbox, probe } = await start();
      sandbox.constrain({ memoryMb: 160 });
      await probe.run(`setImmediate(() => {
        const kept = [];
        setInterval(() => kept.push(Buffer.alloc(8 * 1024 * 1024, 1)), 5);
      })`);
      assert.deepEqual(await sandbox.exited, { reason: 'memory', code: null, signal: 'SIGKILL' });
    });

    test('an unknown runtime is refused', async () => {
      await assert.rejects(driver.start(spec({ runtime: 'cobol85' })), isError('SANDBOX_FAILED'));
    });

    test('close kills what runs and refuses what comes', async () => {
      const other = await harness.open();
      const sandbox = await other.start(spec());
      const late = other.start(spec());
      late.catch(() => {});
      await other.close();
      assert.equal((await sandbox.exited).reason, 'killed');
      // One that was being started is either refused or killed, never left.
      await late.then(
        async (one) => assert.equal((await one.exited).reason, 'killed'),
        (thrown: MayflyError) => assert.equal(thrown.code, 'SANDBOX_FAILED'),
      );
      await assert.rejects(other.start(spec()), isError('SANDBOX_FAILED'));
    });
  });
}

const isError = (code: MayflyError['code']) => (thrown: unknown) => (thrown as MayflyError).code === code;

const silence = () => new Promise<string>((resolve) => setTimeout(resolve, SILENCE_MS, 'silent'));

async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}

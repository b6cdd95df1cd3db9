import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { bubblewrapRefusal, lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';
import { makeNodeFolder, NodeProcess, removeNodeFolder } from '../harness/node-process.ts';
import { eventually } from '../harness/test-node.ts';

const APP = {
  'mayfly.yaml': `
functions:
  brief: { keepAlive: 200ms }
  lasting: { keepAlive: 10m }
`,
  'functions/brief.ts': `
    const instance = crypto.randomUUID();
    export default () => instance;`,
  'functions/lasting.ts': `
    const instance = crypto.randomUUID();
    let due = 0;
    let ticks = 0;
    setInterval(() => { ticks++; }, 5);
    export default (request: Request) => {
      const wait = new URL(request.url).searchParams.get('wait');
      if (wait !== null) setTimeout(() => { due++; }, Number(wait));
      return { instance, due, ticks };
    };`,
};

/** Longer than it takes to be frozen. */
const WAIT_MS = 400;

for (const isolation of ['sandbox', 'process'] as const) {
  const refusal = isolation === 'sandbox' ? await bubblewrapRefusal(lookAtMachine()) : null;

  describe(`functions that nobody calls (${isolation})`, { skip: refusal ?? false }, () => {
    let folder: string;
    let node: NodeProcess;
    before(async () => {
      folder = await makeNodeFolder();
      node = await NodeProcess.start(folder, { isolation, idleFreezeMs: '50ms' });
      await node.deploy('quiet', APP);
    });
    after(async () => {
      await node.stop('SIGKILL');
      await removeNodeFolder(folder);
    });

    const serving = async (): Promise<number> => {
      const { ready, busy, frozen, draining, specialising } = (await node.status()).instances;
      return ready! + busy! + frozen! + draining! + specialising!;
    };

    test('have no instance after their keep-alive, and start again when called', async () => {
      const first = await node.ask('/@quiet/brief');
      assert.equal(first.status, 200);
      await eventually(async () => (await serving()) === 0);
      const second = await node.ask('/@quiet/brief');
      assert.equal(second.status, 200);
      assert.notEqual(second.text, first.text, 'another instance');
      await eventually(async () => (await serving()) === 0);
      const row = await eventually(() => node.usageOf('quiet/brief'));
      assert.deepEqual([row.calls, row.coldStarts, row.errors], [2, 2, 0]);
    });

    test('are frozen meanwhile, and wake as they were, timers included', async () => {
      const state = async (query = '') => {
        const { status, text, json } = await node.ask(`/@quiet/lasting${query}`);
        assert.equal(status, 200, text);
        return json as { instance: string; due: number; ticks: number };
      };
      const frozen = () => eventually(async () => (await node.status()).instances.frozen === 1);
      const first = await state(`?wait=${WAIT_MS}`);
      const dueAt = performance.now() + WAIT_MS;
      await frozen();
      await eventually(() => performance.now() > dueAt);
      assert.equal((await node.status()).instances.frozen, 1, 'a timer of its own does not wake it');
      // The timer may fire behind the call that woke it, but not behind the next.
      await state();
      const woken = await state();
      assert.deepEqual([woken.instance, woken.due], [first.instance, 1]);
      for (let round = 0; round < 3; round++) {
        await frozen();
        const now = await state();
        assert.equal(now.instance, first.instance);
        assert.ok(now.ticks > woken.ticks, 'its clock goes on');
      }
      assert.equal((await node.usageOf('quiet/lasting'))!.coldStarts, 1);
    });
  });
}

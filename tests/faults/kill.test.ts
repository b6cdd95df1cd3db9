import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { bubblewrapRefusal, lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';
import type { MayflyError } from '../../src/domain/errors.ts';
import { findStrays } from '../../tools/testing/leftovers.ts';
import { makeNodeFolder, NodeProcess, removeNodeFolder, spawnNode } from '../harness/node-process.ts';
import { seededRandom } from '../harness/seeded-random.ts';
import { eventually } from '../harness/test-node.ts';
import { areGone, controlGroupsOf, ledgerOnDisk, logsOnDisk, waitingAfterKill } from './node-remains.ts';

const CLIENTS = 4;
const KILLS = { sandbox: 2, process: 1 } as const;

/** Release `n` of an app: it says so in two functions, and one of them says who called. */
const shop = (n: number) => ({
  'functions/left.ts': `
    export default (request: Request) => {
      console.log('called by ' + request.headers.get('x-caller'));
      return ${n};
    };`,
  'functions/right.ts': `export default () => ${n};`,
});

for (const isolation of ['sandbox', 'process'] as const) {
  const refusal = isolation === 'sandbox' ? await bubblewrapRefusal(lookAtMachine()) : null;
  const seed = Date.now() % 1_000_000;

  describe(`a node that is killed (${isolation}, seed ${seed})`, { skip: refusal ?? false }, () => {
    const random = seededRandom(seed);
    let folder: string;
    let node: NodeProcess;
    let release = 0;
    /** Calls that were answered, by request id; calls that may have been made without an answer. */
    const answered = new Set<string>();
    let unanswered = 0;

    before(async () => {
      folder = await makeNodeFolder();
      node = await start();
      await node.deploy('shop', shop(release));
    });
    after(async () => {
      await node.stop('SIGKILL');
      await removeNodeFolder(folder);
    });

    const start = () => NodeProcess.start(folder, { isolation });

    const call = async (name: string, caller = 'nobody') => {
      const answer = await node.ask(`/@shop/${name}`, { headers: { 'x-caller': caller } });
      assert.equal(answer.status, 200, answer.text);
      const id = String(answer.headers['x-mayfly-request-id']);
      answered.add(id);
      return { id, release: Number(answer.text) };
    };

    /** After the kill, nobody is left; after a start, what was deployed answers. Which release is it? */
    const recovers = async (): Promise<number> => {
      await node.stop('SIGKILL');
      const waiting = await waitingAfterKill(folder);
      node = await start();
      areGone(waiting);
      const [left, right] = await Promise.all([call('left'), call('right')]);
      assert.equal(left.release, right.release, 'half a release');
      return left.release;
    };

    test('while it serves: what was recorded stays', async () => {
      for (let kill = 0; kill < KILLS[isolation]; kill++) {
        const calls = await Promise.all(Array.from({ length: 10 }, () => call('left', `first-${kill}`)));
        const first = new Set(calls.map(({ id }) => id));
        await eventually(async () => first.isSubsetOf(idsOf(await ledgerOnDisk(node.data))));
        const clients = Promise.all(Array.from({ length: CLIENTS }, () => callUntilKilled()));
        await delay(random() * 300);
        const [ledger, logs] = [await ledgerOnDisk(node.data), await logsOnDisk(node.data)];
        await node.stop('SIGKILL');
        await clients;
        assert.equal(await recovers(), release);
        const kept = idsOf(await ledgerOnDisk(node.data));
        assert.ok(idsOf(ledger).isSubsetOf(kept), 'recorded calls are gone');
        const lines = await node.logs({ app: 'shop', function: 'left' });
        const linesAfter = new Set(lines.map(({ requestId }) => requestId));
        assert.ok(new Set(logs.map(({ requestId }) => requestId)).isSubsetOf(linesAfter), 'lines are gone');
        for (const { message } of lines) assert.match(message, /^called by [a-z0-9-]+$/);
      }
    });

    const callUntilKilled = async () => {
      for (;;) {
        try {
          await call('left', 'load');
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          unanswered++;
          return;
        }
      }
    };

    test('while it deploys: it serves the last release that it answered, or the one it was at', async () => {
      for (let kill = 0; kill < KILLS[isolation]; kill++) {
        const deploys = deployUntilKilled();
        await delay(random() * 400);
        await node.stop('SIGKILL');
        const { last, next } = await deploys;
        const serves = await recovers();
        assert.ok(serves === last || serves === next, `${serves} after ${last} was answered`);
        release = serves;
      }
      release += 100;
      await node.deploy('shop', shop(release));
      assert.equal((await call('left')).release, release);
    });

    const deployUntilKilled = async () => {
      for (let last = release; ; last++) {
        try {
          await node.deploy('shop', shop(last + 1));
        } catch (error) {
          assert.equal((error as MayflyError).code, 'NODE_UNREACHABLE');
          return { last, next: last + 1 };
        }
      }
    };

    test('while its instances are frozen: they end with it', async () => {
      await Promise.all([call('left'), call('right')]);
      await eventually(async () => (await node.status()).instances.frozen! >= 2);
      assert.equal(await recovers(), release);
    });

    test('while it starts: the next start is as good as any', async () => {
      for (let kill = 0; kill < KILLS[isolation]; kill++) {
        await node.stop('SIGKILL');
        const starting = spawnNode(folder, { isolation });
        await delay(random() * 800);
        await starting.stop('SIGKILL');
        assert.equal(await recovers(), release);
      }
    });

    test('adds up at the end: every call is in the ledger once, and nothing is left behind', async () => {
      const ended = await node.stop();
      assert.equal(ended.code, 0, ended.stderr);
      assert.equal(ended.stderr, '');
      const ledger = await ledgerOnDisk(node.data);
      const ids = idsOf(ledger);
      assert.equal(ids.size, ledger.length, 'a call stands twice in the ledger');
      const known = ids.intersection(answered).size;
      assert.ok(ids.size - known <= unanswered, `${ids.size - known} calls that nobody made`);
      assert.deepEqual(await findStrays(folder), []);
      assert.deepEqual(controlGroupsOf(node.data), []);
      assert.deepEqual(readdirSync(join(node.data, 'run')), []);
    });
  });
}

const idsOf = (records: readonly { readonly requestId: string }[]): Set<string> =>
  new Set(records.map(({ requestId }) => requestId));

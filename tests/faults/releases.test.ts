import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { bubblewrapRefusal, lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';
import type { MayflyError } from '../../src/domain/errors.ts';
import { findStrays } from '../../tools/testing/leftovers.ts';
import { makeNodeFolder, NodeProcess, removeNodeFolder } from '../harness/node-process.ts';
import { askRelay, type Chain, checkChains, relay } from '../harness/relay-app.ts';
import { ReleaseOperator } from '../harness/release-operator.ts';
import { seededRandom } from '../harness/seeded-random.ts';
import { areGone, controlGroupsOf, waitingAfterKill } from './node-remains.ts';

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const KILLS = Number(process.env.KILLS ?? 6);
const CLIENTS = 3;
const GENERATIONS = 10;
/** A node is killed within this after its changes have begun, ms. */
const LIFE_MS_MAX = 400;

const refusal = await bubblewrapRefusal(lookAtMachine());

describe(`a node that is killed while releases change under load (seed ${SEED})`, () => {
  const random = seededRandom(SEED);
  const chains: Chain[] = [];
  let folder: string;
  let node: NodeProcess;
  let operator: ReleaseOperator;
  const start = () => NodeProcess.start(folder, { isolation: refusal === null ? 'sandbox' : 'process' });
  before(async () => {
    folder = await makeNodeFolder();
    node = await start();
    const built = [];
    for (let n = 0; n < GENERATIONS; n++) built.push(await node.build('relay', relay(n)));
    operator = new ReleaseOperator({ node, app: 'relay', built, random });
    await operator.first();
  });
  after(async () => {
    await node.stop('SIGKILL');
    await removeNodeFolder(folder);
  });

  const callUntilKilled = async (): Promise<void> => {
    for (;;) {
      try {
        chains.push((await askRelay(node, operator, {})).chain);
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        return;
      }
    }
  };

  const changeUntilKilled = async (): Promise<void> => {
    for (;;) {
      try {
        await operator.act();
      } catch (error) {
        assert.equal((error as MayflyError).code, 'NODE_UNREACHABLE', String(error));
        return;
      }
    }
  };

  test('each change is wholly done or not at all, the other can still be made, and nothing is left behind', async (t) => {
    const ends: string[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      const busy = Promise.all([changeUntilKilled(), ...Array.from({ length: CLIENTS }, callUntilKilled)]);
      await Promise.race([busy, delay(random() * LIFE_MS_MAX)]);
      await node.stop('SIGKILL');
      await busy;
      const waiting = await waitingAfterKill(folder);
      node = await start();
      areGone(waiting);
      ends.push(await operator.resume(node));
      // Whatever serves now serves whole.
      chains.push((await askRelay(node, operator, {})).chain);
    }
    checkChains(chains, operator);
    t.diagnostic(`${operator.history.length} changes, ${chains.length} chains; those broken off: ${ends}`);

    const ended = await node.stop();
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(ended.stderr, '');
    assert.deepEqual(await findStrays(folder), []);
    assert.deepEqual(controlGroupsOf(node.data), []);
    assert.deepEqual(readdirSync(join(node.data, 'run')), []);
  });
});

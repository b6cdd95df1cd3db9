import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { bubblewrapRefusal, lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';
import { findStrays } from '../../tools/testing/leftovers.ts';
import { ledgerOnDisk } from '../faults/node-remains.ts';
import { makeNodeFolder, NodeProcess, removeNodeFolder } from '../harness/node-process.ts';
import { askRelay, type Chain, checkChains, FUNCTIONS, INSTANCES_MAX, relay } from '../harness/relay-app.ts';
import { ReleaseOperator } from '../harness/release-operator.ts';
import { seededRandom } from '../harness/seeded-random.ts';
import { eventually } from '../harness/test-node.ts';

/**
 * `CALLS_PER_SECOND=2000 ACTIONS=100 CLIENTS=64 npm test -- tests/load/releases`: the whole load, on a machine that has nothing else
 * to do. It is not asserted that a rate is reached.
 */
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const ACTIONS = Number(process.env.ACTIONS ?? 50);
const CALLS_PER_SECOND = Number(process.env.CALLS_PER_SECOND ?? 300);
const CLIENTS = Number(process.env.CLIENTS ?? 8);

const GENERATIONS = 12;

const refusal = await bubblewrapRefusal(lookAtMachine());

describe(`releases in random order under load (seed ${SEED})`, () => {
  const chains: Chain[] = [];
  let folder: string;
  let node: NodeProcess;
  let operator: ReleaseOperator;
  before(async () => {
    folder = await makeNodeFolder();
    node = await NodeProcess.start(folder, { isolation: refusal === null ? 'sandbox' : 'process' });
    const built = [];
    for (let n = 0; n < GENERATIONS; n++) built.push(await node.build('relay', relay(n)));
    operator = new ReleaseOperator({ node, app: 'relay', built, random: seededRandom(SEED) });
    await operator.first();
  });
  after(async () => {
    await node.stop('SIGKILL');
    await removeNodeFolder(folder);
  });

  /** Chains in a row, as many a second as are asked for; those with an odd number keep the cookie that they are given. */
  const client = async (number: number, over: () => boolean): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const everyMs = (1_000 * CLIENTS * FUNCTIONS.length) / CALLS_PER_SECOND;
    let headers: Record<string, string> = {};
    try {
      for (let due = performance.now() + (everyMs * number) / CLIENTS; !over(); due += everyMs) {
        await delay(Math.max(0, due - performance.now()));
        const { chain, answer } = await askRelay(node, operator, { agent, headers });
        chains.push(chain);
        const [cookie] = answer.headers['set-cookie'] ?? [];
        if (cookie !== undefined && number % 2 === 1) headers = { cookie: cookie.split(';')[0]! };
      }
    } finally {
      agent.destroy();
    }
  };

  test('no call fails while releases come, are tried out, and are taken back', async (t) => {
    let over = false;
    const started = performance.now();
    const clients = Promise.all(Array.from({ length: CLIENTS }, (_, i) => client(i, () => over)));
    const changes = async (): Promise<void> => {
      for (let action = 0; action < ACTIONS; action++) {
        const before = chains.length;
        await operator.act();
        // Every change is lived with for a while.
        await eventually(() => over || chains.length >= before + CLIENTS, 60_000);
      }
      await operator.settle();
      over = true;
    };
    await Promise.all([clients, changes()]).finally(() => {
      over = true;
    });
    const seconds = (performance.now() - started) / 1_000;
    const rate = Math.round((chains.length * FUNCTIONS.length) / seconds);
    t.diagnostic(
      `${chains.length * FUNCTIONS.length} calls, ${rate} a second, ${operator.history.length} changes`,
    );
  });

  test('every chain was of one release, and of one that served meanwhile', () => {
    checkChains(chains, operator);
    const served = new Set(chains.map(({ release }) => release));
    assert.ok(served.size > GENERATIONS / 2, `only ${served.size} releases answered`);
  });

  test('the history has every change in its order, and no other', async () => {
    await operator.check();
    assert.equal((await operator.describe()).canary, null);
  });

  test('instances of releases that serve no more are gone; the ledger is what the clients counted; nothing is left', async () => {
    await eventually(async () => {
      const { instances, calls } = await node.status();
      const living = ['specialising', 'ready', 'busy', 'frozen', 'draining'].map(
        (state) => instances[state] ?? 0,
      );
      return calls.inFlight === 0 && sum(living) <= FUNCTIONS.length * INSTANCES_MAX;
    });
    const ended = await node.stop();
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(ended.stderr, '');
    assert.deepEqual(await findStrays(folder), []);

    const ledger = await ledgerOnDisk(node.data);
    assert.deepEqual(
      ledger.filter(({ status }) => status !== 200),
      [],
    );
    assert.equal(new Set(ledger.map(({ requestId }) => requestId)).size, ledger.length);
    const counted = chains.flatMap(({ release }) => FUNCTIONS.map((name) => `${release} ${name}`));
    assert.deepEqual(tally(ledger.map((record) => `${record.release} ${record.function}`)), tally(counted));
  });
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** How often each word occurs, by word. */
function tally(words: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { bubblewrapRefusal, lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';
import { findStrays } from '../../tools/testing/leftovers.ts';
import { ledgerOnDisk } from '../faults/node-remains.ts';
import { makeNodeFolder, NodeProcess, removeNodeFolder } from '../harness/node-process.ts';
import { seededRandom } from '../harness/seeded-random.ts';
import { eventually } from '../harness/test-node.ts';
import { ReleaseOperator } from './release-operator.ts';

/**
 * `CALLS_PER_SECOND=2000 ACTIONS=100 CLIENTS=64 npm test -- tests/load/releases`: the whole load, on a machine that has nothing else
 * to do. It is not asserted that a rate is reached.
 */
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const ACTIONS = Number(process.env.ACTIONS ?? 50);
const CALLS_PER_SECOND = Number(process.env.CALLS_PER_SECOND ?? 300);
const CLIENTS = Number(process.env.CLIENTS ?? 8);

const FUNCTIONS = ['a', 'b', 'c'] as const;
const GENERATIONS = 12;
const INSTANCES_MAX = 2;
/** The environment's description shows the newest. */
const HISTORY_SHOWN = 100;

/** What each function says in generation `n`: some stay the same from one generation to the next. */
const saysOf = (n: number) => ({ a: n, b: n >> 1, c: Math.floor(n / 3) });

/** `a` asks `b`, which asks `c`; each says its release and its own part of the generation. */
const relay = (n: number): Record<string, string> => {
  const says = saysOf(n);
  const asking = (name: 'a' | 'b', next: string): string => `
    export default async (request: Request, context: { release: string }) => {
      const response = await fetch(process.env.MAYFLY_APP_URL + '/${next}');
      if (!response.ok) return new Response(await response.text(), { status: 500 });
      return [{ says: ${says[name]}, release: context.release }, ...(await response.json() as object[])];
    };`;
  return {
    'mayfly.yaml': JSON.stringify({ concurrency: { perInstance: 50, max: INSTANCES_MAX } }),
    'functions/a.ts': asking('a', 'b'),
    'functions/b.ts': asking('b', 'c'),
    'functions/c.ts': `
      export default (request: Request, context: { release: string }) =>
        [{ says: ${says.c}, release: context.release }];`,
  };
};

/** An answered chain of calls: which release it was of, and how many changes were answered at its start and begun at its end. */
interface Chain {
  readonly release: string;
  readonly links: readonly { readonly says: number; readonly release: string }[];
  readonly from: number;
  readonly to: number;
}

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
        const from = operator.answered;
        const answer = await node.ask('/@relay/a', { agent, headers });
        const to = operator.begun;
        assert.equal(answer.status, 200, answer.text);
        const release = String(answer.headers['x-mayfly-release']);
        chains.push({ release, links: answer.json as Chain['links'], from, to });
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
    const served = new Set<string>();
    for (const { release, links, from, to } of chains) {
      const generation = operator.generations.get(release);
      assert.ok(generation !== undefined, `${release} was never deployed`);
      const says = saysOf(generation);
      assert.deepEqual(
        links,
        FUNCTIONS.map((name) => ({ says: says[name], release })),
      );
      // The tracks before the first change that it may have seen, and those after each until its end.
      const possible = operator.tracks.slice(from - 1, to);
      assert.ok(
        possible.some((tracks) => tracks.has(release)),
        `${release} did not serve between the changes ${from} and ${to}`,
      );
      served.add(release);
    }
    assert.ok(served.size > GENERATIONS / 2, `only ${served.size} releases answered`);
  });

  test('the history has every change in its order, and no other', async () => {
    const { release, canary, history } = await operator.describe();
    const last = operator.history.at(-1)!;
    assert.deepEqual({ release, canary }, { release: last.release, canary: null });
    const shown = history
      .map(({ seq, action, release, canary }) => ({ seq, action, release, canary }))
      .reverse();
    const expected = operator.history.map((entry, index) => ({ seq: index + 1, ...entry }));
    assert.deepEqual(shown, expected.slice(-HISTORY_SHOWN));
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

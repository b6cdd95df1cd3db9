import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { bubblewrapRefusal, lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';
import { makeNodeFolder, NodeProcess, removeNodeFolder } from '../harness/node-process.ts';
import { eventually } from '../harness/test-node.ts';

const DEPLOYS = 10;
const CLIENTS = 8;
const PARTS = 40;

/** Release `n`: says so in every part of its answers, and has one route that no other release has. */
const rolling = (n: number) => ({
  'mayfly.yaml': `
functions:
  left: {}
  right: { routes: ['/right', '/only-${n}'] }
  slow: { concurrency: { perInstance: 10 } }
`,
  'functions/left.ts': `export default () => '${n};'.repeat(${PARTS});`,
  'functions/right.ts': `
    export default () => new Response(new ReadableStream({
      async start(controller) {
        for (let part = 0; part < ${PARTS}; part++) {
          controller.enqueue(new TextEncoder().encode('${n};'));
          if (part % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        controller.close();
      },
    }));`,
  'functions/slow.ts': `
    export default async () => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      return '${n};'.repeat(${PARTS});
    };`,
});

/** Which release an answer is from. @throws when it is not wholly of one */
function releaseOf(text: string): number {
  const parts = text.split(';').slice(0, -1);
  assert.equal(parts.length, PARTS, text);
  assert.equal(new Set(parts).size, 1, `parts of several releases: ${text}`);
  return Number(parts[0]);
}

const refusal = await bubblewrapRefusal(lookAtMachine());

describe('deploys in a row under load', () => {
  let folder: string;
  let node: NodeProcess;
  before(async () => {
    folder = await makeNodeFolder();
    node = await NodeProcess.start(folder, { isolation: refusal === null ? 'sandbox' : 'process' });
  });
  after(async () => {
    await node.stop('SIGKILL');
    await removeNodeFolder(folder);
  });

  test('fail no request, mix no releases, and are over when they are answered', async () => {
    await node.deploy('rolling', rolling(0));
    let answered = 0;
    let begun = 0;
    let over = false;
    let calls = 0;
    let reused = 0;

    /** One request by a connection that is kept: the release that answered it, or null where the route was not there. */
    const call = async (agent: Agent, name: string): Promise<number | null> => {
      const before = answered;
      const answer = await node.ask(`/@rolling/${name}`, { agent });
      if (answer.reused) reused++;
      if (answer.status === 404 && name.startsWith('only-')) {
        assert.ok(begun > Number(name.slice('only-'.length)), `${name} is not there yet`);
        return null;
      }
      calls++;
      assert.equal(answer.status, 200, answer.text);
      const release = releaseOf(answer.text);
      assert.ok(release >= before, `release ${release} answered a request after ${before} was deployed`);
      assert.ok(release <= begun, `release ${release} was not deployed yet`);
      return release;
    };

    const client = async (names: (turn: number) => string): Promise<void> => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      try {
        let last = 0;
        for (let turn = 0; !over; turn++) {
          const name = names(turn);
          const release = await call(agent, name);
          if (release === null) continue;
          assert.ok(release >= last, `back from ${last} to ${release}`);
          if (name.startsWith('only-')) assert.equal(release, Number(name.slice('only-'.length)));
          last = release;
        }
      } finally {
        agent.destroy();
      }
    };
    const mixed = (turn: number): string => ['left', 'right', `only-${answered}`][turn % 3]!;
    const clients = Promise.all([
      ...Array.from({ length: CLIENTS - 1 }, () => client(mixed)),
      client(() => 'slow'),
    ]);
    // A client that fails ends the test at once, and not only when the deploys are through.
    const deploys = async (): Promise<void> => {
      for (let n = 1; n <= DEPLOYS; n++) {
        const built = await node.build('rolling', rolling(n));
        begun = n;
        await node.deployBuilt(built);
        answered = n;
        const only = async (route: number) => (await node.ask(`/@rolling/only-${route}`)).status;
        assert.deepEqual(await Promise.all([only(n), only(n - 1)]), [200, 404]);
        calls++;
      }
      over = true;
    };
    await Promise.all([clients, deploys()]).finally(() => {
      over = true;
    });
    assert.ok(reused > calls / 2, 'connections were kept');

    const ledger = await eventually(async () => {
      const { total } = await node.usage('app');
      return total.calls === calls ? total : null;
    });
    assert.equal(ledger.errors, 0);
    // Old versions go when their last call has: what is left serves the last release.
    await eventually(async () => {
      const { instances } = await node.status();
      return instances.ready! + instances.busy! + instances.frozen! + instances.draining! <= CLIENTS + 2;
    });
    assert.equal((await node.stop()).code, 0);
  });
});

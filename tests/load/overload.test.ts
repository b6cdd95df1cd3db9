import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { bubblewrapRefusal, lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';
import type { UsageReport } from '../../src/contract/control-api.ts';
import { mayfly } from '../cli/mayfly-process.ts';
import { makeNodeFolder, NodeProcess, removeNodeFolder } from '../harness/node-process.ts';
import { eventually } from '../harness/test-node.ts';

const FLOOD = 200;
const NEIGHBOURS = 40;
const FUNCTIONS = 60;

const refusal = await bubblewrapRefusal(lookAtMachine());

describe('more calls than a function may have', () => {
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

  test('a flood gets 429 for the excess, loses nothing, and leaves others alone', async () => {
    await node.deploy('flood', {
      'mayfly.yaml': `
functions:
  popular: { concurrency: { max: 2 }, queue: 8 }
  neighbour: {}
`,
      'functions/popular.ts': `
        export default () => new Promise((resolve) => setTimeout(() => resolve('served'), 50));`,
      'functions/neighbour.ts': `export default () => 'fine';`,
    });
    assert.equal((await node.ask('/@flood/neighbour')).text, 'fine');
    let flooding = true;
    const flood = Promise.all(Array.from({ length: FLOOD }, () => node.ask('/@flood/popular'))).finally(
      () => {
        flooding = false;
      },
    );
    let neighbours = 0;
    while (flooding || neighbours < NEIGHBOURS) {
      const answer = await node.ask('/@flood/neighbour');
      assert.equal(answer.status, 200, answer.text);
      neighbours++;
    }
    const answers = await flood;
    const served = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status === 429);
    assert.equal(served.length + refused.length, FLOOD);
    // Two run and eight wait at any time.
    assert.ok(served.length >= 10, `${served.length} served`);
    assert.ok(refused.length > 0, 'nobody was refused');
    for (const { text } of served) assert.equal(text, 'served');
    for (const { headers, json } of refused) {
      assert.match(String(headers['retry-after']), /^[1-9]\d*$/);
      assert.equal((json as { error: { code: string } }).error.code, 'QUEUE_FULL');
    }

    const calls = FLOOD + neighbours + 1;
    const report = await eventually(async () => {
      const usage = await node.usage();
      return usage.total.calls >= calls ? usage : null;
    });
    const rowOf = (name: string) => report.rows.find(({ key }) => key === `flood/${name}`)!;
    assert.equal(rowOf('popular').calls, FLOOD);
    assert.equal(rowOf('popular').errors, refused.length);
    assert.equal(rowOf('neighbour').calls, neighbours + 1);
    assert.equal(rowOf('neighbour').errors, 0);
    assert.equal(report.total.calls, calls);
    assert.equal(report.total.errors, refused.length);
    const printed = await mayfly(['usage', '--json', '--data', node.data], { cwd: folder });
    const { total } = JSON.parse(printed.stdout) as UsageReport;
    assert.deepEqual([total.calls, total.errors], [calls, refused.length]);
    assert.equal((await node.status()).calls.inFlight, 0);
  });

  test(`the first calls of ${FUNCTIONS} functions at once are all answered`, async () => {
    const names = Array.from({ length: FUNCTIONS }, (_, index) => `f${index}`);
    await node.deploy('many', {
      'mayfly.yaml': 'memory: 64MB\n',
      ...Object.fromEntries(
        names.map((name) => [`functions/${name}.ts`, `export default () => 'I am ${name}';`]),
      ),
    });
    const answers = await Promise.all(names.map((name) => node.ask(`/@many/${name}`)));
    assert.deepEqual(
      answers.map(({ status, text }) => `${status} ${text}`),
      names.map((name) => `200 I am ${name}`),
    );
    const rows = await eventually(async () => {
      const many = (await node.usage()).rows.filter(({ key }) => key.startsWith('many/'));
      return many.length === FUNCTIONS ? many : null;
    });
    for (const { key, calls, coldStarts } of rows) assert.deepEqual([key, calls, coldStarts], [key, 1, 1]);
  });
});

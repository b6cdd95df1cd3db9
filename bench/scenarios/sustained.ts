import { HELLO, LOAD_INSTANCES, writeApp } from '../harness/app-folder.ts';
import { closedLoop, openLoop } from '../harness/load.ts';
import { BenchNode } from '../harness/node.ts';
import { atLeast, atMost, type Scenario } from '../harness/scenario.ts';
import { startBareHttp } from '../harness/yardsticks.ts';

const PER_SECOND = 10_000;
const CONNECTIONS = 256;

export const sustained: Scenario = {
  name: 'sustained',
  title: 'an open loop of 10,000 calls a second: requests leave on time, whatever became of earlier ones',
  notMeasured: [
    'a function without a limit of instances: this one has two a core',
    'a machine of its own for the load generator: it takes about half of one core',
    'anything finer than the 1 ms tick of the load generator',
  ],
  async run(options) {
    const { quick, progress } = options;
    const load = { perSecond: PER_SECOND, seconds: quick ? 2 : 60, connections: CONNECTIONS };
    const bare = await startBareHttp();
    try {
      progress('bare node:http');
      const yardstick = await openLoop(bare.url, { ...load, seconds: Math.min(load.seconds, 15) });
      return await BenchNode.with(options, [], async (node) => {
        await node.deploy(
          await writeApp('bench', {
            'functions/hello.js': HELLO,
            'mayfly.yaml': JSON.stringify({ concurrency: { max: LOAD_INSTANCES } }),
          }),
        );
        const url = node.urlOf('bench', 'hello');
        await closedLoop(url, { connections: 32, seconds: quick ? 1 : 3 });
        progress(`${load.seconds} s of load`);
        const before = await node.callsInLedger();
        const found = await openLoop(url, load);
        const recorded = (await node.callsInLedger()) - before;
        const than = (figure: 'p50Ms' | 'p99Ms' | 'maxMs') => ({
          yardstick: { what: bare.name, value: yardstick[figure] },
        });
        return [
          { what: 'sent', value: found.sent, unit: 'calls' },
          {
            what: 'answered',
            value: found.perSecond,
            unit: 'calls/s',
            // The last answers come a little after the last request.
            promises: [atLeast(PER_SECOND * 0.99)],
          },
          {
            what: 'sent, but not in the ledger, or twice',
            value: Math.abs(found.sent - recorded),
            unit: 'calls',
            promises: [atMost(0)],
          },
          { what: 'errors', value: found.errors, unit: '', promises: [atMost(0)] },
          { what: 'p50, from when a request was due', value: found.p50Ms, unit: 'ms', ...than('p50Ms') },
          {
            what: 'p99, from when a request was due',
            value: found.p99Ms,
            unit: 'ms',
            ...than('p99Ms'),
            promises: [atMost(50)],
          },
          { what: 'longest', value: found.maxMs, unit: 'ms', ...than('maxMs') },
        ];
      });
    } finally {
      await bare.close();
    }
  },
};

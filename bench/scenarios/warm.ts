import { HELLO, LOAD_INSTANCES, writeApp } from '../harness/app-folder.ts';
import { closedLoop, oneByOne } from '../harness/load.ts';
import { BenchNode } from '../harness/node.ts';
import { atMost, type Figure, type Scenario } from '../harness/scenario.ts';
import { median, medianOf, quantile } from '../harness/statistics.ts';
import { startBareHttp } from '../harness/yardsticks.ts';

export const warm: Scenario = {
  name: 'warm',
  title: 'time that the platform adds to a call of a warm function',
  notMeasured: [
    'a function without a limit of instances: this one has two a core',
    'the network: client and node share a machine and its cores',
    'functions that do something: this one answers "hello" at once',
  ],
  async run(options) {
    const { quick, runs, progress } = options;
    const requests = quick ? 200 : 5_000;
    const seconds = quick ? 1 : 5;
    const bare = await startBareHttp();
    try {
      return await BenchNode.with(options, [], async (node) => {
        await node.deploy(
          await writeApp('bench', {
            'functions/hello.js': HELLO,
            'mayfly.yaml': JSON.stringify({ concurrency: { max: LOAD_INSTANCES } }),
          }),
        );
        const url = node.urlOf('bench', 'hello');
        await oneByOne(bare.url, requests);
        await oneByOne(url, requests);
        await closedLoop(url, { connections: 32, seconds: 1 });
        const alone: { mayfly: number; bare: number }[] = [];
        const crowd: { mayfly: number; bare: number }[] = [];
        const rounds = runs ?? (quick ? 1 : 5);
        for (let round = 1; round <= rounds; round++) {
          progress(`run ${round} of ${rounds}`);
          alone.push({
            bare: quantile(await oneByOne(bare.url, requests), 0.5),
            mayfly: quantile(await oneByOne(url, requests), 0.5),
          });
          const load = { connections: 32, seconds };
          crowd.push({
            bare: (await closedLoop(bare.url, load)).p99Ms,
            mayfly: (await closedLoop(url, load)).p99Ms,
          });
        }
        const added = (pairs: typeof alone): number => median(pairs.map((pair) => pair.mayfly - pair.bare));
        const figures: Figure[] = [
          {
            what: 'call, 1 client, p50',
            value: medianOf(alone, (pair) => pair.mayfly),
            unit: 'ms',
            yardstick: { what: bare.name, value: medianOf(alone, (pair) => pair.bare) },
          },
          { what: 'added, 1 client, p50', value: added(alone), unit: 'ms', promises: [atMost(0.3)] },
          {
            what: 'call, 32 clients in a closed loop, p99',
            value: medianOf(crowd, (pair) => pair.mayfly),
            unit: 'ms',
            yardstick: { what: bare.name, value: medianOf(crowd, (pair) => pair.bare) },
          },
          { what: 'added, 32 clients, p99', value: added(crowd), unit: 'ms', promises: [atMost(5)] },
        ];
        return figures;
      });
    } finally {
      await bare.close();
    }
  },
};

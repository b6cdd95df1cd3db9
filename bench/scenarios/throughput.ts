import { HELLO, LOAD_INSTANCES, writeApp } from '../harness/app-folder.ts';
import { type ClosedLoop, closedLoop } from '../harness/load.ts';
import { BenchNode } from '../harness/node.ts';
import { atLeast, atMost, type Figure, ratioAtLeast, type Scenario } from '../harness/scenario.ts';
import { medianOf } from '../harness/statistics.ts';
import { PEER_NAMES, startBareHttp, startPeers } from '../harness/yardsticks.ts';

export const throughput: Scenario = {
  name: 'throughput',
  title: 'calls a second in a closed loop, one and many at a time in an instance',
  notMeasured: [
    'a function without a limit of instances: this one has two a core',
    'a machine of its own for the load generator: it takes about one of the cores',
    'large bodies, functions that wait or compute',
  ],
  async run(options) {
    const { quick, runs, progress } = options;
    const load = { connections: 64, seconds: quick ? 1 : 8 };
    const bare = await startBareHttp();
    const peers = await startPeers();
    try {
      return await BenchNode.with(options, [], async (node) => {
        const settings = {
          functions: {
            single: { concurrency: { perInstance: 1, max: LOAD_INSTANCES } },
            shared: { concurrency: { perInstance: 100, max: 1 } },
          },
        };
        await node.deploy(
          await writeApp('bench', {
            'mayfly.yaml': JSON.stringify(settings),
            'functions/single.js': HELLO,
            'functions/shared.js': HELLO,
          }),
        );
        const targets = [
          { name: bare.name, url: bare.url },
          { name: 'single', url: node.urlOf('bench', 'single') },
          { name: 'shared', url: node.urlOf('bench', 'shared') },
          ...peers,
        ];
        const found = new Map<string, ClosedLoop[]>(targets.map(({ name }) => [name, []]));
        for (const { url } of targets) await closedLoop(url, { ...load, seconds: quick ? 1 : 3 });
        const rounds = runs ?? (quick ? 1 : 3);
        for (let round = 1; round <= rounds; round++) {
          progress(`run ${round} of ${rounds}`);
          for (const { name, url } of targets) found.get(name)!.push(await closedLoop(url, load));
        }
        const perSecond = (name: string): number => medianOf(found.get(name)!, (run) => run.perSecond);
        const yardstick = { what: bare.name, value: perSecond(bare.name) };
        const errors = [...found.values()].flat().reduce((sum, run) => sum + run.errors, 0);
        const figures: Figure[] = [
          {
            what: 'one request per instance at a time',
            value: perSecond('single'),
            unit: 'calls/s',
            yardstick,
            promises: [atLeast(15_000), ratioAtLeast(0.3)],
          },
          {
            what: 'concurrent requests in one instance',
            value: perSecond('shared'),
            unit: 'calls/s',
            yardstick,
            promises: [ratioAtLeast(0.7)],
          },
          ...PEER_NAMES.map((name) => ({
            what: name,
            value: found.has(name) ? perSecond(name) : Number.NaN,
            unit: 'calls/s',
            yardstick,
            note: 'not installed',
          })),
          { what: 'answers that were not 200, all runs', value: errors, unit: '', promises: [atMost(0)] },
        ];
        return figures;
      });
    } finally {
      await Promise.all([bare, ...peers].map((server) => server.close()));
    }
  },
};

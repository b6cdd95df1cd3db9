import { HELLO, manyFunctions, writeApp } from '../harness/app-folder.ts';
import { oneByOne } from '../harness/load.ts';
import { BenchNode } from '../harness/node.ts';
import { usageOf } from '../harness/process.ts';
import { atMost, ratioAtMost, type Scenario } from '../harness/scenario.ts';
import { median, quantile } from '../harness/statistics.ts';

const APPS = 10;

export const density: Scenario = {
  name: 'density',
  title: 'a node with 10,000 deployed functions, against the same node with one',
  notMeasured: [
    'different code in each function: all share one file',
    'instances of all of them at once: deployed is not running',
  ],
  async run(options) {
    const { quick, runs, progress } = options;
    const perApp = quick ? 20 : 1_000;
    const requests = quick ? 200 : 5_000;
    const rounds = runs ?? (quick ? 1 : 5);
    const node = await BenchNode.start(options);
    const { dataDir } = node;
    const warmMs = async (some: BenchNode, app: string): Promise<number> => {
      const url = some.urlOf(app, 'f0');
      await oneByOne(url, requests);
      const medians: number[] = [];
      for (let i = 0; i < rounds; i++) medians.push(quantile(await oneByOne(url, requests), 0.5));
      return median(medians);
    };
    let alone: number;
    try {
      await node.deploy(await writeApp('one', manyFunctions(1, HELLO)));
      alone = await warmMs(node, 'one');
      for (let app = 0; app < APPS; app++) {
        progress(`deploying ${(app + 1) * perApp} functions`);
        await node.deploy(await writeApp(`many${app}`, manyFunctions(perApp, HELLO)));
      }
    } finally {
      await node.close();
    }
    const again = await BenchNode.start(options, [], dataDir);
    try {
      await again.quiet(1);
      const { functions } = await again.status();
      const crowded = await warmMs(again, `many${APPS - 1}`);
      return [
        { what: 'functions', value: functions, unit: '' },
        { what: 'ready after a start', value: again.readyMs, unit: 'ms', promises: [atMost(2_000)] },
        {
          what: 'memory of the platform process',
          value: usageOf(again.pid).rssMb,
          unit: 'MB',
          promises: [atMost(150)],
        },
        {
          what: 'warm call, p50',
          value: crowded,
          unit: 'ms',
          yardstick: { what: 'with one function', value: alone },
          promises: [ratioAtMost(1.1)],
        },
      ];
    } finally {
      await again.close();
    }
  },
};

import { HELLO, manyFunctions, writeApp } from '../harness/app-folder.ts';
import { oneByOne } from '../harness/load.ts';
import { BenchNode } from '../harness/node.ts';
import { usageOf } from '../harness/process.ts';
import { atMost, type RunOptions, ratioAtMost, type Scenario } from '../harness/scenario.ts';
import { medianOf, quantile } from '../harness/statistics.ts';

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
    const dataDir = await fill(options, perApp);
    const [alone, crowded] = [
      await BenchNode.start(options),
      await BenchNode.start(options, [], { dataDir }),
    ];
    try {
      await alone.deploy(await writeApp('one', manyFunctions(1, HELLO)));
      const urls = { alone: alone.urlOf('one', 'f0'), crowded: crowded.urlOf(`many${APPS - 1}`, 'f0') };
      for (const url of Object.values(urls)) await oneByOne(url, requests);
      const medians: { alone: number; crowded: number }[] = [];
      // In turns, so that whatever else the machine does hits both alike.
      for (let round = 1; round <= rounds; round++) {
        progress(`run ${round} of ${rounds}`);
        medians.push({
          alone: quantile(await oneByOne(urls.alone, requests), 0.5),
          crowded: quantile(await oneByOne(urls.crowded, requests), 0.5),
        });
      }
      return [
        { what: 'functions', value: (await crowded.status()).functions, unit: '' },
        { what: 'ready after a start', value: crowded.readyMs, unit: 'ms', promises: [atMost(2_000)] },
        {
          what: 'memory of the platform process',
          value: usageOf(crowded.pid).rssMb,
          unit: 'MB',
          yardstick: { what: 'with one function', value: usageOf(alone.pid).rssMb },
          promises: [atMost(150)],
        },
        {
          what: 'warm call, p50',
          value: medianOf(medians, (pair) => pair.crowded),
          unit: 'ms',
          yardstick: { what: 'with one function', value: medianOf(medians, (pair) => pair.alone) },
          promises: [ratioAtMost(1.1)],
        },
      ];
    } finally {
      await Promise.all([alone.close(), crowded.close()]);
    }
  },
};

/** Deploys many functions to a node, ends it, and gives its data folder. */
async function fill(options: RunOptions, perApp: number): Promise<string> {
  const node = await BenchNode.start(options);
  try {
    for (let app = 0; app < APPS; app++) {
      options.progress(`deploying ${(app + 1) * perApp} functions`);
      await node.deploy(await writeApp(`many${app}`, manyFunctions(perApp, HELLO)));
    }
  } finally {
    await node.close();
  }
  return node.dataDir;
}

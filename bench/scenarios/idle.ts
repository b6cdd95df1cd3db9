import { setTimeout } from 'node:timers/promises';
import { HELLO, writeApp } from '../harness/app-folder.ts';
import { oneByOne } from '../harness/load.ts';
import { BenchNode } from '../harness/node.ts';
import { usageOf } from '../harness/process.ts';
import { atMost, type Scenario } from '../harness/scenario.ts';
import { startBareHttp } from '../harness/yardsticks.ts';

export const idle: Scenario = {
  name: 'idle',
  title: 'what a node costs while nobody calls',
  notMeasured: ['the prewarmed guests in the platform’s figure: they stand in a row of their own'],
  async run(options) {
    const { quick, progress } = options;
    const seconds = quick ? 1 : 30;
    const bare = await startBareHttp();
    try {
      return await BenchNode.with(options, [], async (node) => {
        await node.deploy(await writeApp('bench', { 'functions/hello.js': HELLO }));
        await oneByOne(node.urlOf('bench', 'hello'), 10);
        await node.quiet(1);
        // What a start leaves behind (garbage, compiled code that nobody needs) settles.
        await setTimeout(quick ? 0 : 5_000);
        progress(`watching for ${seconds} s`);
        const before = usageOf(node.pid);
        const started = performance.now();
        await setTimeout(seconds * 1_000);
        const after = usageOf(node.pid);
        const tookMs = performance.now() - started;
        const { instances } = await node.status();
        return [
          {
            what: 'memory of the platform process',
            value: after.rssMb,
            unit: 'MB',
            yardstick: { what: bare.name, value: usageOf(bare.pid).rssMb },
            promises: [atMost(90)],
          },
          {
            what: 'CPU of the platform process',
            value: ((after.cpuMs - before.cpuMs) * 100) / tookMs,
            unit: '% of a core',
            promises: [atMost(0.5)],
          },
          { what: 'prewarmed guests', value: instances.prewarmed ?? 0, unit: '' },
        ];
      });
    } finally {
      await bare.close();
    }
  },
};

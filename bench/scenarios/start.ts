import { BenchNode } from '../harness/node.ts';
import { atMost, type Scenario } from '../harness/scenario.ts';
import { median } from '../harness/statistics.ts';
import { nodeStartMs } from '../harness/yardsticks.ts';

export const start: Scenario = {
  name: 'start',
  title: '`mayfly up`, from the command to the line that says it is ready',
  notMeasured: ['the first start after an installation, when the disk cache is cold'],
  async run(options) {
    const { quick, runs, progress } = options;
    const rounds = runs ?? (quick ? 1 : 9);
    const fresh: number[] = [];
    const again: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      progress(`run ${round} of ${rounds}`);
      const first = await BenchNode.start(options);
      fresh.push(first.readyMs);
      await first.close();
      const second = await BenchNode.start(options, [], { dataDir: first.dataDir });
      again.push(second.readyMs);
      await second.close();
    }
    const yardstick = { what: 'node -e 0', value: await nodeStartMs(quick ? 3 : 15) };
    return [
      {
        what: 'on an empty data folder',
        value: median(fresh),
        unit: 'ms',
        yardstick,
        promises: [atMost(1_000)],
      },
      {
        what: 'on its data folder again',
        value: median(again),
        unit: 'ms',
        yardstick,
        promises: [atMost(1_000)],
      },
    ];
  },
};

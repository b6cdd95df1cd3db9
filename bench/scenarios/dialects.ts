import { writeApp } from '../harness/app-folder.ts';
import { oneByOne } from '../harness/load.ts';
import { BenchNode } from '../harness/node.ts';
import { atMost, type Figure, type Scenario } from '../harness/scenario.ts';
import { median, quantile } from '../harness/statistics.ts';
import { DIALECT_SAMPLES, type DialectSample, SLOW_SAMPLES } from './dialect-samples.ts';

const YARDSTICK = 'fetch';

export const dialects: Scenario = {
  name: 'dialects',
  title: 'what each dialect adds to a warm call, against "fetch" in the same run',
  notMeasured: [
    'functions that do something: each answers "hello" in the shortest way that its vendor knows',
    'bodies of requests, which every dialect reads in its own way',
    'several calls at a time in an instance',
  ],
  async run(options) {
    const { quick, runs, progress } = options;
    const requests = quick ? 100 : 1_500;
    const rounds = runs ?? (quick ? 1 : 5);
    const samples = [...DIALECT_SAMPLES, ...SLOW_SAMPLES];
    return await BenchNode.with(options, [], async (node) => {
      await node.deploy(await writeApp('bench', filesOf(samples)));
      const p50Of = async ({ name }: DialectSample): Promise<number> =>
        quantile(await oneByOne(node.urlOf('bench', name), requests), 0.5);
      const yardstick = samples.find(({ name }) => name === YARDSTICK)!;
      const others = samples.filter((sample) => sample !== yardstick);
      for (const sample of samples) await p50Of(sample);
      const added = new Map<DialectSample, number[]>(others.map((sample) => [sample, []]));
      const bare: number[] = [];
      for (let round = 1; round <= rounds; round++) {
        progress(`run ${round} of ${rounds}`);
        for (const sample of others) {
          // Beside each other, since the machine's speed changes within a round.
          const before = await p50Of(yardstick);
          const its = await p50Of(sample);
          const after = await p50Of(yardstick);
          bare.push(before, after);
          added.get(sample)!.push(its - (before + after) / 2);
        }
      }
      const figures: Figure[] = others.map((sample) => ({
        what: `${sample.name}, added, p50`,
        value: median(added.get(sample)!),
        unit: 'ms',
        ...(SLOW_SAMPLES.includes(sample) ? {} : { promises: [atMost(0.15)] }),
      }));
      return [{ what: `a call of "${YARDSTICK}", p50`, value: median(bare), unit: 'ms' }, ...figures];
    });
  },
};

/** One app of all samples, with a route for each. */
function filesOf(samples: readonly DialectSample[]): Record<string, string> {
  const functions = Object.fromEntries(
    samples.map(({ name, file, handler, dialect, runtime }) => [
      name,
      {
        handler: handler ?? file,
        dialect,
        routes: [`GET /${name}`],
        ...(runtime === undefined ? {} : { runtime }),
      },
    ]),
  );
  return {
    'mayfly.yaml': JSON.stringify({ functions }),
    ...Object.fromEntries(samples.map(({ file, text }) => [file, text])),
  };
}

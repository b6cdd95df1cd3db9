import { HELLO, HELLO_PYTHON, manyFunctions, writeApp } from '../harness/app-folder.ts';
import { firstCalls } from '../harness/first-calls.ts';
import { oneByOne } from '../harness/load.ts';
import { BenchNode } from '../harness/node.ts';
import { atMost, type Figure, type RunOptions, type Scenario } from '../harness/scenario.ts';
import { quantile } from '../harness/statistics.ts';
import { nodeStartMs, pythonStartMs, startBareHttp } from '../harness/yardsticks.ts';

const title = 'time that the platform adds to the first answer of a small function that has no instance';
const notMeasured = [
  'opening the connection: it is there before the call',
  'functions whose own loading takes long: see cold-large',
];

export const cold: Scenario = {
  name: 'cold',
  title,
  notMeasured: [...notMeasured, 'more cold starts at a time than guests are kept prewarmed: see burst'],
  run: async (options) => {
    const { times, figures } = await measure(options, [], 2, IN_JAVASCRIPT);
    const [p50, p99] = [quantile(times.added, 0.5), quantile(times.added, 0.99)];
    return [
      ...figures,
      { what: 'added, p50', value: p50, unit: 'ms', promises: [atMost(3)] },
      { what: 'added, p99', value: p99, unit: 'ms', promises: [atMost(15)] },
    ];
  },
};

export const coldEmptyPool: Scenario = {
  name: 'cold-empty-pool',
  title: `${title}, when no prewarmed guest is there`,
  notMeasured,
  run: async (options) => {
    const flags = ['--prewarm-min', '0', '--prewarm-max', '0'];
    const { times, figures } = await measure(options, flags, 0, IN_JAVASCRIPT);
    return [
      ...figures,
      { what: 'added, p50', value: quantile(times.added, 0.5), unit: 'ms', promises: [atMost(45)] },
      { what: 'added, p99', value: quantile(times.added, 0.99), unit: 'ms' },
    ];
  },
};

/** The pool of the default runtime is kept full beside that of Python. */
export const coldPython: Scenario = {
  name: 'cold-python',
  title: `${title.replace('small function', 'small function in Python')}, from a prewarmed guest`,
  notMeasured: [
    ...notMeasured,
    "modules that the function imports and a prewarmed guest has not: each author's own",
  ],
  run: async (options) => {
    const { times, figures } = await measure(options, [], 4, IN_PYTHON);
    return [
      ...figures,
      { what: 'added, p50', value: quantile(times.added, 0.5), unit: 'ms', promises: [atMost(10)] },
      { what: 'added, p99', value: quantile(times.added, 0.99), unit: 'ms' },
    ];
  },
};

/** A function in one language: its text, and what its language takes to start. */
interface Sample {
  readonly text: string;
  readonly suffix: string;
  readonly yardstick: string;
  startMs(runs: number): Promise<number>;
}

const IN_JAVASCRIPT: Sample = { text: HELLO, suffix: '.js', yardstick: 'node -e 0', startMs: nodeStartMs };
const IN_PYTHON: Sample = {
  text: HELLO_PYTHON,
  suffix: '.py',
  yardstick: 'python3 -c pass',
  startMs: pythonStartMs,
};

async function measure(
  options: RunOptions,
  flags: readonly string[],
  prewarmed: number,
  sample: Sample,
): Promise<{ times: { added: number[] }; figures: Figure[] }> {
  const { quick, runs, progress } = options;
  const count = runs ?? (quick ? 5 : 100);
  const bare = await startBareHttp();
  try {
    const bareMs = quantile(await oneByOne(bare.url, quick ? 100 : 2_000), 0.5);
    const bootMs = await sample.startMs(quick ? 3 : 15);
    return await BenchNode.with(options, flags, async (node) => {
      // Every function is called once; its instance then ends, so that the last call finds the machine as the first.
      const files = manyFunctions(count + 3, sample.text, { keepAlive: 0 }, sample.suffix);
      await node.deploy(await writeApp('bench', files));
      const urls = Array.from({ length: count + 3 }, (_, i) => node.urlOf('bench', `f${i}`));
      progress(`${count} cold starts`);
      // The first three warm up the platform itself.
      const times = (await firstCalls(node, urls, prewarmed)).slice(3);
      const yardstick = { what: sample.yardstick, value: bootMs };
      return {
        times: { added: times.map((ms) => ms - bareMs) },
        figures: [
          { what: 'bare node:http, warm, p50', value: bareMs, unit: 'ms' },
          { what: 'first call, p50', value: quantile(times, 0.5), unit: 'ms', yardstick },
          { what: 'first call, p99', value: quantile(times, 0.99), unit: 'ms', yardstick },
        ],
      };
    });
  } finally {
    await bare.close();
  }
}

import { HELLO, manyFunctions, writeApp } from '../harness/app-folder.ts';
import { getRequest, HttpConnection } from '../harness/http-connection.ts';
import { BenchNode } from '../harness/node.ts';
import { atMost, type Scenario } from '../harness/scenario.ts';
import { median, quantile } from '../harness/statistics.ts';
import { nodeStartMs } from '../harness/yardsticks.ts';

export const burst: Scenario = {
  name: 'burst',
  title: '100 different functions without an instance, all called at once',
  notMeasured: ['opening the connections: they are there before the calls'],
  async run(options) {
    const { quick, runs, progress } = options;
    const count = quick ? 8 : 100;
    const rounds = runs ?? (quick ? 1 : 5);
    const bootMs = await nodeStartMs(quick ? 3 : 10);
    const lasts: number[] = [];
    const p50s: number[] = [];
    let failed = 0;
    for (let round = 1; round <= rounds; round++) {
      progress(`run ${round} of ${rounds}`);
      await BenchNode.with(options, [], async (node) => {
        await node.deploy(await writeApp('bench', manyFunctions(count, HELLO, { memory: '64MB' })));
        await node.quiet(2);
        const connections = await Promise.all(
          Array.from({ length: count }, () => HttpConnection.open(node.gatewayUrl)),
        );
        const started = performance.now();
        const times = await Promise.all(
          connections.map(async (connection, i) => {
            const status = await connection.exchange(getRequest(node.urlOf('bench', `f${i}`))).catch(() => 0);
            if (status !== 200) failed++;
            return performance.now() - started;
          }),
        );
        for (const connection of connections) connection.close();
        lasts.push(Math.max(...times));
        p50s.push(quantile(times, 0.5));
      });
    }
    return [
      {
        what: `last of ${count} answers`,
        value: median(lasts),
        unit: 'ms',
        yardstick: { what: `${count} × node -e 0, one after the other`, value: count * bootMs },
        promises: [atMost(3_000)],
      },
      { what: 'p50 of the answers', value: median(p50s), unit: 'ms' },
      { what: 'failed, all runs', value: failed, unit: '', promises: [atMost(0)] },
    ];
  },
};

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { writeApp } from '../harness/app-folder.ts';
import { findFreePort } from '../harness/free-port.ts';
import { end, start } from '../harness/process.ts';
import { atMost, type Scenario } from '../harness/scenario.ts';
import { quantile } from '../harness/statistics.ts';
import { nodeStartMs } from '../harness/yardsticks.ts';

const LIVE_TIMEOUT_MS = 30_000;
/** How often the function is asked whether it is the new one; adds half of it on average. */
const POLL_MS = 2;

export const reload: Scenario = {
  name: 'reload',
  title: 'under `mayfly dev`: from saving a file to the first answer of the new code',
  notMeasured: ['large apps: this one is a single small file', 'the editor'],
  async run(options) {
    const { quick, runs, progress } = options;
    const saves = runs ?? (quick ? 2 : 20);
    const bootMs = await nodeStartMs(quick ? 3 : 10);
    const text = (generation: number): string =>
      `export default () => new Response('generation ${generation}');\n`;
    const folder = await writeApp('bench', { 'functions/hello.js': text(0) });
    const port = await findFreePort();
    const flags = [
      '--gateway-port',
      String(port),
      '--control-port',
      '0',
      '--edge-port',
      '0',
      '--isolation',
      options.isolation,
    ];
    const child = start(process.execPath, [options.program, 'dev', folder, '--json', ...flags], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    try {
      const url = `http://127.0.0.1:${port}/@bench/hello`;
      await untilLive(url, 'generation 0');
      const times: number[] = [];
      for (let save = 1; save <= saves; save++) {
        progress(`save ${save} of ${saves}`);
        // People do not save in the same breath; the watcher and the pool come to rest.
        await setTimeout(quick ? 200 : 500);
        const started = performance.now();
        await writeFile(join(folder, 'functions/hello.js'), text(save));
        await untilLive(url, `generation ${save}`);
        times.push(performance.now() - started);
      }
      const yardstick = { what: 'node -e 0', value: bootMs };
      return [
        {
          what: 'save to live, p50',
          value: quantile(times, 0.5),
          unit: 'ms',
          yardstick,
          promises: [atMost(300)],
        },
        { what: 'save to live, longest', value: quantile(times, 1), unit: 'ms' },
      ];
    } finally {
      await end(child);
    }
  },
};

async function untilLive(url: string, expected: string): Promise<void> {
  const deadline = performance.now() + LIVE_TIMEOUT_MS;
  let last = '';
  while (performance.now() < deadline) {
    last = await fetch(url).then(
      (response) => response.text(),
      (error: unknown) => String(error),
    );
    if (last === expected) return;
    await setTimeout(POLL_MS);
  }
  throw new Error(`${url} does not answer "${expected}" but: ${last}`);
}

import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { writeApp } from '../harness/app-folder.ts';
import { compileRuntime } from '../harness/compiled-runtime.ts';
import { firstCalls } from '../harness/first-calls.ts';
import { BenchNode } from '../harness/node.ts';
import { start } from '../harness/process.ts';
import { atMost, type Scenario } from '../harness/scenario.ts';
import { quantile } from '../harness/statistics.ts';
import { makeFolder } from '../harness/temporary-folder.ts';

export const coldProvided: Scenario = {
  name: 'cold-provided',
  title: "time that the platform adds to a compiled custom runtime's own start and first answer",
  notMeasured: ['opening the connection: it is there before the call', 'programs that are slow to start'],
  run: async (options) => {
    const { quick, runs, progress } = options;
    const count = runs ?? (quick ? 5 : 100);
    const program = await compileRuntime();
    const alone = await aloneMs(program, quick ? 5 : 50);
    const own = quantile(alone, 0.5);
    return BenchNode.with(options, [], async (node) => {
      const files: Record<string, string | Buffer> = { 'mayfly.yaml': JSON.stringify({ keepAlive: 0 }) };
      for (let i = 0; i < count + 3; i++) files[`functions/f${i}/bootstrap`] = program;
      await node.deploy(await writeApp('bench', files));
      progress(`${count} cold starts`);
      const urls = Array.from({ length: count + 3 }, (_, i) => node.urlOf('bench', `f${i}`));
      const times = [
        // The first of them make the node keep guests of this kind too, and warm up the platform itself.
        ...(await firstCalls(node, urls.slice(0, 3), 0)),
        ...(await firstCalls(node, urls.slice(3), 4)),
      ].slice(3);
      const added = times.map((ms) => ms - own);
      const yardstick = { what: 'the program alone', value: own };
      return [
        { what: 'the program alone: start to its first answer, p50', value: own, unit: 'ms' },
        { what: 'first call, p50', value: quantile(times, 0.5), unit: 'ms', yardstick },
        { what: 'first call, p99', value: quantile(times, 0.99), unit: 'ms', yardstick },
        { what: 'added, p50', value: quantile(added, 0.5), unit: 'ms', promises: [atMost(10)] },
        { what: 'added, p99', value: quantile(added, 0.99), unit: 'ms' },
      ];
    });
  },
};

/** From starting the program to its first answer, with nothing but a trivial server on the other side, ms. */
async function aloneMs(program: Buffer, runs: number): Promise<number[]> {
  const file = join(await makeFolder(), 'bootstrap');
  await writeFile(file, program, { mode: 0o755 });
  let answered: () => void = () => undefined;
  const server: Server = createServer((req, res) => {
    if (req.method === 'POST') {
      res.end('{}');
      answered();
    } else res.writeHead(200, { 'lambda-runtime-aws-request-id': 'one' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const env = { AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${(server.address() as AddressInfo).port}` };
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    const first = new Promise<void>((resolve) => {
      answered = resolve;
    });
    const child = start(file, [], { stdio: 'ignore', env });
    await first;
    times.push(performance.now() - started);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return times;
}

/**
 * Takes numbered asynchronous calls and makes them until it is killed: `node async-worker.child.ts FOLDER FIRST`. Says
 * `enqueued N` once call N is on disk; each call made appends its number to the file `made`. FIRST below zero: only works.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SqliteAsyncInvocationStore } from '../../src/adapters/sqlite/async-invocation-store.ts';
import { openDatabase } from '../../src/adapters/sqlite/database.ts';
import { AsyncInvocations } from '../../src/services/async-invocations/async-invocations.ts';
import { echo } from './control-node.ts';

const [folder = '', first = '0'] = process.argv.slice(2);
const service = await AsyncInvocations.start({
  store: new SqliteAsyncInvocationStore(openDatabase(join(folder, 'mayfly.db'))),
  invoker: {
    invoke: async (call) => {
      await delay(3);
      appendFileSync(join(folder, 'made'), `${call.body}\n`);
      return echo(call);
    },
    releaseFor: () => 'r-0',
  },
  clock: { now: () => performance.now(), wall: () => Date.now() },
  random: Math.random,
  onDefect: (error) => {
    throw error;
  },
  policy: { attemptsMax: 1_000, backoffBaseMs: 5, backoffMaxMs: 20, ageMaxMs: 600_000 },
  limits: { leaseMs: 150, pollMs: 20 },
});
const enqueue = async (n: number): Promise<void> => {
  await service.enqueue({
    id: `call-${n}`,
    app: 'shop',
    environment: 'production',
    function: 'list',
    release: null,
    event: { specversion: '1.0' },
    body: Buffer.from(String(n)),
    traceparent: null,
    enqueuedAt: Date.now(),
  });
  process.stdout.write(`enqueued ${n}\n`);
};
if (Number(first) >= 0)
  for (let n = Number(first); ; n += 4) await Promise.all([0, 1, 2, 3].map((i) => enqueue(n + i)));
for (;;) {
  const { inFlight } = service.counts();
  if (inFlight === 0) break;
  await delay(10);
}
process.stdout.write(`${JSON.stringify(service.counts())}\n`);
process.exit(0);

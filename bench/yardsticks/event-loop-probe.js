// Loaded into a node before its program: looks once a millisecond how late the event loop is. On SIGUSR2 it writes what it saw since the last time to the
// file that BENCH_EVENT_LOOP names, as a list of delays in ms, and begins anew.
import { renameSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const PERIOD_MS = 1;
const file = process.env.BENCH_EVENT_LOOP;
if (isMainThread && file !== undefined) {
  let delays = [];
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    // Whoever had come at any moment of it would have waited for the rest: one long delay is many of them.
    for (let delay = now - last - PERIOD_MS; delay > 0; delay -= PERIOD_MS) delays.push(delay);
    last = now;
  }, PERIOD_MS).unref();
  process.on('SIGUSR2', () => {
    writeFileSync(`${file}.part`, JSON.stringify(delays));
    renameSync(`${file}.part`, file);
    delays = [];
    last = performance.now();
  });
}

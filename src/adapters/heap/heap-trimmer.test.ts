import assert from 'node:assert/strict';
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { HeapTrimmer } from './heap-trimmer.ts';

const CHECK_INTERVAL_MS = 20;
const PATIENCE_MS = 10_000;

/** Makes V8's space for new objects grow: some survive each collection. */
function allocate(): void {
  let kept: object[] = [];
  for (let round = 0; round < 2_000_000; round += 1) {
    kept.push({ round });
    if (kept.length > 50_000) kept = [];
  }
}

test('everything is collected when told so', () => {
  const trimmer = new HeapTrimmer();
  const gone = new WeakRef({ big: new Array(1_000_000).fill(0) });
  const before = process.memoryUsage().heapUsed;
  return setTimeout(0).then(() => {
    trimmer.collectAll();
    trimmer.stop();
    assert.equal(gone.deref(), undefined);
    assert.ok(process.memoryUsage().heapUsed < before);
  });
});

test('new objects are collected when the process has become idle', async () => {
  let forced = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind, flags } = (entry as unknown as { detail: { kind: number; flags: number } }).detail;
      const isForced = (flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0;
      if (isForced && kind === constants.NODE_PERFORMANCE_GC_MINOR) forced += 1;
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  const trimmer = new HeapTrimmer(CHECK_INTERVAL_MS);
  allocate();
  assert.equal(forced, 0);
  const giveUpAt = Date.now() + PATIENCE_MS;
  while (forced === 0 && Date.now() < giveUpAt) await setTimeout(CHECK_INTERVAL_MS);
  trimmer.stop();
  observer.disconnect();
  assert.ok(forced > 0, 'no collection of new objects was forced');
  assert.equal((globalThis as { gc?: unknown }).gc, undefined);
});

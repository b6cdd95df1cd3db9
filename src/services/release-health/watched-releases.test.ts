import assert from 'node:assert/strict';
import test from 'node:test';
import type { LogRecord, UsageRecord } from '../../domain/invocation.ts';
import { LoggedMetrics } from './logged-metrics.ts';
import { WatchedReleases } from './watched-releases.ts';

const USAGE: UsageRecord = {
  requestId: 'q',
  at: 0,
  versionKey: 'shop/production/pets@1',
  project: 'default',
  app: 'shop',
  environment: 'production',
  function: 'pets',
  version: '1',
  release: 'r-old',
  trigger: 'http',
  queuedMs: 0,
  initMs: 0,
  durationMs: 10,
  billedMs: 10,
  memoryMb: 128,
  cpuUs: 0,
  cold: false,
  outcome: 'ok',
  status: 200,
  bytesIn: 0,
  bytesOut: 0,
};
const LOG: LogRecord = {
  time: 0,
  level: 'info',
  app: 'shop',
  environment: 'production',
  function: 'pets',
  version: '1',
  requestId: 'q',
  message: '',
  fields: null,
};
const WATCH = { app: 'shop', environment: 'production', stable: 'r-old', canary: 'r-new', metrics: ['cost'] };

function watching(): WatchedReleases {
  const releases = new WatchedReleases({ wall: () => 77 });
  releases.watch(WATCH);
  return releases;
}

test('calls are counted for the release that served them, from the moment of watching', () => {
  const releases = watching();
  for (let i = 0; i < 3; i++) releases.usage(USAGE);
  releases.usage({ ...USAGE, release: 'r-new', cold: true, initMs: 5 });
  releases.usage({ ...USAGE, release: 'r-older' });
  releases.usage({ ...USAGE, environment: 'staging' });
  releases.usage({ ...USAGE, app: 'other' });
  const { since, stable, canary } = releases.read('shop', 'production')!;
  assert.equal(since, 77);
  assert.deepEqual([stable.release, stable.calls, stable.cold, stable.warm], ['r-old', 3, 0, 3]);
  assert.deepEqual([canary.release, canary.calls, canary.cold, canary.warm], ['r-new', 1, 1, 0]);
  releases.watch(WATCH);
  assert.equal(releases.read('shop', 'production')!.stable.calls, 0);
});

test('what is not watched is not counted, nor is what is watched no more', () => {
  const releases = watching();
  assert.equal(releases.read('shop', 'staging'), null);
  releases.unwatch('shop', 'staging');
  releases.unwatch('other', 'production');
  assert.notEqual(releases.read('shop', 'production'), null);
  releases.unwatch('shop', 'production');
  assert.equal(releases.read('shop', 'production'), null);
  releases.usage(USAGE);
  releases.log(LOG);
});

test('what the function or the platform did wrong is an error, what the caller did is left out', () => {
  const cases: readonly [Partial<UsageRecord>, calls: number, errors: number][] = [
    [{}, 1, 0],
    [{ status: 404 }, 1, 0],
    [{ status: 500 }, 1, 1],
    [{ status: 503 }, 1, 1],
    [{ status: 0, trigger: 'event' }, 1, 0],
    [{ outcome: 'FUNCTION_THREW', status: 0 }, 1, 1],
    [{ outcome: 'FUNCTION_TIMEOUT', status: 504 }, 1, 1],
    [{ outcome: 'SANDBOX_FAILED', status: 503 }, 1, 1],
    [{ outcome: 'CLIENT_CLOSED', status: 0 }, 0, 0],
    [{ outcome: 'BODY_TOO_LARGE', status: 413 }, 0, 0],
    [{ outcome: 'QUEUE_FULL', status: 429 }, 0, 0],
    [{ outcome: 'QUEUE_TIMEOUT', status: 429 }, 0, 0],
  ];
  for (const [changes, calls, errors] of cases) {
    const releases = watching();
    releases.usage({ ...USAGE, ...changes });
    const { stable } = releases.read('shop', 'production')!;
    assert.deepEqual([stable.calls, stable.errors], [calls, errors], JSON.stringify(changes));
  }
});

test('durations are those of warm calls that ran', () => {
  const releases = watching();
  for (let ms = 1; ms <= 100; ms++) releases.usage({ ...USAGE, durationMs: ms });
  releases.usage({ ...USAGE, durationMs: 9_000, cold: true });
  releases.usage({ ...USAGE, durationMs: 0, outcome: 'SANDBOX_FAILED', status: 503 });
  const { stable } = releases.read('shop', 'production')!;
  assert.deepEqual([stable.calls, stable.warm], [102, 100]);
  assert.ok(Math.abs(stable.p50Ms - 50) <= 1.1 && Math.abs(stable.p99Ms - 99) <= 2.1);
  const slow = stable.slowerThan(50);
  assert.ok(slow >= 47 && slow <= 50, `${slow}`);
});

test('metrics are what each call logged of them, added up; a call without them counts 0', () => {
  const releases = watching();
  const log = (requestId: string | null, fields: LogRecord['fields']): void =>
    releases.log({ ...LOG, requestId, fields });
  log('a', { 'metric.cost': 2, 'metric.other': 9 });
  log('a', { 'metric.cost': 4 });
  log('a', { 'metric.cost': 'much' });
  log('a', { 'metric.cost': Number.NaN });
  log(null, { 'metric.cost': 50 });
  log('b', null);
  // Broken off by the caller: its metrics go with it.
  log('c', { 'metric.cost': 70 });
  releases.usage({ ...USAGE, requestId: 'a', release: 'r-new' });
  releases.usage({ ...USAGE, requestId: 'b', release: 'r-new' });
  releases.usage({ ...USAGE, requestId: 'c', release: 'r-new', outcome: 'CLIENT_CLOSED' });
  releases.usage({ ...USAGE, requestId: 'c', release: 'r-new' });
  const { stable, canary } = releases.read('shop', 'production')!;
  assert.deepEqual(canary.metrics, { cost: { mean: 2, variance: 12 } });
  assert.deepEqual(stable.metrics, { cost: { mean: 0, variance: 0 } });
});

test('calls whose end never comes do not pile up', () => {
  const logged = new LoggedMetrics(['cost'], 2);
  for (const requestId of ['a', 'b', 'c']) logged.add({ ...LOG, requestId, fields: { 'metric.cost': 1 } });
  assert.equal(logged.take('a'), null);
  assert.deepEqual([...logged.take('c')!], [['cost', 1]]);
  assert.equal(logged.take('c'), null);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from './call.ts';
import { usageOf } from './usage.ts';

const call = (change: Partial<Call>): Call =>
  ({
    message: { id: 'id' },
    function: {
      key: 'a/production/f@1',
      project: 'p',
      app: 'a',
      environment: 'production',
      name: 'f',
      version: '1',
      limits: { memoryMb: 128 },
    },
    release: { snapshot: { release: 'r' } },
    trigger: 'http',
    arrivedAt: 1_000,
    assignedAt: 1_030,
    initMs: 0,
    durationMs: 70,
    billedMs: 70,
    cpuUs: 5,
    cold: false,
    outcome: 'ok',
    status: 200,
    bytesIn: 1,
    bytesOut: 2,
    ...change,
  }) as unknown as Call;

test('a record says when the call arrived, how long it waited, and what it was', () => {
  const record = usageOf(call({}), 1_100, 500_000.4);
  assert.deepEqual(record, {
    requestId: 'id',
    at: 499_900,
    versionKey: 'a/production/f@1',
    project: 'p',
    app: 'a',
    environment: 'production',
    function: 'f',
    version: '1',
    release: 'r',
    trigger: 'http',
    queuedMs: 30,
    initMs: 0,
    durationMs: 70,
    billedMs: 70,
    memoryMb: 128,
    cpuUs: 5,
    cold: false,
    outcome: 'ok',
    status: 200,
    bytesIn: 1,
    bytesOut: 2,
  });
});

test('loading is no waiting, and never makes it negative', () => {
  assert.equal(usageOf(call({ initMs: 20, cold: true }), 1_100, 0).queuedMs, 10);
  assert.equal(usageOf(call({ initMs: 40, cold: true }), 1_100, 0).queuedMs, 0);
});

test('a call that no instance took waited until it ended, and costs nothing', () => {
  const record = usageOf(call({ assignedAt: 0, durationMs: 0, billedMs: 0 }), 1_100, 0);
  assert.deepEqual([record.queuedMs, record.durationMs, record.billedMs], [100, 0, 0]);
});

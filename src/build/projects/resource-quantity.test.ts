import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readClockSpan, readMemory, readSpan } from './resource-quantity.ts';

test('sizes as Kubernetes and Docker write them, in MB', () => {
  const sizes = ['128Mi', '1Gi', '128m', '0.5g', '1048576', '100M', 'much'].map(readMemory);
  assert.deepEqual(sizes, [128, 1_024, 128, 512, 1, 1e8 / 2 ** 20, null]);
});

test('spans as Go and .NET write them, in ms', () => {
  assert.deepEqual(['1m30s', '250ms', '10', '1.5h', 'soon'].map(readSpan), [
    90_000,
    250,
    10_000,
    5_400_000,
    null,
  ]);
  assert.deepEqual(['00:05:00', '1.00:00:00', '5'].map(readClockSpan), [300_000, 86_400_000, null]);
});

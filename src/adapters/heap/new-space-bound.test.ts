import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { NewSpaceBound } from './new-space-bound.ts';

/** Objects until V8 has collected new ones at least once. */
const OBJECTS_MAX = 50_000_000;

test('after a collection the space grows only below its bound, and does again when the bound is gone', async () => {
  const told: number[] = [];
  const heap = { bytes: 0, newSpaceBytes: () => heap.bytes, growNewSpaceBy: (by: number) => told.push(by) };
  const bound = new NewSpaceBound(100, heap);
  assert.deepEqual(told, [], 'it grows by itself');
  for (const [bytes, by] of [
    [100, 1],
    [99, 2],
    [250, 1],
  ] as const) {
    heap.bytes = bytes;
    const before: number = told.length;
    // Real collections: V8 tells of them.
    for (let made = 0; told.length === before && made < OBJECTS_MAX; made += 10_000) {
      Array.from({ length: 10_000 }, () => ({ made }));
      await setImmediate();
    }
    assert.deepEqual(told.slice(before), [by], `${bytes} bytes`);
  }
  bound.stop();
  assert.equal(told.at(-1), 2);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { newSpaceBytes } from './new-space.ts';
import { NewSpaceBound } from './new-space-bound.ts';

const MB = 1024 * 1024;

/** What V8's space for new objects grows to while objects are made of which some survive each collection. */
async function grownBytes(): Promise<number> {
  let kept: object[] = [];
  let most = 0;
  for (let turn = 0; turn < 400; turn += 1) {
    for (let count = 0; count < 5_000; count += 1) kept.push({ turn, count });
    if (kept.length > 40_000) kept = [];
    await setImmediate();
    most = Math.max(most, newSpaceBytes());
  }
  return most;
}

test('the space for new objects stops growing at its bound, and grows again without it', async () => {
  const bound = new NewSpaceBound(4 * MB);
  const bounded = await grownBytes();
  bound.stop();
  assert.ok(bounded <= 9 * MB, `${bounded} bytes with a bound`);
  const free = await grownBytes();
  assert.ok(free > 12 * MB, `${free} bytes without one`);
});

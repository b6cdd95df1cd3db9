import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { KeepAlive } from './keep-alive.ts';
import { DEFAULT_SCHEDULER_LIMITS } from './limits.ts';

const MINUTE_MS = 60_000;
const { keepAliveMinMs, keepAliveDefaultMs, keepAliveMaxMs } = DEFAULT_SCHEDULER_LIMITS;

function learned(gapsMs: readonly number[]): number {
  const keepAlive = new KeepAlive(DEFAULT_SCHEDULER_LIMITS);
  for (const gapMs of gapsMs) keepAlive.record(gapMs);
  return keepAlive.ms;
}

test('nothing learned yet: the default', () => {
  assert.equal(learned([]), keepAliveDefaultMs);
  assert.equal(learned([5, 5, 5]), keepAliveDefaultMs);
});

test('a function called all the time is kept for the minimum', () => {
  assert.equal(learned(Array(500).fill(20)), keepAliveMinMs);
});

test('a function called every five minutes is kept a little longer than that', () => {
  const ms = learned(Array(10).fill(5 * MINUTE_MS));
  assert.ok(ms > 5 * MINUTE_MS && ms < 1.42 * 5 * MINUTE_MS, String(ms));
});

test('a function called more rarely than anything is kept costs no memory', () => {
  assert.equal(learned(Array(10).fill(60 * MINUTE_MS)), keepAliveMinMs);
});

test('one long pause in a hundred does not count, a few do', () => {
  const often = Array<number>(396).fill(50);
  assert.equal(learned([...often, ...Array<number>(4).fill(MINUTE_MS)]), keepAliveMinMs);
  assert.ok(learned([...often, ...Array<number>(20).fill(MINUTE_MS)]) > MINUTE_MS);
});

test('an old rhythm is forgotten', () => {
  const changed = [...Array<number>(100).fill(4 * MINUTE_MS), ...Array<number>(20_000).fill(50)];
  assert.equal(learned(changed), keepAliveMinMs);
});

test('it stays within its bounds and covers 99 of 100 gaps that it can cover', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: keepAliveMaxMs - 1, noNaN: true }), { minLength: 4, maxLength: 400 }),
      (gaps) => {
        const ms = learned(gaps);
        assert.ok(ms >= keepAliveMinMs && ms <= keepAliveMaxMs);
        assert.ok(gaps.filter((gap) => gap <= ms).length >= Math.floor(gaps.length * 0.99));
      },
    ),
  );
});

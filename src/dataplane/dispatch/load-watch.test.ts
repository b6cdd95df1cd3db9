import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadWatch } from './load-watch.ts';

/** A machine whose load the test sets; counts how often it was asked. */
function machine(load: number) {
  const state = { load, looks: 0 };
  const watch = new LoadWatch({
    runnablePerCpu: () => {
      state.looks++;
      return state.load;
    },
  });
  return { state, watch };
}

test('the first look decides alone', () => {
  assert.equal(machine(0).watch.saturated(0), false);
  assert.equal(machine(1.5).watch.saturated(0), false);
  assert.equal(machine(1.6).watch.saturated(12345), true);
});

test('it looks no more often than every 10 ms, however often it is asked', () => {
  const { state, watch } = machine(0);
  for (let now = 0; now < 100; now++) watch.saturated(now);
  assert.equal(state.looks, 10);
});

test('one look out of line changes nothing, several in a row do, and back again', () => {
  const { state, watch } = machine(1);
  watch.saturated(0);
  state.load = 2;
  assert.equal(watch.saturated(10), false);
  state.load = 1;
  assert.equal(watch.saturated(20), false);
  state.load = 2;
  const answers = [30, 40, 50, 60, 70].map((now) => watch.saturated(now));
  assert.deepEqual([answers[0], answers.at(-1)], [false, true]);
  state.load = 0;
  assert.deepEqual(
    [80, 90, 100].map((now) => watch.saturated(now)),
    [false, false, false],
  );
});

test('after a pause the past counts no more', () => {
  const { state, watch } = machine(8);
  assert.equal(watch.saturated(0), true);
  state.load = 0;
  assert.equal(watch.saturated(1_000), false);
  state.load = 8;
  assert.equal(watch.saturated(1_005), false, 'too soon for another look');
  assert.equal(watch.saturated(5_000), true);
});

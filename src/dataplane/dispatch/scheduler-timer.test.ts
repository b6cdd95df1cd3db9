import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import type { Scheduler } from '../scheduler/scheduler.ts';
import { SchedulerTimer } from './scheduler-timer.ts';

describe('the timer behind the scheduler’s deadlines', () => {
  const scheduler = {
    deadline: Number.POSITIVE_INFINITY,
    ticks: [] as number[],
    after: Number.POSITIVE_INFINITY,
    nextDeadline: () => scheduler.deadline,
    tick: (now: number) => {
      scheduler.ticks.push(now);
      scheduler.deadline = scheduler.after;
    },
  };
  let timer: SchedulerTimer;
  let set: number;
  const armFor = (deadline: number): void => {
    scheduler.deadline = deadline;
    timer.arm();
  };
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    set = 0;
    const { setTimeout } = globalThis;
    mock.method(globalThis, 'setTimeout', (run: () => void, ms: number) => {
      set++;
      assert.ok(ms >= 0 && ms < 2 ** 31, `a timer of ${ms} ms`);
      return setTimeout(run, ms);
    });
    Object.assign(scheduler, {
      ticks: [],
      deadline: Number.POSITIVE_INFINITY,
      after: Number.POSITIVE_INFINITY,
    });
    timer = new SchedulerTimer(scheduler as unknown as Scheduler, () => Date.now());
  });
  afterEach(() => {
    timer.close();
    mock.restoreAll();
    mock.timers.reset();
  });

  test('ticks at the deadline and not before, and not without one', () => {
    timer.arm();
    assert.equal(set, 0);
    armFor(100);
    mock.timers.tick(99);
    assert.deepEqual(scheduler.ticks, []);
    mock.timers.tick(1);
    assert.deepEqual(scheduler.ticks, [100]);
    mock.timers.tick(10_000);
    assert.deepEqual(scheduler.ticks, [100]);
  });

  test('an earlier deadline is met; a later one sets no timer', () => {
    armFor(100);
    armFor(50);
    assert.equal(set, 2);
    armFor(200);
    assert.equal(set, 2);
    mock.timers.tick(199);
    assert.deepEqual(scheduler.ticks, []);
    mock.timers.tick(1);
    assert.deepEqual(scheduler.ticks, [200]);
  });

  test('a tick that leaves another deadline is followed by a tick then', () => {
    scheduler.after = 30;
    armFor(10);
    mock.timers.tick(10);
    scheduler.after = Number.POSITIVE_INFINITY;
    mock.timers.tick(20);
    assert.deepEqual(scheduler.ticks, [10, 30]);
  });

  test('a deadline in the past is met at once, one beyond what a timer holds in steps', () => {
    mock.timers.tick(50);
    armFor(10);
    mock.timers.tick(0);
    assert.deepEqual(scheduler.ticks, [50]);
    const month = 31 * 86_400_000;
    armFor(month);
    mock.timers.tick(month - 51);
    assert.deepEqual(scheduler.ticks, [50]);
    mock.timers.tick(1);
    assert.deepEqual(scheduler.ticks, [50, month]);
    assert.ok(set <= 4, `${set} timers`);
  });

  test('once closed it never fires', () => {
    armFor(10);
    timer.close();
    armFor(5);
    mock.timers.tick(1_000);
    assert.deepEqual(scheduler.ticks, []);
  });
});

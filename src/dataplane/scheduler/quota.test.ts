import assert from 'node:assert/strict';
import test from 'node:test';
import { Link } from '../../kit/linked-list.ts';
import { type Claimant, Quota } from './quota.ts';

class Demand implements Claimant {
  readonly name: string;
  held: number;
  readonly memoryMb: number;
  called = true;
  blockedSince = 0;
  readonly blockedLink: Link<Claimant> = new Link<Claimant>(this);

  constructor(name: string, held: number, memoryMb = 100) {
    this.name = name;
    this.held = held;
    this.memoryMb = memoryMb;
  }
}

const HOLD_MS = 200;

function lineOf(quota: Quota<Demand>): string {
  return [...quota.inLine()].map((each) => each.name).join(' ');
}

test('those with no instance come before those that want another, provisioned concurrency last', () => {
  const quota = new Quota<Demand>(1, 1_000, HOLD_MS);
  const idle = new Demand('idle', 0);
  idle.called = false;
  for (const demand of [
    idle,
    new Demand('b', 3),
    new Demand('a', 0),
    new Demand('c', 1),
    new Demand('d', 0),
  ]) {
    quota.block(demand, 0);
  }
  assert.equal(lineOf(quota), 'a d b c idle');
});

test('a place in the line is kept, and lost when the line changes', () => {
  const quota = new Quota<Demand>(1, 1_000, HOLD_MS);
  const [a, b] = [new Demand('a', 0), new Demand('b', 0)];
  quota.block(a, 0);
  quota.block(b, 1);
  quota.block(a, 2);
  assert.equal(lineOf(quota), 'a b');
  assert.equal(a.blockedSince, 0);
  a.held = 1;
  quota.block(a, 3);
  assert.equal(lineOf(quota), 'b a');
  quota.unblock(b);
  quota.unblock(b);
  assert.equal(lineOf(quota), 'a');
});

test('it is short until enough is leaving for everybody in the line', () => {
  const quota = new Quota<Demand>(2, 1_000, HOLD_MS);
  quota.take(2, 200);
  quota.block(new Demand('a', 0), 0);
  quota.block(new Demand('b', 0), 0);
  assert.equal(quota.short, true);
  quota.leave(1, 100);
  assert.equal(quota.short, true);
  quota.leave(1, 100);
  assert.equal(quota.short, false);
});

test('it is short of memory too', () => {
  const quota = new Quota<Demand>(100, 1_000, HOLD_MS);
  quota.take(5, 900);
  quota.block(new Demand('a', 0, 300), 0);
  assert.equal(quota.short, true);
  quota.leave(1, 200);
  assert.equal(quota.short, false);
});

test('what is kept can never be had', () => {
  const quota = new Quota<Demand>(3, 1_000, HOLD_MS);
  quota.keep(2, 600);
  assert.equal(quota.couldFit(400), true);
  assert.equal(quota.couldFit(401), false);
  quota.keep(1, 1);
  assert.equal(quota.couldFit(1), false);
});

test('room is held for the first in line a fifth of the time, in turns that double', () => {
  const quota = new Quota<Demand>(100, 1_000, HOLD_MS);
  quota.take(5, 1_000);
  quota.block(new Demand('large', 0, 900), 0);
  const turns: number[] = [];
  let held = 0;
  for (let now = 0; now < 31_000; now++) {
    if (quota.holds(now)) held++;
    if (quota.holds(now) && (now === 0 || !quota.holds(now - 1))) turns.push(now);
  }
  assert.deepEqual(turns, [0, 1_000, 3_000, 7_000, 15_000]);
  assert.equal(held, 31_000 / 5);
});

test('room on its way to the first in line is held whatever the time', () => {
  const quota = new Quota<Demand>(100, 1_000, HOLD_MS);
  quota.take(5, 1_000);
  const large = new Demand('large', 0, 300);
  quota.block(large, 0);
  assert.equal(quota.holds(500), false);
  assert.equal(quota.worthFreeing(100, large, 500), false);
  assert.equal(quota.worthFreeing(300, large, 500), true);
  quota.leave(1, 300);
  assert.equal(quota.holds(500), true);
});

import assert from 'node:assert/strict';
import test from 'node:test';
import { Link } from '../../kit/linked-list.ts';
import { DEFAULT_SCHEDULER_LIMITS } from './limits.ts';
import { PrewarmPool, type Starter } from './prewarm-pool.ts';

class Start implements Starter {
  pending = 0;
  called = true;
  readonly name: string;
  readonly pendingLink: Link<Starter> = new Link<Starter>(this);

  constructor(name: string, called = true) {
    this.name = name;
    this.called = called;
  }
}

const LIMITS = { ...DEFAULT_SCHEDULER_LIMITS, prewarmMin: 2, prewarmMax: 8, prewarmKindIdleMs: 60_000 };
const poolOf = () => new PrewarmPool<Start>({ runtime: 'nodejs24', network: 'full' }, LIMITS);

test('functions get guests in turn, those that only provision after those that are called', () => {
  const pool = poolOf();
  const [quiet, a, b] = [new Start('quiet', false), new Start('a'), new Start('b')];
  for (const start of [quiet, a, a, a, b, b]) pool.expect(start);
  const order: string[] = [];
  for (let start = pool.next(); start !== null; start = pool.next()) {
    order.push(start.name);
    pool.forget(start);
  }
  assert.deepEqual(order, ['a', 'b', 'a', 'b', 'a', 'quiet']);
  assert.equal(pool.pending, 0);
});

test('the target follows the rate of takes, within its bounds, and falls back', () => {
  const pool = poolOf();
  pool.pinned = true;
  assert.equal(pool.target(0), 2);
  let now = 0;
  for (; now < 20_000; now += 200) pool.taken(now);
  assert.equal(pool.target(now), 5);
  for (; now < 40_000; now += 10) pool.taken(now);
  assert.equal(pool.target(now), 8);
  assert.equal(pool.target(now + 60_000), 2);
});

test('a kind that nobody pinned is kept while it is used', () => {
  const pool = poolOf();
  assert.equal(pool.target(0), 0);
  pool.used(1_000);
  assert.equal(pool.target(60_999), 2);
  assert.equal(pool.reviewAt(1_000), 61_000);
  assert.equal(pool.target(61_000), 0);
  pool.pinned = true;
  assert.equal(pool.target(1e9), 2);
  assert.equal(pool.reviewAt(1e9), Number.POSITIVE_INFINITY);
});

import assert from 'node:assert/strict';
import test from 'node:test';
import type { FunctionVersion } from '../../domain/function-version.ts';
import { Stage, type StageCall, versionNamed } from './simulation/stage.ts';

const outcomes = (calls: readonly { outcome: string }[]) => calls.map((call) => call.outcome);

/** Guests boot in 30 ms, load in 2 ms and leave in 5 ms; calls take `serviceMs`. One step is 1 ms. */
class BusyStage extends Stage {
  readonly flying = new Map<StageCall, number>();
  readonly waits = new Map<string, number[]>();
  readonly #since = new Map<number, { state: string; at: number }>();

  step(serviceMs: number): void {
    this.pass(1);
    for (const [id, instance] of this.instances) {
      const since = this.#since.get(id);
      if (since === undefined || since.state !== instance.state) {
        this.#since.set(id, { state: instance.state, at: this.now });
        continue;
      }
      const age = this.now - since.at;
      if (instance.state === 'booting' && age >= 30) this.booted(id);
      else if (instance.state === 'specialising' && age >= 2) this.ready(id);
      else if (instance.state === 'draining' && instance.inUse === 0 && age >= 5) this.gone(id);
    }
    for (const [call, at] of [...this.flying]) {
      if (call.outcome === '') continue;
      if (call.state !== 'assigned') this.flying.delete(call);
      else if (this.now - call.assignedAt >= serviceMs) {
        this.flying.delete(call);
        const name = call.version!.name;
        const waited = call.assignedAt - at;
        this.waits.set(name, [...(this.waits.get(name) ?? []), waited]);
        this.release(call);
      }
    }
  }

  fly(version: FunctionVersion): void {
    this.flying.set(this.call(version), this.now);
  }
}

test("one function's flood on a full node leaves another's latency at a cold start, then at nothing", () => {
  const stage = new BusyStage({ instancesMax: 4 });
  const flood = versionNamed('flood', { queueMax: 1_000, queueTimeoutMs: 60_000 });
  const quiet = versionNamed('quiet');
  for (let at = 0; at < 3_000; at++) {
    stage.fly(flood);
    if (at >= 500 && at % 100 === 0) stage.fly(quiet);
    stage.step(20);
  }
  const waits = stage.waits.get('quiet')!;
  assert.equal(waits.length, 25);
  assert.ok(waits[0]! <= 20 + 5 + 30 + 2 + 5, `the first waited ${waits[0]} ms`);
  assert.deepEqual(waits.slice(1), Array(24).fill(0));
});

test('functions that all flood get equal shares', () => {
  const stage = new BusyStage({ instancesMax: 6 });
  const floods = ['a', 'b', 'c'].map((name) => versionNamed(name, { queueMax: 50 }));
  for (let at = 0; at < 3_000; at++) {
    // The first is twice as loud and comes first.
    stage.fly(floods[0]!);
    if (at > 200) for (const version of floods) stage.fly(version);
    stage.step(10);
  }
  const shares = stage.scheduler.stats().functions.map((each) => each.serving + each.starts);
  assert.deepEqual(shares, [2, 2, 2]);
});

test('more flooding functions than instances take turns, and none waits for ever', () => {
  const stage = new BusyStage({ instancesMax: 2 });
  const floods = Array.from({ length: 6 }, (_, index) => versionNamed(`f${index}`, { queueMax: 20 }));
  for (let at = 0; at < 6_000; at++) {
    if (at % 5 === 0) for (const version of floods) stage.fly(version);
    stage.step(10);
  }
  const served = floods.map((version) => stage.waits.get(version.name)!.length);
  assert.ok(Math.min(...served) * 2 > Math.max(...served), served.join(' '));
  // Five others, two at a time, each for a tenure of 200 ms, a start and a call.
  const longest = Math.max(...[...stage.waits.values()].flat());
  assert.ok(longest < 4 * (200 + 60), `${longest} ms`);
});

test('when the node is full, the longest idle instance of another function makes room', () => {
  const stage = new Stage({ instancesMax: 2 });
  const [a, b, c] = ['a', 'b', 'c'].map((name) => versionNamed(name, { queueMax: 0 }));
  stage.warm(a!);
  stage.pass(10);
  stage.warm(b!);
  void stage.asked;
  const call = stage.call(c!);
  assert.equal(stage.asked, 'drain 1');
  stage.gone(1);
  assert.equal(stage.asked, 'boot 3');
  stage.up(3);
  assert.equal(call.outcome, 'on 3');
});

test('a flood takes no warm instance from a function that lives on one, until it has been idle for a second', () => {
  const stage = new Stage({ instancesMax: 3 });
  const [flood, quiet] = [versionNamed('flood'), versionNamed('quiet')];
  stage.warm(quiet);
  stage.calls(flood, 3);
  stage.up(2, 3);
  stage.pass(999);
  assert.equal(stage.state(1), 'frozen');
  stage.pass(200);
  assert.equal(stage.state(1), 'draining');
});

test('provisioned instances are never given up, and what could only run instead of them is refused', () => {
  const stage = new Stage({ instancesMax: 1 });
  const kept = versionNamed('kept', { provisioned: 1 });
  stage.scheduler.provision(kept, stage.now);
  stage.up(1);
  stage.pass(5_000);
  const call = stage.call(versionNamed('other'));
  assert.match(call.outcome, /^SANDBOX_FAILED/);
  assert.equal(stage.state(1), 'frozen');
});

test('an empty guest of another kind makes room before any instance does', () => {
  const stage = new Stage({ instancesMax: 2, prewarmMin: 1, prewarmMax: 1 });
  stage.scheduler.prewarm({ runtime: 'nodejs24', network: 'full' }, stage.now);
  stage.booted(1);
  stage.warm(versionNamed('warm'));
  stage.pass(500);
  stage.booted(2);
  void stage.asked;
  stage.call(versionNamed('alone', { network: 'none' }));
  assert.equal(stage.asked, 'kill 2');
});

test('limits of a project are its own', () => {
  const stage = new Stage({ projectInstancesMax: 1 });
  const mine = [stage.call(versionNamed('a', {}, 'mine')), stage.call(versionNamed('b', {}, 'mine'))];
  const theirs = stage.call(versionNamed('c', {}, 'theirs'));
  assert.equal(stage.asked, 'boot 1, boot 2');
  stage.up(1, 2);
  assert.deepEqual(outcomes([...mine, theirs]), ['on 1', '', 'on 2']);
  stage.release(mine[0]!);
  assert.equal(stage.state(1), 'draining');
  stage.gone(1);
  stage.up(3);
  assert.equal(mine[1]!.outcome, 'on 3');
});

test('an instance larger than the node is refused at once', () => {
  const stage = new Stage({ memoryMbMax: 1_000 });
  assert.match(stage.call(versionNamed('huge', { memoryMb: 2_000 })).outcome, /^SANDBOX_FAILED/);
  assert.equal(stage.asked, '');
});

test('a large function waits while small ones that fit go on, and gets its room when it can be had', () => {
  const stage = new Stage({ memoryMbMax: 1_024 });
  const [long, small, large] = [
    versionNamed('long', { memoryMb: 512 }),
    versionNamed('small'),
    versionNamed('large', { memoryMb: 768 }),
  ];
  const running = stage.call(long);
  stage.up(1);
  const waiting = stage.call(large);
  // Room is held for the large one a fifth of the time only.
  stage.pass(250);
  const quick = stage.call(small);
  stage.up(2);
  assert.equal(quick.outcome, 'on 2');
  stage.release(quick);
  stage.release(running);
  stage.pass(1_000);
  assert.deepEqual([stage.state(1), stage.state(2)], ['draining', 'draining']);
  stage.gone(1, 2);
  stage.up(3);
  assert.equal(waiting.outcome, 'on 3');
});

test('refill waits until no start is under way and a moment has passed, and calls come first', () => {
  const stage = new Stage({ prewarmMin: 2, prewarmMax: 2 });
  stage.scheduler.prewarm({ runtime: 'nodejs24', network: 'full' }, stage.now);
  assert.equal(stage.asked, 'boot 1');
  stage.booted(1);
  assert.equal(stage.asked, 'boot 2');
  stage.booted(2);
  const call = stage.call(versionNamed('hello'));
  assert.equal(stage.asked, 'specialise 2 as hello');
  stage.pass(5);
  stage.ready(2);
  assert.equal(call.outcome, 'on 2');
  stage.pass(9);
  assert.equal(stage.asked, '');
  stage.pass(1);
  assert.equal(stage.asked, 'boot 3');
});

test('one slow start does not keep the pool empty', () => {
  const stage = new Stage({ prewarmMin: 1, prewarmMax: 1 });
  stage.scheduler.prewarm({ runtime: 'nodejs24', network: 'full' }, stage.now);
  stage.booted(1);
  stage.call(versionNamed('slow'));
  void stage.asked;
  stage.pass(99);
  assert.equal(stage.asked, '');
  stage.pass(1);
  assert.equal(stage.asked, 'boot 2');
});

test('many starts at once boot a few guests at a time', () => {
  const stage = new Stage({ bootsParallelMax: 2 });
  const calls = Array.from({ length: 5 }, (_, index) => stage.call(versionNamed(`f${index}`)));
  assert.equal(stage.asked, 'boot 1, boot 2');
  stage.up(1);
  assert.equal(stage.asked, 'specialise 1 as f0, boot 3');
  stage.up(2, 3, 4, 5);
  assert.deepEqual(outcomes(calls), ['on 1', 'on 2', 'on 3', 'on 4', 'on 5']);
});

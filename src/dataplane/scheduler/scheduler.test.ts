import assert from 'node:assert/strict';
import test from 'node:test';
import { MayflyError } from '../../domain/errors.ts';
import { DEFAULT_SCHEDULER_LIMITS } from './limits.ts';
import { Stage, versionNamed } from './simulation/stage.ts';
import { Ticket } from './ticket.ts';

const { startHoldMs, startHoldMaxMs } = DEFAULT_SCHEDULER_LIMITS;
const machine = new MayflyError('SANDBOX_FAILED', 'The machine refused.');
const outcomes = (calls: readonly { outcome: string }[]) => calls.map((call) => call.outcome);

test('from zero to an instance, reused, frozen, thawed, and back to zero', () => {
  const stage = new Stage();
  const hello = versionNamed('hello');
  const first = stage.call(hello);
  assert.equal(stage.asked, 'boot 1');
  stage.booted(1);
  assert.equal(stage.asked, 'specialise 1 as hello');
  stage.ready(1);
  assert.equal(first.outcome, 'on 1');
  assert.equal(first.instance!.served, 1);
  stage.release(first);

  stage.pass(99);
  assert.equal(stage.call(hello).outcome, 'on 1');
  assert.equal(stage.asked, '');
  stage.gone(1);

  stage.warm(hello);
  assert.equal(stage.asked, 'boot 2, specialise 2 as hello');
  stage.pass(100);
  assert.equal(stage.asked, 'freeze 2');
  const thawed = stage.call(hello);
  assert.equal(stage.asked, 'thaw 2');
  assert.equal(thawed.outcome, 'on 2');
  stage.release(thawed);
  stage.pass(60_000);
  assert.equal(stage.asked, 'freeze 2, thaw 2, drain 2');
  stage.gone(2);
  assert.deepEqual(stage.scheduler.stats().memoryMb, 0);
});

test('a waiting call takes whatever frees first, and a start that comes too late goes idle', () => {
  const stage = new Stage();
  const hello = versionNamed('hello');
  stage.warm(hello);
  const running = stage.call(hello);
  const waiting = stage.call(hello);
  stage.pass(startHoldMaxMs);
  stage.booted(2);
  stage.release(running);
  assert.equal(waiting.outcome, 'on 1');
  stage.ready(2);
  assert.equal(stage.state(2), 'ready');
  assert.equal(stage.call(hello).outcome, 'on 2');
});

test('a call waits for a busy instance that should be back sooner than a start would be done, but no longer', () => {
  const stage = new Stage();
  const quick = versionNamed('quick');
  stage.warm(quick);
  const running = stage.call(quick);
  const [first, second] = [stage.call(quick), stage.call(quick)];
  assert.doesNotMatch(stage.asked, /boot 2/);
  stage.release(running);
  assert.equal(first.outcome, 'on 1');
  stage.pass(startHoldMaxMs);
  assert.equal(stage.asked, 'boot 2');
  stage.release(first);
  assert.equal(second.outcome, 'on 1');
});

test('what the pace observed cannot serve in time gets its starts at once', () => {
  const stage = new Stage();
  const slow = versionNamed('slow');
  const first = stage.call(slow);
  stage.up(1);
  stage.pass(startHoldMs * 10);
  stage.release(first);
  stage.calls(slow, 3);
  assert.match(stage.asked, /boot 2, boot 3$/);
});

test('while the machine is saturated a call waits longer for a busy instance, unless there is none', () => {
  const { startHoldSaturatedMs } = DEFAULT_SCHEDULER_LIMITS;
  const stage = new Stage();
  const [busy, fresh] = [versionNamed('busy'), versionNamed('fresh')];
  const running = stage.call(busy);
  stage.up(1);
  stage.pass(startHoldMs * 10);
  stage.release(running);
  stage.scheduler.saturated(true);
  stage.calls(busy, 3);
  stage.call(fresh);
  assert.match(stage.asked, /specialise 1 as busy, boot 2$/);
  stage.pass(startHoldSaturatedMs);
  assert.equal(stage.asked, 'boot 3, boot 4');
});

test('a saturated machine that has time again gets the starts that were held back', () => {
  const stage = new Stage();
  const busy = versionNamed('busy');
  const running = stage.call(busy);
  stage.up(1);
  stage.pass(startHoldMs * 10);
  stage.release(running);
  stage.scheduler.saturated(true);
  stage.calls(busy, 2);
  stage.scheduler.saturated(false);
  stage.pass(startHoldMaxMs);
  assert.match(stage.asked, /boot 2$/);
});

test('a start without a guest is dropped when its call is cancelled, and the guest waits for the next', () => {
  const stage = new Stage({ prewarmMin: 1, prewarmMax: 1 });
  const hello = versionNamed('hello');
  const [a, b] = [stage.call(hello), stage.call(hello)];
  assert.equal(stage.asked, 'boot 1, boot 2');
  stage.scheduler.cancel(a, stage.now);
  stage.booted(1, 2);
  assert.equal(stage.asked, 'specialise 1 as hello');
  assert.equal(stage.state(2), 'prewarmed');
  stage.ready(1);
  assert.deepEqual(outcomes([a, b]), ['', 'on 1']);
  stage.scheduler.cancel(b, stage.now);
  assert.equal(b.state, 'assigned');
  assert.throws(() => stage.scheduler.submit(a, hello, stage.now), /submitted once/);
});

test('any call is served by whichever guest boots first', () => {
  const stage = new Stage();
  const [a, b] = [stage.call(versionNamed('a')), stage.call(versionNamed('b'))];
  stage.booted(2);
  assert.equal(stage.asked, 'boot 1, boot 2, specialise 2 as a');
  stage.ready(2);
  stage.up(1);
  assert.deepEqual(outcomes([a, b]), ['on 2', 'on 1']);
});

test('slots of one instance are filled before another is started, and the busy before the idle', () => {
  const stage = new Stage();
  const chat = versionNamed('chat', { perInstance: 2 });
  const [a, b, c] = stage.calls(chat, 3);
  assert.equal(stage.asked, 'boot 1, boot 2');
  stage.up(1, 2);
  assert.deepEqual(outcomes([a!, b!, c!]), ['on 1', 'on 1', 'on 2']);
  stage.release(a!);
  stage.release(b!);
  assert.equal(stage.call(chat).outcome, 'on 2');
  assert.equal(stage.call(chat).outcome, 'on 1');
  assert.equal(stage.call(chat).outcome, 'on 1');
  assert.equal(stage.call(chat).outcome, '');
});

test('the last used instance is used next, so that the others can be reaped', () => {
  const stage = new Stage();
  const hello = versionNamed('hello', { keepAliveMs: 1_000 });
  const [a, b] = stage.calls(hello, 2);
  stage.up(1, 2);
  stage.release(b!);
  stage.release(a!);
  for (let count = 0; count < 9; count++) {
    stage.pass(120);
    const call = stage.call(hello);
    assert.equal(call.outcome, 'on 1');
    stage.release(call);
  }
  assert.equal(stage.state(2), 'draining');
  assert.equal(stage.state(1), 'ready');
});

test('a keep-alive of zero ends the instance after its call', () => {
  const stage = new Stage();
  stage.warm(versionNamed('once', { keepAliveMs: 0 }));
  assert.equal(stage.scheduler.nextDeadline(), stage.now);
  stage.pass(0);
  assert.equal(stage.state(1), 'draining');
});

test('the queue is bounded, first come first served, and says when to retry', () => {
  const stage = new Stage();
  const slow = versionNamed('slow', { maxInstances: 1, queueMax: 2, queueTimeoutMs: 500 });
  const first = stage.call(slow);
  stage.up(1);
  stage.pass(800);
  stage.release(first);
  const running = stage.call(slow);
  const [a, b, c] = stage.calls(slow, 3);
  assert.deepEqual(outcomes([a!, b!, c!]), ['', '', 'QUEUE_FULL after 2400']);
  stage.pass(400);
  stage.release(running);
  assert.equal(a!.outcome, 'on 1');
  stage.pass(100);
  assert.match(b!.outcome, /^QUEUE_TIMEOUT after \d+$/);
  assert.equal(stage.scheduler.stats().waiting, 0);
});

test('a call for which an instance is started does not count against the queue', () => {
  const stage = new Stage();
  const eager = versionNamed('eager', { maxInstances: 2, queueMax: 0, queueTimeoutMs: 0 });
  const calls = stage.calls(eager, 3);
  stage.pass(5_000);
  stage.up(1, 2);
  assert.deepEqual(outcomes(calls), ['on 1', 'on 2', 'QUEUE_FULL after 1500']);
});

test('a replaced version ends its idle instances, finishes its calls, and serves those that entered by it', () => {
  const stage = new Stage();
  const [old, next] = [versionNamed('v1', { maxInstances: 2 }), versionNamed('v2')];
  const [a, b, c] = stage.calls(old, 3);
  stage.up(1, 2);
  stage.release(b!);
  stage.release(c!);
  stage.scheduler.provision(next, stage.now);
  stage.scheduler.retire(old.key, stage.now);
  assert.equal(stage.asked, 'boot 1, boot 2, specialise 1 as v1, specialise 2 as v1, drain 2');
  assert.equal(stage.call(next).outcome, '');
  const late = stage.call(old);
  stage.release(a!);
  assert.equal(late.outcome, 'on 1');
  stage.release(late);
  assert.equal(stage.state(1), 'draining');
  stage.gone(1, 2);
  stage.pass(0);
  assert.deepEqual(
    stage.scheduler.stats().functions.map((each) => each.versionKey),
    [next.key],
  );
});

test('provisioned instances are made without a call, kept frozen, made again when they die, and given up by retire', () => {
  const stage = new Stage();
  const ready = versionNamed('ready', { provisioned: 2, keepAliveMs: 1_000 });
  stage.scheduler.provision(ready, stage.now);
  stage.up(1, 2);
  stage.pass(100_000);
  assert.equal(
    stage.asked,
    'boot 1, boot 2, specialise 1 as ready, specialise 2 as ready, freeze 1, freeze 2',
  );
  const calls = stage.calls(ready, 3);
  assert.deepEqual(outcomes(calls), ['on 2', 'on 1', '']);
  stage.up(3);
  for (const call of calls) stage.release(call);
  stage.pass(100_000);
  assert.equal(
    ['ready', 'frozen'].filter((state) => [1, 2, 3].map((id) => stage.state(id)).includes(state)).length,
    1,
  );
  assert.equal(stage.scheduler.stats().functions[0]!.serving, 2);
  const [died] = [...stage.instances.values()].filter((each) => each.state === 'frozen');
  void stage.asked;
  stage.gone(died!.id);
  assert.equal(stage.asked, 'boot 4');
  stage.scheduler.retire(ready.key, stage.now);
  stage.booted(4);
  assert.equal(stage.scheduler.stats().functions[0]!.serving, 0);
});

test('a version that lingers keeps warm instances for calls under way, but none for calls to come', () => {
  const stage = new Stage();
  const ready = versionNamed('ready', { provisioned: 2, keepAliveMs: 1_000 });
  stage.scheduler.provision(ready, stage.now);
  stage.up(1, 2);
  stage.pass(500);
  assert.deepEqual(stage.scheduler.warmth(ready.key, stage.now), { ready: 2, error: null });
  stage.scheduler.linger(ready.key, stage.now);
  void stage.asked;
  const call = stage.call(ready);
  assert.equal(call.outcome, 'on 2');
  stage.release(call);
  stage.pass(400);
  assert.equal(stage.state(2), 'frozen');
  assert.equal(stage.call(ready).outcome, 'on 2');
  stage.pass(200);
  assert.equal(stage.state(1), 'draining');
  stage.gone(1);
  assert.equal(stage.scheduler.warmth(ready.key, stage.now).ready, 1);
  stage.scheduler.provision(ready, stage.now);
  stage.up(3);
  assert.equal(stage.scheduler.warmth(ready.key, stage.now).ready, 2);
  stage.scheduler.linger('never seen', stage.now);
  assert.deepEqual(stage.scheduler.warmth('never seen', stage.now), { ready: 0, error: null });
});

test('a shutdown rejects who waits, lets calls finish, and ends everything else', () => {
  const stage = new Stage({ prewarmMin: 1, prewarmMax: 1 });
  stage.scheduler.prewarm({ runtime: 'nodejs24', network: 'full' }, stage.now);
  stage.booted(1);
  const hello = versionNamed('hello', { maxInstances: 1 });
  const [running, waiting] = stage.calls(hello, 2);
  stage.ready(1);
  stage.pass(1_000);
  stage.booted(2);
  void stage.asked;
  stage.scheduler.drainAll(stage.now);
  assert.equal(waiting!.outcome, 'SHUTTING_DOWN after 0');
  assert.equal(stage.asked, 'kill 2');
  assert.equal(stage.call(hello).outcome, 'SHUTTING_DOWN after 0');
  stage.release(running!);
  assert.equal(stage.asked, 'drain 1');
  stage.gone(1, 2);
  stage.pass(1_000_000);
  assert.equal(stage.asked, '');
  assert.equal(stage.scheduler.stats().memoryMb, 0);
});

test('late and repeated reports are ignored', () => {
  const stage = new Stage();
  const call = stage.call(versionNamed('hello'));
  stage.up(1);
  stage.up(1);
  stage.gone(1);
  stage.gone(1);
  stage.up(1);
  stage.failed(1, machine);
  stage.scheduler.condemn(stage.instances.get(1)!, stage.now);
  stage.release(call);
  stage.scheduler.cancel(call, stage.now);
  stage.scheduler.cancel(new Ticket(), stage.now);
  stage.scheduler.retire('never seen', stage.now);
  assert.equal(stage.asked, 'boot 1, specialise 1 as hello');
  assert.equal(stage.scheduler.stats().memoryMb, 0);
});

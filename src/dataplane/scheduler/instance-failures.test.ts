import assert from 'node:assert/strict';
import test from 'node:test';
import { MayflyError } from '../../domain/errors.ts';
import { DEFAULT_SCHEDULER_LIMITS } from './limits.ts';
import { Stage, versionNamed } from './simulation/stage.ts';

const code = new MayflyError('FUNCTION_INIT_FAILED', 'The code threw while loading.');
const machine = new MayflyError('SANDBOX_FAILED', 'The machine refused.');
const outcomes = (calls: readonly { outcome: string }[]) => calls.map((call) => call.outcome);

test('code that does not load fails the calls that only its start could serve, then all at once for a while', () => {
  const stage = new Stage();
  const broken = versionNamed('broken');
  const [a, b] = stage.calls(broken, 2);
  stage.booted(1, 2);
  stage.failed(1, code);
  assert.deepEqual(outcomes([a!, b!]), ['FUNCTION_INIT_FAILED after 1000', '']);
  stage.failed(2, code);
  assert.equal(b!.outcome, 'FUNCTION_INIT_FAILED after 1000');
  assert.equal(stage.asked, 'boot 1, boot 2, specialise 1 as broken, specialise 2 as broken, kill 1, kill 2');
  stage.pass(400);
  assert.equal(stage.call(broken).outcome, 'FUNCTION_INIT_FAILED after 600');
  assert.equal(stage.asked, '');

  stage.pass(600);
  const probes = stage.calls(broken, 2);
  assert.equal(stage.asked, 'boot 3');
  stage.up(3);
  assert.deepEqual(outcomes(probes), ['on 3', '']);
  assert.equal(stage.asked, 'specialise 3 as broken, boot 4');
});

test('while an instance serves, a failed start fails no call', () => {
  const stage = new Stage();
  const flaky = versionNamed('flaky');
  stage.warm(flaky);
  const running = stage.call(flaky);
  const waiting = stage.call(flaky);
  stage.pass(DEFAULT_SCHEDULER_LIMITS.startHoldMaxMs);
  stage.booted(2);
  stage.failed(2, code);
  assert.equal(waiting.outcome, '');
  stage.release(running);
  assert.equal(waiting.outcome, 'on 1');
  const next = stage.call(flaky);
  stage.gone(1);
  assert.match(next.outcome, /^FUNCTION_INIT_FAILED after/);
});

test('a machine that refuses is tried again, then calls are rejected until it recovers', () => {
  const stage = new Stage();
  const hello = versionNamed('hello');
  const call = stage.call(hello);
  for (const id of [1, 2, 3, 4]) {
    assert.equal(call.outcome, '');
    stage.failed(id, machine);
    stage.pass(id === 4 ? 0 : 500);
  }
  assert.equal(call.outcome, 'SANDBOX_FAILED after 400');
  assert.equal(stage.asked, 'boot 1, kill 1, boot 2, kill 2, boot 3, kill 3, boot 4, kill 4');
  assert.equal(stage.call(hello).outcome, 'SANDBOX_FAILED after 400');
  stage.pass(400);
  const later = stage.call(hello);
  stage.up(5);
  assert.equal(later.outcome, 'on 5');
});

test('an instance that dies busy is replaced for the calls that wait', () => {
  const stage = new Stage();
  const crash = versionNamed('crash', { maxInstances: 1 });
  const [a, b] = stage.calls(crash, 2);
  stage.up(1);
  stage.gone(1);
  stage.release(a!);
  stage.release(a!);
  assert.equal(stage.asked, 'boot 1, specialise 1 as crash, boot 2');
  stage.up(2);
  assert.equal(b!.outcome, 'on 2');
});

test('a condemned instance takes no further call, and its room is free when it has gone', () => {
  const stage = new Stage();
  const stuck = versionNamed('stuck', { maxInstances: 1 });
  const [a, b] = stage.calls(stuck, 2);
  stage.up(1);
  stage.scheduler.condemn(a!.instance!, stage.now);
  stage.release(a!);
  assert.equal(stage.asked, 'boot 1, specialise 1 as stuck, kill 1');
  assert.equal(b!.outcome, '');
  stage.gone(1);
  stage.up(2);
  assert.equal(b!.outcome, 'on 2');
});

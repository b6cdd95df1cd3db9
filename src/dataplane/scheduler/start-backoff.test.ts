import assert from 'node:assert/strict';
import test from 'node:test';
import { MayflyError } from '../../domain/errors.ts';
import { DEFAULT_SCHEDULER_LIMITS } from './limits.ts';
import { StartBackoff } from './start-backoff.ts';

const code = new MayflyError('FUNCTION_INIT_FAILED', 'The code threw while loading.');
const machine = new MayflyError('SANDBOX_FAILED', 'The machine refused.');

test('code that does not load closes for a second, then two, up to thirty', () => {
  const backoff = new StartBackoff(DEFAULT_SCHEDULER_LIMITS);
  const pauses: number[] = [];
  for (let now = 0; pauses.length < 8; now = backoff.retryAt) {
    assert.equal(backoff.closed(now), false);
    backoff.failed(code, now);
    assert.equal(backoff.refusal(now), code);
    pauses.push(backoff.retryAt - now);
  }
  assert.deepEqual(pauses, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test('starts that fail together are one failure', () => {
  const backoff = new StartBackoff(DEFAULT_SCHEDULER_LIMITS);
  for (let count = 0; count < 50; count++) backoff.failed(code, count);
  assert.equal(backoff.retryAt, 1_000);
});

test('the machine is forgiven three times before calls are refused', () => {
  const backoff = new StartBackoff(DEFAULT_SCHEDULER_LIMITS);
  let now = 0;
  for (let count = 0; count < 3; count++) {
    backoff.failed(machine, now);
    assert.equal(backoff.closed(now), true);
    assert.equal(backoff.refusal(now), null);
    now = backoff.retryAt;
  }
  backoff.failed(machine, now);
  assert.equal(backoff.refusal(now), machine);
  assert.equal(backoff.refusal(backoff.retryAt), null);
});

test('after the pause one tries, and its success forgets everything', () => {
  const backoff = new StartBackoff(DEFAULT_SCHEDULER_LIMITS);
  backoff.failed(code, 0);
  assert.equal(backoff.probing, true);
  assert.equal(backoff.closed(1_000), false);
  backoff.succeeded();
  assert.equal(backoff.probing, false);
  backoff.failed(code, 5_000);
  assert.equal(backoff.retryAt, 6_000);
});

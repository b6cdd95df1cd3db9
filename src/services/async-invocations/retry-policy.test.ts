import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ErrorCode } from '../../domain/errors.ts';
import { RETRY_POLICY, type RetryPolicy, settlementOf } from './retry-policy.ts';

const policy: RetryPolicy = { attemptsMax: 3, backoffBaseMs: 100, backoffMaxMs: 1_000, ageMaxMs: 60_000 };
const call = (attempts: number, epoch = attempts, enqueuedAt = 0) => ({ attempts, epoch, enqueuedAt });
const failed = (code: ErrorCode) => ({ code, message: 'no' });

describe('what becomes of a call', () => {
  it('that succeeded: it is done, however late', () => {
    assert.deepEqual(settlementOf(call(9), null, policy, 1e9, 0), { kind: 'done' });
  });

  it('whose code failed: again later and later, then no more', () => {
    const failure = failed('FUNCTION_THREW');
    assert.deepEqual(settlementOf(call(1), failure, policy, 0, 1), {
      kind: 'retry',
      dueAt: 100,
      attempts: 1,
      failure,
    });
    assert.deepEqual(settlementOf(call(2), failure, policy, 0, 1), {
      kind: 'retry',
      dueAt: 200,
      attempts: 2,
      failure,
    });
    assert.deepEqual(settlementOf(call(2), failure, policy, 0, 0), {
      kind: 'retry',
      dueAt: 100,
      attempts: 2,
      failure,
    });
    assert.deepEqual(settlementOf(call(3), failure, policy, 7, 1), { kind: 'dead', at: 7, failure });
  });

  it('that found no room: again, at the cost of no attempt, until it is too old', () => {
    const failure = failed('QUEUE_FULL');
    const retry = settlementOf(call(3, 8), failure, policy, 0, 1);
    assert.deepEqual(retry, { kind: 'retry', dueAt: 1_000, attempts: 2, failure });
    assert.deepEqual(settlementOf(call(3, 8), failure, policy, 59_500, 1), {
      kind: 'dead',
      at: 59_500,
      failure,
    });
  });

  it('whose function is not there: nothing is waited for', () => {
    const failure = failed('NOT_FOUND');
    assert.deepEqual(settlementOf(call(1), failure, policy, 5, 1), { kind: 'dead', at: 5, failure });
  });
});

it('every call comes to an end, whatever happens to it', () => {
  const codes: readonly ErrorCode[] = [
    'FUNCTION_THREW',
    'FUNCTION_TIMEOUT',
    'QUEUE_FULL',
    'SANDBOX_FAILED',
    'INTERNAL',
  ];
  fc.assert(
    fc.property(
      fc.infiniteStream(fc.constantFrom(...codes)),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      fc.infiniteStream(fc.integer({ min: 0, max: 10_000 })),
      (outcomes, jitters, durations) => {
        let [now, epoch, behind, leases] = [0, 0, 0, 0];
        for (;;) {
          const lent = { epoch: ++epoch, attempts: behind + 1, enqueuedAt: 0 };
          now += durations.next().value;
          const code = outcomes.next().value;
          const settled = settlementOf(lent, failed(code), RETRY_POLICY, now, jitters.next().value);
          if (settled.kind !== 'retry') return;
          assert.ok(settled.dueAt > now && settled.dueAt <= now + RETRY_POLICY.backoffMaxMs);
          assert.ok(Number.isInteger(settled.dueAt));
          assert.ok(settled.attempts < RETRY_POLICY.attemptsMax);
          assert.ok(settled.attempts === behind || settled.attempts === behind + 1);
          behind = settled.attempts;
          now = settled.dueAt;
          assert.ok(++leases < 1_000, 'it is tried for ever');
        }
      },
    ),
  );
});

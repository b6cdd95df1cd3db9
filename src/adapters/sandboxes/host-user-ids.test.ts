import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostUserIds } from './host-user-ids.ts';

test('every id of the range is handed out once, from wherever it begins', () => {
  const ids = new HostUserIds(100, 5, 3);
  const taken = Array.from({ length: 5 }, () => ids.take());
  assert.deepEqual(taken, [103, 104, 100, 101, 102]);
  assert.throws(() => ids.take(), { code: 'SANDBOX_FAILED' });
  ids.give(100);
  assert.equal(ids.take(), 100);
  const somewhere = new HostUserIds(100, 5);
  assert.deepEqual(Array.from({ length: 5 }, () => somewhere.take()).sort(), [100, 101, 102, 103, 104]);
});

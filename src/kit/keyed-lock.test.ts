import assert from 'node:assert/strict';
import { it } from 'node:test';
import { KeyedLock } from './keyed-lock.ts';

it('runs tasks of one key in order and of two keys side by side', async () => {
  const lock = new KeyedLock();
  const log: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = lock.run('a', async () => {
    await gate.promise;
    log.push('a1');
  });
  const second = lock.run('a', async () => {
    log.push('a2');
  });
  await lock.run('b', async () => {
    log.push('b1');
  });
  gate.resolve();
  await Promise.all([first, second]);
  assert.deepEqual(log, ['b1', 'a1', 'a2']);
});

it('goes on after a task that failed', async () => {
  const lock = new KeyedLock();
  const failing = lock.run('a', () => Promise.reject(new Error('no')));
  const next = lock.run('a', async () => 'yes');
  await assert.rejects(failing, /no/);
  assert.equal(await next, 'yes');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Semaphore } from './semaphore.ts';

test('runs no more tasks at a time than it has places, in order, whatever becomes of them', async () => {
  const semaphore = new Semaphore(2);
  const started: number[] = [];
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<number>());
  const results = gates.map((gate, index) =>
    semaphore.run(() => {
      started.push(index);
      return gate.promise;
    }),
  );
  assert.deepEqual(started, [0, 1]);
  assert.equal(semaphore.waiting, 2);
  gates[1]!.reject(new Error('broken'));
  await assert.rejects(results[1]!, /broken/);
  assert.deepEqual(started, [0, 1, 2]);
  for (const index of [0, 2, 3]) gates[index]!.resolve(index);
  assert.deepEqual(await Promise.all([results[0], results[2], results[3]]), [0, 2, 3]);
  assert.equal(semaphore.waiting, 0);
});

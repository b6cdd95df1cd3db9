import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { DeadlineHeap } from './deadline-heap.ts';

const itemOf = () => ({ deadline: 0, heapIndex: -1 });

test('it gives out what is due, earliest first, and knows the next', () => {
  const step = fc.tuple(fc.constantFrom('wakeBy', 'remove', 'takeDue'), fc.nat(9), fc.nat(50));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const heap = new DeadlineHeap<ReturnType<typeof itemOf>>();
      const items = Array.from({ length: 10 }, itemOf);
      const model = new Map<ReturnType<typeof itemOf>, number>();
      for (const [name, index, time] of steps) {
        const item = items[index]!;
        if (name === 'wakeBy') {
          heap.wakeBy(item, time);
          model.set(item, Math.min(time, model.get(item) ?? time));
        } else if (name === 'remove') {
          heap.remove(item);
          model.delete(item);
        } else {
          const next = Math.min(...model.values());
          const taken = heap.takeDue(time);
          assert.equal(taken === null, next > time);
          if (taken !== null) {
            assert.equal(model.get(taken), next);
            model.delete(taken);
          }
        }
        assert.equal(heap.next(), Math.min(...model.values()));
        assert.equal(heap.length, model.size);
      }
    }),
  );
});

test('a wish for never is no wish, and a later one postpones nothing', () => {
  const heap = new DeadlineHeap<ReturnType<typeof itemOf>>();
  const item = itemOf();
  heap.wakeBy(item, Number.POSITIVE_INFINITY);
  assert.equal(heap.length, 0);
  heap.wakeBy(item, 5);
  heap.wakeBy(item, 9);
  assert.equal(heap.next(), 5);
});

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Link, LinkedList } from './linked-list.ts';

function itemsOf(list: LinkedList<number>, backwards = false): number[] {
  const items: number[] = [];
  if (backwards) for (let link = list.last; link !== null; link = link.prev) items.unshift(link.item);
  else for (let link = list.first; link !== null; link = link.next) items.push(link.item);
  return items;
}

test('it does what an array does', () => {
  const step = fc.tuple(fc.constantFrom('push', 'unshift', 'remove', 'shift'), fc.nat(9));
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const list = new LinkedList<number>();
      const links = Array.from({ length: 10 }, (_, item) => new Link(item));
      let model: number[] = [];
      for (const [name, item] of steps) {
        const link = links[item]!;
        if (name === 'shift') assert.equal(list.shift(), model.shift() ?? null);
        else if (name === 'remove') {
          assert.equal(list.remove(link), model.includes(item));
          model = model.filter((each) => each !== item);
        } else if (!model.includes(item)) {
          list[name as 'push' | 'unshift'](link);
          model[name as 'push' | 'unshift'](item);
        }
        assert.deepEqual(itemsOf(list), model);
        assert.deepEqual(itemsOf(list, true), model);
        assert.equal(list.length, model.length);
      }
    }),
  );
});

test('a link stands in one list at a time', () => {
  const [one, other] = [new LinkedList<string>(), new LinkedList<string>()];
  const link = new Link('a');
  one.push(link);
  assert.throws(() => other.push(link), /stands in a list/);
  assert.throws(() => one.unshift(link), /stands in a list/);
  assert.equal(other.remove(link), false);
  assert.equal(one.remove(link), true);
  other.push(link);
  assert.equal(other.first, link);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OpenStreams } from './open-streams.ts';

/** Few numbers with the same places as others, and the largest there are. */
const STREAM = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: 1, max: 40 }).map((number) => number * 1_024),
  fc.integer({ min: 0xffffffe0, max: 0xffffffff }),
);
const STEP = fc.tuple(fc.constantFrom('set', 'delete'), STREAM);

test('it holds what a Map holds, whatever came and went', () => {
  fc.assert(
    fc.property(fc.array(STEP, { maxLength: 300 }), (steps) => {
      const open = new OpenStreams<string>();
      const model = new Map<number, string>();
      for (const [at, [step, stream]] of steps.entries()) {
        if (step === 'set') {
          open.set(stream, `${at}`);
          model.set(stream, `${at}`);
        } else {
          assert.equal(open.delete(stream), model.delete(stream));
        }
        assert.equal(open.size, model.size);
        for (const number of [stream, stream + 1, stream - 1]) {
          if (number === 0) continue;
          assert.equal(open.get(number), model.get(number));
          assert.equal(open.has(number), model.has(number));
        }
      }
      for (const [stream, item] of model) assert.equal(open.get(stream), item);
      assert.deepEqual(open.all().sort(), [...model.values()].sort());
      open.clear();
      assert.deepEqual([open.size, open.all()], [0, []]);
    }),
  );
});
